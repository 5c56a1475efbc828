"""Mails about tax numbers that only a person can check."""

from zoneinfo import ZoneInfo

from portal.accounts.models import Organisation, TaxNumberCheck
from portal.accounts.selectors import billing_emails
from portal.kit.urls import absolute
from portal.notifications.services import queue_mail
from portal.vendor.models import VendorProfile


def mail_number_to_check(organisation: Organisation, check: TaxNumberCheck) -> None:
    """Ask finance to check a number, once for each; before there is a vendor nothing is sold."""
    vendor = VendorProfile.objects.first()
    if vendor is None:
        return
    queue_mail(
        kind="tax_number_to_check",
        recipients=[vendor.finance_email],
        context={
            "organisation_name": organisation.legal_name,
            "country_name": str(organisation.country.name),
            "number": check.number,
            "desk_url": absolute(f"/admin/accounts/organisation/?q={organisation.public_id}"),
        },
        time_zone=vendor.zone,
        organisation_id=organisation.public_id,
        subject_id=organisation.public_id,
        once_key=f"tax-number:{organisation.public_id}:{check.country}:{check.number}",
    )


def mail_number_checked(organisation: Organisation, check: TaxNumberCheck) -> None:
    """Tell who gets the organisation's documents that it can order now."""
    queue_mail(
        kind="tax_number_checked",
        recipients=billing_emails(organisation),
        context={"organisation_name": organisation.legal_name, "number": check.number},
        time_zone=ZoneInfo(organisation.time_zone),
        organisation_id=organisation.public_id,
        subject_id=organisation.public_id,
        once_key=f"tax-number-checked:{organisation.public_id}:{check.country}:{check.number}",
    )
