"""Organisations: made at sign-up, kept up to date by their owners."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from django.db import transaction

from portal.accounts.errors import UnknownCurrency
from portal.accounts.models import Membership, Organisation, Role, TaxNumberCheck, User
from portal.accounts.places import CURRENCIES, guess_currency, guess_time_zone
from portal.accounts.services.tax_mails import mail_number_checked, mail_number_to_check
from portal.accounts.services.validation import one_line, refuse_invalid
from portal.accounts.tax_numbers import CheckedNumber, check_number_of
from portal.audit.services import Actor, record_event
from portal.kit import clock


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationProfile:
    """What an owner may change about an organisation; `country` is ISO 3166-1 alpha-2."""

    kind: str
    legal_name: str
    country: str
    address_line_1: str = ""
    address_line_2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    vat_number: str = ""
    default_purchase_order: str = ""
    purchase_order_required: bool = False
    time_zone: str = "UTC"
    currency: str = "GBP"

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Return an organisation's present profile, to `dataclasses.replace` a part of."""
        values = {field.name: getattr(organisation, field.name) for field in fields(cls)}
        return cls(**{**values, "country": str(organisation.country)})


PROFILE_FIELDS = tuple(field.name for field in fields(OrganisationProfile))


@transaction.atomic
def create_organisation(
    *,
    owner: User,
    kind: str,
    legal_name: str,
    country: str,
    vat_number: str = "",
    actor: Actor,
) -> Organisation:
    """Make an organisation with its first owner; time zone and currency follow its country.

    Raises Invalid, and TaxNumberInvalid for a number that fails its check; then nothing is stored.
    """
    profile = OrganisationProfile(
        kind=kind,
        legal_name=legal_name,
        country=country,
        vat_number=vat_number,
        time_zone=guess_time_zone(country, seen=owner.time_zone),
        currency=guess_currency(country),
    )
    organisation = Organisation(created_at=clock.now())
    check = _apply(organisation, profile, check_number=True)
    organisation.save()
    Membership.objects.create(
        organisation=organisation, user=owner, role=Role.OWNER, joined_at=clock.now()
    )
    _keep_evidence(organisation, check)
    record_event(
        action="organisation.created",
        subject_id=organisation.public_id,
        actor=actor,
        organisation_id=organisation.public_id,
        data={"owner": owner.public_id, "kind": kind, "country": country},
    )
    return organisation


@transaction.atomic
def update_organisation(
    *, organisation: Organisation, profile: OrganisationProfile, actor: Actor
) -> Organisation:
    """Change an organisation's profile; a VAT number is checked when it or its country changes.

    Raises Invalid, UnknownCurrency and TaxNumberInvalid; then nothing is stored. Issued documents
    keep the name and address that they were issued with.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = OrganisationProfile.of(organisation)
    check_number = _number_of(profile) != _number_of(before)
    check = _apply(organisation, profile, check_number=check_number)
    changes = _changes(before, OrganisationProfile.of(organisation))
    if not changes:
        return organisation
    organisation.save(update_fields=list(changes))
    _keep_evidence(organisation, check)
    record_event(
        action="organisation.updated",
        subject_id=organisation.public_id,
        actor=actor,
        organisation_id=organisation.public_id,
        data=changes,
    )
    return organisation


@transaction.atomic
def set_sign_in_policy(
    *, organisation: Organisation, second_factor_required: bool, actor: Actor
) -> Organisation:
    """Ask the members of an organisation for a second factor, or stop asking."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.second_factor_required == second_factor_required:
        return organisation
    organisation.second_factor_required = second_factor_required
    organisation.save(update_fields=["second_factor_required"])
    record_event(
        action="organisation.sign_in_policy_changed",
        subject_id=organisation.public_id,
        actor=actor,
        organisation_id=organisation.public_id,
        data={"second_factor_required": second_factor_required},
    )
    return organisation


@transaction.atomic
def record_staff_check(
    *, organisation: Organisation, passed: bool, detail: str, actor: Actor
) -> TaxNumberCheck:
    """Keep what staff found out about an organisation's number, for instance from a register.

    The customer is told of a number that passed: it may have waited with its order.
    """
    check = TaxNumberCheck(
        organisation=organisation,
        number=organisation.vat_number,
        country=str(organisation.country),
        passed=passed,
        source=TaxNumberCheck.Source.STAFF,
        detail=one_line(detail),
        checked_at=clock.now(),
    )
    refuse_invalid(check, fields=["number", "detail"])
    check.save()
    record_event(
        action="organisation.tax_number_checked",
        subject_id=organisation.public_id,
        actor=actor,
        organisation_id=organisation.public_id,
        data={"number": check.number, "passed": passed, "detail": check.detail},
    )
    if passed:
        mail_number_checked(organisation, check)
    return check


def _apply(
    organisation: Organisation, profile: OrganisationProfile, *, check_number: bool
) -> CheckedNumber | None:
    """Put a profile on an unsaved organisation, and check its tax number if that is due."""
    for name, value in asdict(profile).items():
        setattr(organisation, name, one_line(value) if isinstance(value, str) else value)
    refuse_invalid(organisation, fields=[f for f in PROFILE_FIELDS if f != "vat_number"])
    if profile.currency not in CURRENCIES:
        raise UnknownCurrency(field="currency", data={"currency": profile.currency})
    if not check_number:
        return None
    check = check_number_of(kind=profile.kind, number=profile.vat_number, country=profile.country)
    if check is not None:
        organisation.vat_number = check.number
    return check


def _number_of(profile: OrganisationProfile) -> tuple[str, str, str]:
    """What the check of a number depends on."""
    return profile.kind, profile.country, profile.vat_number


def _keep_evidence(organisation: Organisation, check: CheckedNumber | None) -> None:
    """Keep what the check said; staff are asked where it could say nothing."""
    if check is None:
        return
    kept = TaxNumberCheck.objects.create(
        organisation=organisation,
        number=check.number,
        country=check.country,
        passed=check.passed,
        source=TaxNumberCheck.Source.FORMAT,
        detail=check.detail,
        checked_at=clock.now(),
    )
    if not kept.passed:
        mail_number_to_check(organisation, kept)


def _changes(before: OrganisationProfile, after: OrganisationProfile) -> dict[str, Any]:
    old, new = asdict(before), asdict(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}
