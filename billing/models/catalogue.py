"""What is sold: price versions with tiers, support plans, tax rules, terms, exchange rates."""

from enum import StrEnum
from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.domain.pricing import Tier
from licensing.models import Product
from portal.kit.ids import new_public_id


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


class Price(models.Model):
    """One version of a product's price in one currency, good in `[effective_from, effective_to)`.

    Sold once, it never changes: staff end it and write the next one.
    """

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

    def tier_values(self) -> tuple[Tier, ...]:
        """Return the tiers as the pure rules take them, ascending; prefetch `tiers` for lists."""
        rows = sorted(self.tiers.all(), key=lambda tier: tier.from_quantity)
        return tuple(Tier(row.from_quantity, row.unit_amount) for row in rows)


class PriceTier(models.Model):
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


class SupportPlan(models.Model):
    """A support level priced as a share of the whole licence fee, never per user."""

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


class TaxRule(models.Model):
    """A rate for a customer's country and kind, good in `[valid_from, valid_to)`."""

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
        ]

    def __str__(self) -> str:
        return f"{self.customer_country or '*'} {self.customer_kind} {self.rate_basis_points}"


class TermsVersion(models.Model):
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
