"""What is sold: price versions with tiers, support plans, tax rules, terms, exchange rates."""

from enum import StrEnum
from functools import partial
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.domain import tax
from billing.domain.orders import OrderStatus
from billing.domain.pricing import Tier
from billing.models.versions import AlreadySold, FrozenOnceUsed, Version
from licensing.models import Product
from portal.kit import clock
from portal.kit.errors import Invalid
from portal.kit.formatting import format_percent
from portal.kit.ids import new_public_id
from portal.kit.money import exponent

# A draft or a discarded order binds nobody, so it freezes nothing.
NOT_SOLD = (OrderStatus.DRAFT, OrderStatus.DISCARDED)


class TierBasis(StrEnum):
    HOLDING = "holding"
    ORDER = "order"


class ProrataPolicy(StrEnum):
    MONTHLY = "monthly"
    DAILY = "daily"


TIER_BASIS_LABELS = {
    TierBasis.HOLDING: _("The total that the customer then holds"),
    TierBasis.ORDER: _("The quantity of the order"),
}
PRORATA_LABELS = {
    ProrataPolicy.MONTHLY: _("By started months"),
    ProrataPolicy.DAILY: _("By days"),
}


class Price(Version):
    """One version of a product's price in one currency, good in `[effective_from, effective_to)`.

    Sold once, it never changes: staff end it and write the next one.
    """

    FREE_FIELDS: ClassVar[frozenset[str]] = frozenset({"effective_to"})
    START_FIELD: ClassVar[str] = "effective_from"
    END_FIELD: ClassVar[str] = "effective_to"
    SAME_FIELDS: ClassVar[tuple[str, ...]] = ("product_id", "currency")

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "prc")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="prices")
    currency = models.CharField(_("currency"), max_length=3)
    effective_from = models.DateField(_("effective from"))
    effective_to = models.DateField(_("effective until before"), null=True, blank=True)
    tier_basis = models.CharField(
        _("tier by"), max_length=10, choices=list(TIER_BASIS_LABELS.items())
    )
    tax_inclusive = models.BooleanField(_("prices include tax"), default=False)
    prorata_policy = models.CharField(
        _("pro-rata"),
        max_length=10,
        choices=list(PRORATA_LABELS.items()),
        default=ProrataPolicy.MONTHLY,
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["product", "currency", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "currency", "effective_from"], name="price_starts_once"
            ),
            models.CheckConstraint(
                condition=models.Q(effective_to=None)
                | models.Q(effective_to__gt=models.F("effective_from")),
                name="price_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.currency} {self.effective_from}"

    def is_used(self) -> bool:
        """Say whether a placed order refers to it."""
        return not self._state.adding and self.orders.exclude(status__in=NOT_SOLD).exists()

    def check_rules(self) -> None:
        exponent(self.currency)
        super().check_rules()

    def tier_values(self) -> tuple[Tier, ...]:
        """Return the tiers as the pure rules take them, ascending; prefetch `tiers` for lists."""
        rows = sorted(self.tiers.all(), key=lambda tier: tier.from_quantity)
        return tuple(Tier(row.from_quantity, row.unit_amount) for row in rows)


class PriceTier(FrozenOnceUsed):
    """From so many on, each costs so much; in minor units of the price's currency."""

    price = models.ForeignKey(Price, models.CASCADE, related_name="tiers")
    from_quantity = models.PositiveIntegerField(_("from"))
    unit_amount = models.PositiveBigIntegerField(_("unit price in minor units"))

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["price", "from_quantity"]
        constraints = [
            models.UniqueConstraint(fields=["price", "from_quantity"], name="tier_once"),
            models.CheckConstraint(
                condition=models.Q(from_quantity__gte=1, unit_amount__gte=1), name="tier_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity}+ {self.unit_amount}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_used():
            raise AlreadySold
        return super().delete(*args, **kwargs)

    def is_used(self) -> bool:
        """Say whether its price was sold: then no tier is changed, added or taken away."""
        return self.price.is_used()

    def check_rules(self) -> None:
        if (self._state.adding or self.changed_fields()) and self.is_used():
            raise AlreadySold


class SupportPlan(FrozenOnceUsed):
    """A support level priced as a share of the whole licence fee, never per user.

    Sold once, its share stays: staff make it unavailable and write another plan.
    """

    FREE_FIELDS: ClassVar[frozenset[str]] = frozenset({"name", "summary", "available"})

    product = models.ForeignKey(Product, models.PROTECT, related_name="support_plans")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    basis_points = models.PositiveIntegerField(
        _("share of the licence fee in hundredths of a percent")
    )
    available = models.BooleanField(_("can be chosen"), default=True)

    class Meta:
        verbose_name = _("support plan")
        verbose_name_plural = _("support plans")
        ordering = ["product", "basis_points"]
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="support_plan_once"),
            models.CheckConstraint(
                condition=models.Q(basis_points__lte=10_000), name="support_plan_at_most_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_used(self) -> bool:
        """Say whether a placed order refers to it."""
        return self.orders.exclude(status__in=NOT_SOLD).exists()


class TaxRule(Version):
    """A rate for a customer's country and kind, good in `[valid_from, valid_to)`."""

    FREE_FIELDS: ClassVar[frozenset[str]] = frozenset({"valid_to"})
    START_FIELD: ClassVar[str] = "valid_from"
    END_FIELD: ClassVar[str] = "valid_to"
    SAME_FIELDS: ClassVar[tuple[str, ...]] = (
        "vendor_country",
        "customer_country",
        "customer_kind",
    )

    class Category(models.TextChoices):
        """Categories of EN 16931 (UNCL5305)."""

        STANDARD = "S", _("Standard rate")
        ZERO = "Z", _("Zero rate")
        EXEMPT = "E", _("Exempt")
        REVERSE_CHARGE = "AE", _("Reverse charge")
        EXPORT = "G", _("Export")
        OUTSIDE = "O", _("Outside the scope")

    vendor_country = models.CharField(_("vendor’s country"), max_length=2)
    customer_country = models.CharField(
        _("customer’s country"),
        max_length=2,
        blank=True,
        help_text=_("Empty: every other country."),
    )
    customer_kind = models.CharField(
        _("customer’s kind"),
        max_length=10,
        choices=[("business", _("Business")), ("private", _("Private person"))],
    )
    rate_basis_points = models.PositiveIntegerField(_("rate in hundredths of a percent"))
    category = models.CharField(_("category"), max_length=2, choices=Category.choices)
    needs_evidence = models.BooleanField(
        _("needs a tax number that passed its check"), default=False
    )
    note = models.CharField(_("note printed on documents"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until before"), null=True, blank=True)

    class Meta:
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax rules")
        ordering = ["vendor_country", "customer_country", "customer_kind", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor_country", "customer_country", "customer_kind", "valid_from"],
                name="tax_rule_starts_once",
            ),
            models.CheckConstraint(
                condition=models.Q(rate_basis_points__lte=10_000), name="tax_rule_at_most_whole"
            ),
            # Only the standard category has a rate, and it always has one (EN 16931, BR-S-5…).
            models.CheckConstraint(
                condition=models.Q(category="S", rate_basis_points__gt=0)
                | (~models.Q(category="S") & models.Q(rate_basis_points=0)),
                name="tax_rule_rate_fits_category",
            ),
        ]

    def __str__(self) -> str:
        country = self.customer_country or gettext("other countries")
        rate = format_percent(self.rate_basis_points)
        return f"{country}, {self.get_customer_kind_display()}: {rate}"

    def is_used(self) -> bool:
        """Say whether a placed order refers to it."""
        return self.orders.exclude(status__in=NOT_SOLD).exists()

    def check_rules(self) -> None:
        if (self.category == self.Category.STANDARD) != (self.rate_basis_points > 0):
            raise Invalid(
                _("The standard rate, and no other category, has a rate above zero."),
                code="rate_does_not_fit_category",
            )
        super().check_rules()

    def rule_value(self) -> tax.TaxRule:
        """Return the rule as the pure rules take it."""
        return tax.TaxRule(
            vendor_country=self.vendor_country,
            customer_country=self.customer_country or None,
            customer_kind=tax.CustomerKind(self.customer_kind),
            rate_basis_points=self.rate_basis_points,
            category=tax.TaxCategory(self.category),
            needs_evidence=self.needs_evidence,
            note=self.note,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class TermsVersion(FrozenOnceUsed):
    """The standard terms as accepted by version at each order; published once, never changed."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="terms_versions")
    version = models.CharField(_("version"), max_length=20)
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("in force from"))

    class Meta:
        verbose_name = _("terms version")
        verbose_name_plural = _("terms versions")
        ordering = ["product", "-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="terms_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.version}"

    def is_used(self) -> bool:
        """Say whether it was accepted, or could be: buyers may be reading it."""
        published_at = self._stored().get("published_at")
        return published_at is not None and published_at <= clock.now()


class ExchangeRate(models.Model):
    """One unit of `currency` in the vendor's currency on a day, for the VAT on documents."""

    currency = models.CharField(_("currency"), max_length=3)
    vendor_currency = models.CharField(_("vendor’s currency"), max_length=3)
    day = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    source = models.CharField(_("source"), max_length=100)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-day", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "vendor_currency", "day"], name="exchange_rate_once"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency}/{self.vendor_currency} {self.day}"
