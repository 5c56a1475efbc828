"""What staff do to the price list: write a version, end one. What was sold never changes."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from billing.domain.pricing import Tier, check_tiers
from billing.models import Price, PriceTier, TaxRule
from billing.models.catalogue import ProrataPolicy, TierBasis
from billing.models.versions import EndsInThePast
from licensing.models import Product
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.vendor.selectors import vendor_today


def is_sold(price: Price) -> bool:
    """Say whether a placed order refers to the price, so that it can only be ended."""
    return price.is_used()


def check_price_tiers(*, product: Product, tiers: Iterable[Tier]) -> None:
    """Raise InvalidTiers unless the tiers ascend from the product's minimum, above zero."""
    ordered = sorted(tiers, key=_from_quantity)
    check_tiers(ordered, product.minimum_quantity)


@transaction.atomic
def publish_price(
    *,
    product: Product,
    currency: str,
    effective_from: date,
    tiers: Sequence[Tier],
    tier_basis: TierBasis,
    actor: Actor,
    effective_to: date | None = None,
    tax_inclusive: bool = False,
    prorata_policy: ProrataPolicy = ProrataPolicy.MONTHLY,
) -> Price:
    """Write the next version of a price; the one in force without an end stops where it starts.

    Unit prices are minor units of `currency` for a full term. A version starts today (the
    vendor's) or later, so that no order of yesterday is explained by a price of today. Raises
    InvalidTiers, UnknownCurrency, EndsInThePast and OverlappingVersions.
    """
    _require_not_past(effective_from, "effective_from")
    Product.objects.select_for_update().get(pk=product.pk)
    check_price_tiers(product=product, tiers=tiers)
    for previous in _open_before(product, currency, effective_from):
        end_price(price=previous, effective_to=effective_from, actor=actor)
    price = Price.objects.create(
        product=product,
        currency=currency,
        effective_from=effective_from,
        effective_to=effective_to,
        tier_basis=tier_basis,
        tax_inclusive=tax_inclusive,
        prorata_policy=prorata_policy,
    )
    for tier in tiers:
        PriceTier.objects.create(
            price=price, from_quantity=tier.from_quantity, unit_amount=tier.unit_amount
        )
    _record("price.published", price, actor)
    return price


@transaction.atomic
def end_price(*, price: Price, effective_to: date, actor: Actor) -> Price:
    """Let a price end before the day `effective_to`, today (the vendor's) or later.

    Raises EndsInThePast.
    """
    price = Price.objects.select_for_update().get(pk=price.pk)
    _require_not_past(effective_to, "effective_to")
    price.effective_to = effective_to
    price.save(update_fields=["effective_to"])
    _record("price.ended", price, actor)
    return price


@transaction.atomic
def end_tax_rule(*, rule: TaxRule, valid_to: date, actor: Actor) -> TaxRule:
    """Let a tax rule end before the day `valid_to`, today (the vendor's) or later.

    Without a rule that follows, orders from such customers are refused. Raises EndsInThePast.
    """
    rule = TaxRule.objects.select_for_update().get(pk=rule.pk)
    _require_not_past(valid_to, "valid_to")
    rule.valid_to = valid_to
    rule.save(update_fields=["valid_to"])
    record_event(
        action="tax_rule.ended",
        subject_id=str(rule),
        actor=actor,
        data={"valid_to": valid_to.isoformat()},
    )
    return rule


def _open_before(product: Product, currency: str, day: date) -> QuerySet[Price]:
    return Price.objects.filter(
        product=product, currency=currency, effective_from__lt=day, effective_to=None
    )


def _require_not_past(day: date, field: str) -> None:
    if day < vendor_today(clock.now()):
        raise EndsInThePast(field=field)


def _record(action: str, price: Price, actor: Actor) -> None:
    record_event(
        action=action,
        subject_id=price.public_id,
        actor=actor,
        data={
            "currency": price.currency,
            "effective_from": price.effective_from.isoformat(),
            "effective_to": price.effective_to.isoformat() if price.effective_to else None,
        },
    )


def _from_quantity(tier: Tier) -> int:
    return tier.from_quantity
