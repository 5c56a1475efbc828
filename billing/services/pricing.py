"""What a purchase costs now: every rule of the sum applied once, nothing stored."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from billing.domain import tax
from billing.domain.amounts import AmountsRequest, compute_amounts
from billing.domain.pricing import Offer, Tier, cheaper_larger_quantity, check_quantity, unit_amount
from billing.domain.totals import OrderAmounts, Period
from billing.models import Price, SupportPlan, TaxRule
from billing.selectors.catalogue import currencies_of, price_in_force, tax_rules
from licensing.domain.terms import term_end
from licensing.models import Product
from portal.accounts.models import Organisation
from portal.accounts.selectors import latest_passed_check
from portal.kit.errors import Conflict, Invalid, NotAllowed, gettext_noop
from portal.kit.money import exponent
from portal.vendor.models import VendorProfile
from portal.vendor.selectors import get_vendor, vendor_today

START_DAYS_AHEAD: Final = 90
ANNUAL: Final = "annual"
REFUSED_PERIODS: Final = frozenset({"monthly", "quarterly"})


class NotOnSale(Conflict):
    """The product is priced, and not sold yet or any more."""

    code = "not_on_sale"
    default_message = _("This product is not on sale at the moment.")


class NoPrice(Invalid):
    """The product has no price in this currency today."""

    code = "no_price"
    default_message = _("This product is not sold in %(currency)s.")


class BusinessesOnly(NotAllowed):
    """The product is sold to businesses, and the customer is a private person."""

    code = "businesses_only"
    default_message = _("This product is sold to businesses only.")


class TaxNumberUnchecked(tax.TaxEvidenceMissing):
    """The number is one that only staff can check, and they have not said yet."""

    code = "tax_number_unchecked"
    default_message = gettext_noop(
        "Our staff check your tax number first, usually within one working day. We write to you "
        "when it is done, and then you can order."
    )


class InvalidPurchase(Invalid):
    """Something else that was asked for is not sold; the code says what."""


@dataclass(frozen=True, slots=True)
class PurchasePrice:
    """What a purchase costs, and all that its order keeps of the reasons.

    A visitor's tax is unknown: then `tax_rule` is None and the amounts hold no tax. `ends_on` is
    exclusive, None for a perpetual licence. `offer` is a larger quantity that costs less.
    """

    price: Price
    support_plan: SupportPlan | None
    amounts: OrderAmounts
    tax_rule: TaxRule | None
    tax_evidence: dict[str, Any]
    offer: Offer | None
    starts_on: date
    ends_on: date | None
    key_due_at: datetime

    @property
    def is_tax_known(self) -> bool:
        """Say whether the amounts hold the tax that this customer pays."""
        return self.tax_rule is not None


def price_purchase(
    *,
    product: Product,
    currency: str,
    quantity: int | str,
    support_plan: SupportPlan | None,
    organisation: Organisation | None,
    starts_on: date | None,
    now: datetime,
    vendor: VendorProfile | None = None,
) -> PurchasePrice:
    """Return what a first purchase costs at `now`, for an organisation or for a visitor.

    `quantity` may be as typed. The term starts on `starts_on`, by default today in the vendor's
    zone, and lasts a year. Raises NotOnSale, BusinessesOnly, UnknownCurrency, NoPrice,
    InvalidQuantity, InvalidPurchase, NoTaxRule, TaxEvidenceMissing and TaxNumberUnchecked; stores
    nothing.
    """
    vendor = vendor or get_vendor()
    today = vendor_today(now, vendor)
    check_buyer(product=product, organisation=organisation)
    number = check_quantity(quantity, product.minimum_quantity)
    check_support_plan(product=product, support_plan=support_plan)
    starts_on = check_start(wanted=starts_on, today=today)
    price = _price(product, currency, today)
    rule, evidence = _tax(vendor, organisation, today)
    tiers = price.tier_values()
    term = Period(starts_on, term_end(starts_on)) if product.is_annual else None
    return PurchasePrice(
        price=price,
        support_plan=support_plan,
        amounts=_amounts(product, price, tiers, number, support_plan, rule, term),
        tax_rule=rule,
        tax_evidence=evidence,
        offer=cheaper_larger_quantity(tiers, number),
        starts_on=starts_on,
        ends_on=term.ends_on if term else None,
        key_due_at=vendor.calendar().due_at(now, product.promise_business_days),
    )


def check_billing_period(period: str) -> None:
    """Refuse any billing period but a year (the vendor's purchasing FAQ: annual billing only)."""
    if period in REFUSED_PERIODS:
        raise InvalidPurchase(
            _("Billing is annual only: there are no monthly or quarterly payments."),
            code="annual_only",
            field="billing_period",
        )
    if period != ANNUAL:
        raise InvalidPurchase(
            _("Please choose annual billing."),
            code="unknown_billing_period",
            field="billing_period",
        )


def check_buyer(*, product: Product, organisation: Organisation | None) -> None:
    """Raise NotOnSale or BusinessesOnly where this customer cannot buy this product now."""
    if not product.on_sale:
        raise NotOnSale
    if organisation is not None and product.businesses_only and not organisation.is_business:
        raise BusinessesOnly


def check_support_plan(*, product: Product, support_plan: SupportPlan | None) -> None:
    """Refuse a plan of another product, and one that can no longer be chosen."""
    if support_plan is None:
        return
    if support_plan.product_id != product.pk or not support_plan.available:
        raise InvalidPurchase(
            _("This support plan is not offered for this product."),
            code="unknown_support_plan",
            field="support_plan",
        )


def check_start(*, wanted: date | None, today: date) -> date:
    """Return the first day of the term: the wanted one, today to 90 days ahead, or today."""
    if wanted is None:
        return today
    if wanted < today:
        raise InvalidPurchase(
            _("The first day cannot be in the past."), code="start_in_the_past", field="starts_on"
        )
    if wanted > today + timedelta(days=START_DAYS_AHEAD):
        raise InvalidPurchase(
            _("The first day can be at most %(days)s days ahead."),
            code="start_too_far_ahead",
            field="starts_on",
            data={"days": START_DAYS_AHEAD},
        )
    return wanted


def latest_evidence(organisation: Organisation) -> dict[str, Any]:
    """Return the latest passed check of the tax number in use, as stored evidence; or nothing."""
    check = latest_passed_check(organisation)
    if check is None:
        return {}
    return {
        "number": check.number,
        "country": check.country,
        "source": check.source,
        "checked_at": check.checked_at.isoformat(),
    }


def _price(product: Product, currency: str, today: date) -> Price:
    exponent(currency)
    price = price_in_force(product, currency, today)
    if price is None:
        sold_in = currencies_of(product, today)
        raise NoPrice(field="currency", data={"currency": currency, "currencies": sold_in})
    return price


def _tax(
    vendor: VendorProfile, organisation: Organisation | None, today: date
) -> tuple[TaxRule | None, dict[str, Any]]:
    if organisation is None:
        return None, {}
    evidence = latest_evidence(organisation)
    try:
        return _rule(vendor, organisation, today, has_evidence=bool(evidence)), evidence
    except tax.TaxEvidenceMissing:
        if organisation.vat_number:
            raise TaxNumberUnchecked from None
        raise


def _rule(
    vendor: VendorProfile, organisation: Organisation, today: date, *, has_evidence: bool
) -> TaxRule:
    rows = {row.rule_value(): row for row in tax_rules(today)}
    rule = tax.choose_rule(
        rows,
        vendor_country=str(vendor.country),
        customer_country=str(organisation.country),
        customer_kind=tax.CustomerKind(organisation.kind),
        on=today,
        has_evidence=has_evidence,
    )
    return rows[rule]


def _amounts(
    product: Product,
    price: Price,
    tiers: tuple[Tier, ...],
    quantity: int,
    support_plan: SupportPlan | None,
    rule: TaxRule | None,
    term: Period | None,
) -> OrderAmounts:
    request = AmountsRequest(
        product_name=product.name,
        currency=price.currency,
        quantity=quantity,
        unit_amount=unit_amount(tiers, quantity),
        tax_rule=rule.rule_value() if rule else _tax_unknown(),
        term=term,
        support_basis_points=support_plan.basis_points if support_plan else 0,
        support_name=support_plan.name if support_plan else "",
        tax_inclusive=price.tax_inclusive,
    )
    return compute_amounts(request)


def _tax_unknown() -> tax.TaxRule:
    """Return a rule for sums that are shown before tax, never stored: 0 % is no answer to tax."""
    return tax.TaxRule("", None, tax.CustomerKind.BUSINESS, 0, tax.TaxCategory.OUTSIDE_SCOPE)
