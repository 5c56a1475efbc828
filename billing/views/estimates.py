"""The sum beside a purchase form: priced, or with the sentence that says why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from billing.domain.pricing import Tier
from billing.domain.tax import NoTaxRule, TaxEvidenceMissing
from billing.forms import OrganisationPurchaseForm, PurchaseForm, Shelf
from billing.selectors import currencies_of, support_plans_of
from billing.services.pricing import ANNUAL, PurchasePrice, price_purchase
from licensing.models import Product
from portal.accounts.forms import add_domain_error
from portal.accounts.models import Organisation
from portal.kit import clock
from portal.kit.dates import ShownDue
from portal.kit.errors import DomainError
from portal.vendor.models import VendorProfile


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the choice costs. `tax_problem` is a sentence where the tax is not known, else empty."""

    priced: PurchasePrice
    due: ShownDue
    tier: Tier
    tier_ends: int | None
    tax_problem: str = ""


def shelf_of(product: Product, today: date) -> Shelf:
    """Return what can be chosen for a product on the vendor's date; two queries."""
    return Shelf(
        product=product,
        currencies=currencies_of(product, today),
        plans=list(support_plans_of(product)),
        today=today,
    )


def choice(given: Mapping[str, Any], shelf: Shelf, *, currency: str) -> dict[str, Any]:
    """Return what was given, with what a new form starts from where nothing was.

    Only where it is sold: else the first currency that the product has a price in.
    """
    if currency not in shelf.currencies and shelf.currencies:
        currency = shelf.currencies[0]
    start = {
        "quantity": str(shelf.product.minimum_quantity),
        "currency": currency,
        "billing_period": ANNUAL,
        "support_plan": "",
        "starts_on": shelf.today.isoformat(),
    }
    return start | {name: given[name] for name in given}


def estimate(
    form: PurchaseForm, *, vendor: VendorProfile, organisation: Organisation | None = None
) -> Estimate | None:
    """Price what a form asks for; None with sentences on the form where that is refused.

    Where the customer's tax is not known yet, the sum is that before tax, and says why.
    """
    if not form.is_valid():
        return None
    try:
        return _priced(form, vendor, organisation)
    except DomainError as error:
        add_domain_error(form, error)
        return None


def _priced(
    form: PurchaseForm, vendor: VendorProfile, organisation: Organisation | None
) -> Estimate:
    now = clock.now()
    try:
        return _estimate(_price(form, organisation, vendor, now), vendor)
    except (NoTaxRule, TaxEvidenceMissing) as problem:
        return _estimate(_price(form, None, vendor, now), vendor, problem.sentence(gettext))


def _price(
    form: PurchaseForm, organisation: Organisation | None, vendor: VendorProfile, now: datetime
) -> PurchasePrice:
    starts_on = form.wanted_start if isinstance(form, OrganisationPurchaseForm) else None
    return price_purchase(
        product=form.shelf.product,
        currency=form.cleaned_data["currency"],
        quantity=form.cleaned_data["quantity"],
        support_plan=form.plan,
        organisation=organisation,
        starts_on=starts_on,
        now=now,
        vendor=vendor,
    )


def _estimate(priced: PurchasePrice, vendor: VendorProfile, tax_problem: str = "") -> Estimate:
    quantity = priced.amounts.lines[0].quantity
    tiers = priced.price.tier_values()
    later = [tier.from_quantity for tier in tiers if tier.from_quantity > quantity]
    return Estimate(
        priced=priced,
        due=vendor.calendar().shown_due(priced.key_due_at),
        tier=max((t for t in tiers if t.from_quantity <= quantity), key=_starts),
        tier_ends=min(later) - 1 if later else None,
        tax_problem=tax_problem,
    )


def _starts(tier: Tier) -> int:
    return tier.from_quantity
