"""Tax rules with their dates, and the exchange rates that documents state."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.catalogue import EndForm, FrozenAdmin
from billing.admin.fields import clean_currency
from billing.models import ExchangeRate, TaxRule
from billing.services.catalogue import end_tax_rule
from portal.accounts.access import actor_of
from portal.audit.staff import AuditedAdmin
from portal.kit.admin import choices_filter
from portal.kit.admin_columns import day, last_day, percent
from portal.kit.staff_actions import StaffActionsAdmin, staff_action


class TaxRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_vendor_country(self) -> str:
        return str(self.cleaned_data["vendor_country"]).upper()

    def clean_customer_country(self) -> str:
        return str(self.cleaned_data["customer_country"]).upper()


def has_no_end(rule: TaxRule) -> bool:
    return rule.valid_to is None


@admin.register(TaxRule)
class TaxRuleAdmin(FrozenAdmin, StaffActionsAdmin):
    """No matching rule refuses the order, so a missing rule is found at once."""

    form = TaxRuleForm
    list_display = (
        "rule",
        "customer_kind",
        percent("rate_basis_points", _("Rate")),
        "category",
        "needs_evidence",
        day("valid_from", _("From")),
        last_day("valid_to", _("Last day")),
    )
    list_filter = (choices_filter("customer_kind"), choices_filter("category"))
    search_fields = ("vendor_country", "customer_country", "note")
    fieldsets = (
        (
            _("Who"),
            {"fields": (("vendor_country", "customer_country"), "customer_kind", "needs_evidence")},
        ),
        (
            _("What"),
            {
                "fields": (
                    ("rate_basis_points", "category"),
                    "note",
                    ("valid_from", "valid_to"),
                )
            },
        ),
    )
    staff_actions = ("end",)

    @admin.display(description=_("Vendor → customer"), ordering="customer_country")
    def rule(self, rule: TaxRule) -> str:
        return f"{rule.vendor_country} → {rule.customer_country or gettext('every other country')}"

    @staff_action(
        label=_("End this rule"),
        permission="billing.change_taxrule",
        form=EndForm,
        explain=_("Without a rule that follows, orders of such customers are refused."),
        when=has_no_end,
    )
    def end(self, request: HttpRequest, rule: TaxRule, data: Mapping[str, Any]) -> str:
        end_tax_rule(rule=rule, valid_to=data["ends_before"], actor=actor_of(request))
        return gettext("The rule has an end.")


class ExchangeRateForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])

    def clean_vendor_currency(self) -> str:
        return clean_currency(self.cleaned_data["vendor_currency"])


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AuditedAdmin):
    """Documents keep the rate that they were issued with, whatever is changed here later."""

    form = ExchangeRateForm
    list_display = ("currency", "vendor_currency", day("day", _("Day")), "rate", "source")
    list_filter = ("currency",)
    search_fields = ("currency", "source")
    fields = (("currency", "vendor_currency"), ("day", "rate"), "source")
