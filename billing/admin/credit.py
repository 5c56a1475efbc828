"""Who may buy on account, and up to which limit: finance's and sales' decision."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.admin.columns import CUSTOMER
from billing.admin.fields import AmountInput, clean_amount, clean_currency
from billing.models import CreditTerms
from portal.audit.staff import AuditedAdmin
from portal.kit import clock
from portal.kit.admin_columns import moment, money
from portal.kit.formatting import format_amount

CHANGED = moment("changed_at", _("Changed"))


class CreditTermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limit is typed in major units of the currency beside it."""

    limit = AmountInput(label=_("Limit of what the customer may owe"))

    class Meta:
        model = CreditTerms
        fields = ("organisation", "allowed", "currency", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            terms = self.instance
            self.initial["limit"] = format_amount(terms.limit_amount, terms.currency)

    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"limit", "currency"} <= set(data):
            try:
                self.instance.limit_amount = self._limit(data["limit"], data["currency"])
            except ValidationError as error:
                self.add_error("limit", error)
        return data

    def _limit(self, text: str, currency: str) -> int:
        limit = clean_amount(text, currency)
        if limit < 0:
            raise ValidationError(_("A limit is zero or more."))
        return limit


@admin.register(CreditTerms)
class CreditTermsAdmin(AuditedAdmin):
    form = CreditTermsForm
    list_display = (CUSTOMER, "allowed", money("limit_amount", _("Limit")), "note", CHANGED)
    list_display_links = ("allowed",)
    list_filter = ("allowed", "currency")
    list_select_related = ("organisation",)
    search_fields = ("organisation__legal_name", "=organisation__public_id")
    autocomplete_fields = ("organisation",)
    fields = ("organisation", "allowed", ("currency", "limit"), "note", CHANGED)
    readonly_fields: tuple[Any, ...] = (CHANGED,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return self.readonly_fields if obj is None else (*self.readonly_fields, "organisation")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.changed_at = clock.now()
        super().save_model(request, obj, form, change)
