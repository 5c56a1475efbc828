"""Who may get a key before paying, and which ways to pay are offered."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from billing.models import CreditTerms
from billing.models.order import PayBy
from billing.selectors.money import not_yet_invoiced, owed_by, owes_overdue
from billing.services.snapshots import transfer_is_offered
from portal.accounts.models import Organisation
from portal.kit.errors import DomainError, Invalid, NotAllowed
from portal.vendor.models import VendorProfile


class NoCredit(NotAllowed):
    """The organisation may not buy this on account."""

    code = "no_credit"
    default_message = _("Your organisation does not buy on account. Please pay first.")


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is to be paid: `gross` in minor units of `currency`."""

    organisation: Organisation
    currency: str
    gross: int


def check_credit(*, purchase: Purchase, today: date) -> None:
    """Raise NoCredit unless staff allow the organisation to owe this much more, nothing overdue.

    Owed are the open balances, and the orders on account whose invoice still follows. In a
    transaction that places the order: the terms are locked, so that two orders at once do not
    both count on the same limit.
    """
    terms = CreditTerms.objects.select_for_update().filter(organisation=purchase.organisation)
    _check_terms(terms.first(), purchase, today)


def check_way_to_pay(
    *, pay_by: str, purchase: Purchase, vendor: VendorProfile, today: date
) -> None:
    """Raise an error unless this purchase can be paid this way: Invalid or NoCredit."""
    if pay_by == PayBy.ON_ACCOUNT:
        check_credit(purchase=purchase, today=today)
    elif pay_by == PayBy.TRANSFER:
        _require_account(vendor, purchase.currency)
    elif pay_by != PayBy.CARD:
        raise Invalid(_("Please choose how to pay."), code="unknown_way_to_pay", field="pay_by")


def refused_ways(
    *, purchase: Purchase, vendor: VendorProfile, today: date
) -> dict[PayBy, DomainError]:
    """Return the ways that this purchase cannot be paid, each with its reason; locks nothing."""
    refused: dict[PayBy, DomainError] = {}
    terms = CreditTerms.objects.filter(organisation=purchase.organisation).first()
    try:
        _check_terms(terms, purchase, today)
    except NoCredit as refusal:
        refused[PayBy.ON_ACCOUNT] = refusal
    try:
        _require_account(vendor, purchase.currency)
    except Invalid as refusal:
        refused[PayBy.TRANSFER] = refusal
    return refused


def offered_ways(*, purchase: Purchase, vendor: VendorProfile, today: date) -> list[PayBy]:
    """Return the ways to pay that a review page offers for this purchase."""
    refused = refused_ways(purchase=purchase, vendor=vendor, today=today)
    return [way for way in PayBy if way not in refused]


def _check_terms(terms: CreditTerms | None, purchase: Purchase, today: date) -> None:
    if terms is None or not terms.allowed or terms.currency != purchase.currency:
        raise NoCredit
    if owes_overdue(purchase.organisation, today):
        raise NoCredit(_("An invoice is overdue. Please pay it first, or pay this order now."))
    if _would_owe(purchase) > terms.limit_amount:
        raise NoCredit(_("This is above the limit of your account. Please pay first."))


def _would_owe(purchase: Purchase) -> int:
    organisation, currency = purchase.organisation, purchase.currency
    owed = owed_by(organisation, currency)
    return owed + not_yet_invoiced(organisation, currency) + purchase.gross


def _require_account(vendor: VendorProfile, currency: str) -> None:
    if not transfer_is_offered(vendor, currency):
        raise Invalid(
            _("A bank transfer is not possible in %(currency)s. Please pay online."),
            code="transfer_not_offered",
            field="pay_by",
            data={"currency": currency},
        )
