"""Customers: their profile goes through the same service as on their own pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.accounts.access import actor_of
from portal.accounts.models import (
    BillingContact,
    Invitation,
    Membership,
    Organisation,
    TaxNumberCheck,
)
from portal.accounts.places import CURRENCIES
from portal.accounts.selectors import member_count
from portal.accounts.services.organisations import (
    OrganisationProfile,
    record_staff_check,
    update_organisation,
)
from portal.accounts.tax_numbers import check_number_of
from portal.kit.admin import (
    PortalAdmin,
    RadioSelect,
    ReadOnlyInline,
    TextInput,
    choices_filter,
)
from portal.kit.admin_columns import moment
from portal.kit.errors import DomainError
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checks the tax number where it or its country changes, as the customer's own page does."""

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency not in CURRENCIES:
            raise forms.ValidationError(gettext("We do not sell in this currency."))
        return currency

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"vat_number", "country", "kind"} & set(self.changed_data):
            try:
                check_number_of(
                    kind=str(data.get("kind", "")),
                    number=str(data.get("vat_number", "")),
                    country=str(data.get("country", "")),
                )
            except DomainError as error:
                self.add_error("vat_number", error.sentence(gettext))
        return data


class TaxCheckForm(StaffForm):
    passed = forms.TypedChoiceField(
        label=_("Result"),
        choices=[("yes", _("The number is the customer’s")), ("no", _("It is not"))],
        coerce=lambda value: value == "yes",
        widget=RadioSelect,
    )
    detail = forms.CharField(
        label=_("Where this was seen"),
        max_length=200,
        help_text=_("For instance the register’s name and its reference."),
        widget=TextInput,
    )


class MembershipInline(ReadOnlyInline):
    model = Membership
    verbose_name_plural = _("Members")
    fields = ("user", "role", moment("joined_at", _("Joined")))
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")  # type: ignore[no-any-return]


class InvitationInline(ReadOnlyInline):
    model = Invitation
    verbose_name_plural = _("Invitations")
    fields = (
        "email",
        "role",
        moment("created_at", _("Invited")),
        moment("expires_at", _("Valid until")),
        moment("accepted_at", _("Accepted")),
        moment("withdrawn_at", _("Withdrawn")),
    )
    readonly_fields = fields


class BillingContactInline(ReadOnlyInline):
    model = BillingContact
    verbose_name_plural = _("Billing contacts")
    fields = ("email", "name", "is_shared_mailbox")
    readonly_fields = fields


class TaxNumberCheckInline(ReadOnlyInline):
    model = TaxNumberCheck
    verbose_name_plural = _("Tax number checks")
    fields = (
        moment("checked_at", _("Checked")),
        "number",
        "country",
        "passed",
        "source",
        "detail",
    )
    readonly_fields = fields


SINCE = moment("created_at", _("Since"))


def has_tax_number(organisation: Organisation) -> bool:
    return bool(organisation.vat_number)


@admin.register(Organisation)
class OrganisationAdmin(StaffActionsAdmin, PortalAdmin):
    """Organisations are made at sign-up; their members are run by their owners."""

    form = OrganisationForm
    list_display = (
        "legal_name",
        "kind",
        "country",
        "currency",
        "vat_number",
        "members",
        SINCE,
    )
    list_filter = (choices_filter("kind"), "currency")
    search_fields = (
        "legal_name",
        "vat_number",
        "=public_id",
        "memberships__user__email",
        "billing_contacts__email",
    )
    search_help_text = _("A name, a tax number, an id or an e-mail address")
    readonly_fields = ("public_id", SINCE, "second_factor_required")
    fieldsets = (
        (None, {"fields": (("legal_name", "kind"), ("country", "vat_number"))}),
        (
            _("Address"),
            {
                "fields": (
                    ("address_line_1", "address_line_2"),
                    ("city", "postcode", "region"),
                )
            },
        ),
        (
            _("Buying"),
            {
                "fields": (
                    ("currency", "time_zone"),
                    ("default_purchase_order", "purchase_order_required"),
                )
            },
        ),
        (
            _("For reference"),
            {"fields": ("public_id", SINCE, "second_factor_required")},
        ),
    )
    inlines = (MembershipInline, InvitationInline, BillingContactInline, TaxNumberCheckInline)
    staff_actions = ("check_tax_number",)
    summary_template = "desk/organisation.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        organisations: QuerySet[Organisation] = super().get_queryset(request)
        return organisations.annotate(member_count=member_count())

    @admin.display(description=_("Members"))
    def members(self, organisation: Organisation) -> int:
        return int(organisation.member_count)  # type: ignore[attr-defined]

    def get_summary(self, request: HttpRequest, obj: Organisation) -> dict[str, Any]:
        return {"organisation": obj}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        update_organisation(
            organisation=obj, profile=OrganisationProfile.of(obj), actor=actor_of(request)
        )

    @staff_action(
        label=_("Record a tax number check"),
        permission="accounts.check_tax_number",
        form=TaxCheckForm,
        when=has_tax_number,
    )
    def check_tax_number(
        self, request: HttpRequest, organisation: Organisation, data: Mapping[str, Any]
    ) -> str:
        record_staff_check(
            organisation=organisation,
            passed=data["passed"],
            detail=data["detail"],
            actor=actor_of(request),
        )
        return gettext("The check is kept as evidence.")
