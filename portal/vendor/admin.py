"""The vendor's own settings: one row, with its bank accounts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit.staff import AuditedAdmin
from portal.kit.admin import StackedInline
from portal.kit.errors import DomainError
from portal.kit.money import exponent
from portal.vendor.models import BankAccount, VendorProfile


class BankAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        try:
            exponent(currency)
        except DomainError as error:
            raise ValidationError(error.sentence(gettext)) from error
        return currency


class BankAccountInline(StackedInline):  # type: ignore[misc]
    model = BankAccount
    form = BankAccountForm
    extra = 0
    fields = (
        ("currency", "account_name", "bank_name"),
        ("iban", "bic"),
        ("sort_code", "account_number"),
    )


@admin.register(VendorProfile)
class VendorAdmin(AuditedAdmin):
    inlines = (BankAccountInline,)
    fieldsets = (
        (
            _("Company"),
            {
                "fields": (
                    "legal_name",
                    "address_lines",
                    "country",
                    ("vat_number", "company_number"),
                    "website",
                    "currency",
                    "logo_svg",
                )
            },
        ),
        (
            _("Addresses of its desks"),
            {
                "fields": (
                    ("sales_email", "support_email"),
                    ("licence_desk_email", "finance_email"),
                )
            },
        ),
        (
            _("Working hours"),
            {
                "description": _("The promised business day is counted in these."),
                "fields": (
                    "time_zone",
                    ("opens_at", "closes_at"),
                    ("holiday_country", "holiday_subdivision"),
                    "extra_holidays",
                ),
            },
        ),
        (_("Terms"), {"fields": (("payment_days", "pro_forma_days", "due_soon_hours"),)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not VendorProfile.objects.exists()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one row, so its page is the list."""
        if self.has_view_or_change_permission(request) and VendorProfile.objects.exists():
            return redirect(reverse("admin:vendor_vendorprofile_change", args=[1]))
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
