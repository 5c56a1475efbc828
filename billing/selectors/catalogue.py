"""What is sold on a day, at which price and tax. Days are the vendor's."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from billing.models import ExchangeRate, Price, SupportPlan, TaxRule, TermsVersion
from licensing.models import Product

# An older rate no longer says what the VAT is worth on the day of a document.
EXCHANGE_RATE_DAYS: Final = 7


def price_in_force(product: Product, currency: str, on: date) -> Price | None:
    """Return the price version of that day, with its tiers; two queries."""
    return _in_force(on).filter(product=product, currency=currency).first()


def prices_in_force(on: date) -> list[Price]:
    """Return every product's prices of that day, all currencies; three queries, however many.

    Each comes with its product, its tiers and the product's support plans.
    """
    prices = _in_force(on).select_related("product")
    return list(
        prices.prefetch_related("product__support_plans").order_by("product__name", "currency")
    )


def currencies_of(product: Product, on: date) -> list[str]:
    """Return the currencies in which the product is priced on that day; one query."""
    currencies = _in_force(on).filter(product=product).order_by("currency")
    return list(currencies.values_list("currency", flat=True).distinct())


def support_plans_of(product: Product) -> QuerySet[SupportPlan]:
    """Return the support plans that a buyer may choose, cheapest first."""
    return SupportPlan.objects.filter(product=product, available=True).order_by("basis_points")


def terms_in_force(product: Product, now: datetime) -> TermsVersion | None:
    """Return the latest terms published by `now`; one query."""
    published = TermsVersion.objects.filter(product=product, published_at__lte=now)
    return published.order_by("-published_at", "-pk").first()


def tax_rules(on: date) -> list[TaxRule]:
    """Return the tax rules of that day; one query."""
    return list(TaxRule.objects.filter(_until_after("valid_to", on), valid_from__lte=on))


def exchange_rate_on(currency: str, vendor_currency: str, on: date) -> ExchangeRate | None:
    """Return the latest rate of that day or before, none older than a week; one query."""
    rate = latest_exchange_rate(currency, vendor_currency, on)
    if rate is None or rate.day < on - timedelta(days=EXCHANGE_RATE_DAYS):
        return None
    return rate


def latest_exchange_rate(currency: str, vendor_currency: str, on: date) -> ExchangeRate | None:
    """Return the latest rate of that day or before, however old; one query."""
    rates = ExchangeRate.objects.filter(
        currency=currency, vendor_currency=vendor_currency, day__lte=on
    )
    return rates.order_by("-day").first()


def _in_force(on: date) -> QuerySet[Price]:
    prices = Price.objects.filter(_until_after("effective_to", on), effective_from__lte=on)
    return prices.prefetch_related("tiers").order_by("-effective_from")


def _until_after(field: str, on: date) -> Q:
    """Without an end, or with one after the day: the end is exclusive."""
    return Q(**{field: None}) | Q(**{f"{field}__gt": on})
