"""Prices with their tiers, support plans and terms: written by staff, frozen once sold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.fields import AmountInput, clean_amount, clean_currency, shown_amount
from billing.domain.pricing import Tier
from billing.models import Price, PriceTier, SupportPlan, TermsVersion
from billing.models.versions import FrozenOnceUsed
from billing.services.catalogue import check_price_tiers, end_price
from portal.accounts.access import actor_of
from portal.audit.staff import AuditedAdmin
from portal.kit import clock
from portal.kit.admin import DateInput, TabularInline
from portal.kit.admin_columns import day, last_day, moment, percent
from portal.kit.errors import DomainError
from portal.kit.formatting import format_money
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action
from portal.vendor.selectors import vendor_today


class FrozenAdmin(AuditedAdmin):
    """Base of the catalogue's admins: a row that was used shows its free fields alone as fields."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        shown = tuple(super().get_readonly_fields(request, obj))
        if not isinstance(obj, FrozenOnceUsed) or not obj.is_used():
            return shown
        names = [field.name for field in self.opts.fields if field.editable]
        return (*shown, *(name for name in names if name not in obj.FREE_FIELDS))


class TierForm(forms.ModelForm):  # type: ignore[type-arg]
    """A tier whose price is typed in major units of the price's currency."""

    unit_price = AmountInput(label=_("Unit price for a full term"))

    class Meta:
        model = PriceTier
        fields = ("from_quantity",)

    def __init__(self, *args: Any, price: Price, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.price = price
        if self.instance.pk:
            self.initial["unit_price"] = shown_amount(self.instance.unit_amount, price.currency)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "unit_price" in data and self.price.currency:
            try:
                self.instance.unit_amount = clean_amount(data["unit_price"], self.price.currency)
            except ValidationError as error:
                self.add_error("unit_price", error)
        return data


class TierFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The tiers together: ascending, and from the product's minimum."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "price": self.instance}

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.instance.product_id:
            return
        kept = [form for form in self.forms if form not in self.deleted_forms]
        rows = [form.instance for form in kept if form.has_changed() or form.instance.pk]
        if any(row.unit_amount is None for row in rows):
            # The currency is wrong, so the price has its own error.
            return
        try:
            check_price_tiers(
                product=self.instance.product,
                tiers=[Tier(row.from_quantity, row.unit_amount) for row in rows],
            )
        except DomainError as error:
            raise ValidationError(error.sentence(gettext), code=error.code) from error


class TierInline(TabularInline):  # type: ignore[misc]
    model = PriceTier
    form = TierForm
    formset = TierFormSet
    fields = ("from_quantity", "unit_price")
    extra = 0
    min_num = 1
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_unsold(obj) and request.user.has_perm("billing.change_price")

    has_change_permission = has_add_permission
    has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.view_price")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Without its form, a sold price's tiers show the stored amount."""
        if self.has_change_permission(request, obj):
            return self.fields
        return ("from_quantity", "price_shown")

    readonly_fields = ("price_shown",)

    @admin.display(description=_("Unit price for a full term"))
    def price_shown(self, tier: PriceTier) -> str:
        return format_money(tier.unit_amount, tier.price.currency)


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])

    def clean_effective_from(self) -> date:
        """No order of yesterday is explained by a price that was written today."""
        starts_on: date = self.cleaned_data["effective_from"]
        if "effective_from" in self.changed_data and starts_on < vendor_today(clock.now()):
            raise ValidationError(gettext("A price starts today or later."))
        return starts_on


class EndForm(StaffForm):
    ends_before = forms.DateField(
        label=_("Good until before"),
        help_text=_("The first day on which it is no longer in force; today or later."),
        widget=DateInput,
    )


def _is_unsold(price: Price | None) -> bool:
    return price is None or not price.is_used()


def has_no_end(price: Price) -> bool:
    return price.effective_to is None


@admin.register(Price)
class PriceAdmin(FrozenAdmin, StaffActionsAdmin):
    """A price version. Sold once, it can only be ended and followed by the next one."""

    form = PriceForm
    list_display = (
        "product",
        "currency",
        day("effective_from", _("From")),
        last_day("effective_to", _("Last day")),
        "tiers_shown",
        "tier_basis",
    )
    list_filter = ("product", "currency")
    list_select_related = ("product",)
    search_fields = ("product__name", "currency", "=public_id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("product", "currency"),
                    ("effective_from", "effective_to"),
                    ("tier_basis", "prorata_policy"),
                    "tax_inclusive",
                )
            },
        ),
    )
    inlines = (TierInline,)
    staff_actions = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        prices: QuerySet[Price] = super().get_queryset(request)
        return prices.select_related("product").prefetch_related("tiers")

    @admin.display(description=_("Tiers"))
    def tiers_shown(self, price: Price) -> str:
        tiers = price.tier_values()
        return ", ".join(
            f"{tier.from_quantity}+: {format_money(tier.unit_amount, price.currency)}"
            for tier in tiers
        )

    @staff_action(
        label=_("End this price"),
        permission="billing.change_price",
        form=EndForm,
        explain=_(
            "From that day on the product is not sold in this currency, unless another version "
            "follows. What was sold keeps this price."
        ),
        when=has_no_end,
    )
    def end(self, request: HttpRequest, price: Price, data: Mapping[str, Any]) -> str:
        end_price(price=price, effective_to=data["ends_before"], actor=actor_of(request))
        return gettext("The price has an end.")


@admin.register(SupportPlan)
class SupportPlanAdmin(FrozenAdmin):
    list_display = ("name", "product", percent("basis_points", _("Share")), "available")
    list_filter = ("product", "available")
    list_select_related = ("product",)
    search_fields = ("name", "code")
    fields = (("product", "code"), ("name", "available"), "summary", "basis_points")


@admin.register(TermsVersion)
class TermsVersionAdmin(FrozenAdmin):
    list_display = ("version", "product", moment("published_at", _("In force from")))
    list_filter = ("product",)
    list_select_related = ("product",)
    search_fields = ("version", "text")
    fields = (("product", "version"), "published_at", "text")
