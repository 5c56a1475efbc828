"""Products, agreements and licences. The queue of key requests is the desk's, as it knows money."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from licensing.domain.statuses import AgreementStatus, LicenceStatus
from licensing.models import Agreement, Licence, Product, SeatLedgerEntry, Term
from licensing.services.keys import reinstate_licence, revoke_licence, suspend_licence
from portal.accounts.access import actor_of
from portal.audit.staff import AuditedAdmin
from portal.kit.admin import ReadOnlyAdmin, ReadOnlyInline, Textarea, choices_filter
from portal.kit.admin_columns import customer, day, last_day, moment, related, status
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action

LICENCE_TONES = {
    LicenceStatus.ACTIVE: "success",
    LicenceStatus.SUSPENDED: "warning",
    LicenceStatus.REVOKED: "danger",
}
AGREEMENT_TONES = {
    AgreementStatus.ACTIVE: "success",
    AgreementStatus.SUSPENDED: "warning",
    AgreementStatus.LAPSED: "warning",
    AgreementStatus.CANCELLED: "danger",
}
CUSTOMER = customer("organisation", _("Customer"))
CUSTOMER_OF_AGREEMENT = customer("agreement__organisation", _("Customer"))
AGREEMENT = related("agreement", _("Agreement"), "licensing_agreement")


@admin.register(Product)
class ProductAdmin(AuditedAdmin):
    list_display = ("name", "slug", "metric", "term_kind", "minimum_quantity", "on_sale")
    search_fields = ("name", "slug")
    readonly_fields = ("public_id",)
    fieldsets = (
        (None, {"fields": (("name", "slug"), "summary", "description", "on_sale")}),
        (
            _("How it is counted"),
            {"fields": (("metric", "term_kind"), ("minimum_quantity", "businesses_only"))},
        ),
        (
            _("Keys"),
            {
                "fields": (
                    ("promise_business_days", "issue_automatically"),
                    ("grace_days", "overlap_days"),
                    "key_in_mail",
                    "install_step",
                    "public_id",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        """What keys and agreements were made by stays as it was."""
        if obj is None:
            return self.readonly_fields
        return (*self.readonly_fields, "slug", "metric", "term_kind")


class TermInline(ReadOnlyInline):
    model = Term
    fields = (
        "number",
        day("starts_on", _("Starts on")),
        last_day("ends_on", _("Last day")),
        "support",
        "order_id",
    )
    readonly_fields = fields


class SeatEntryInline(ReadOnlyInline):
    model = SeatLedgerEntry
    fields = (
        "quantity",
        day("effective_on", _("From")),
        "reason",
        "order_id",
        moment("at", _("Booked")),
    )
    readonly_fields = fields


class LicenceInline(ReadOnlyInline):
    model = Licence
    fields = (
        "public_id",
        "seats",
        status(_("Status"), LICENCE_TONES),
        moment("issued_at", _("Issued")),
        moment("expires_at", _("Stops validating")),
    )
    readonly_fields = fields


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = (
        "product",
        CUSTOMER,
        "label",
        "currency",
        status(_("Status"), AGREEMENT_TONES),
        moment("created_at", _("Since")),
    )
    list_filter = (choices_filter("status"), "product")
    list_select_related = ("product", "organisation")
    search_fields = ("organisation__legal_name", "=public_id", "label")
    fields = (
        CUSTOMER,
        "product",
        "label",
        "currency",
        status(_("Status"), AGREEMENT_TONES),
        moment("created_at", _("Since")),
        "public_id",
    )
    readonly_fields = fields
    inlines = (TermInline, SeatEntryInline, LicenceInline)


@admin.register(SeatLedgerEntry)
class SeatLedgerAdmin(ReadOnlyAdmin):
    list_display = (
        AGREEMENT,
        "quantity",
        day("effective_on", _("From")),
        "reason",
        "order_id",
        moment("at", _("Booked")),
    )
    list_display_links = ("quantity",)
    list_select_related = ("agreement__product", "agreement__organisation")
    search_fields = ("=order_id", "agreement__organisation__legal_name", "=agreement__public_id")
    ordering = ("-at", "-pk")
    fields = list_display
    readonly_fields = fields


class ReasonForm(StaffForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The customer reads it."),
        widget=Textarea({"rows": 3}),
    )


def is_active(licence: Licence) -> bool:
    return licence.status == LicenceStatus.ACTIVE


def is_suspended(licence: Licence) -> bool:
    return licence.status == LicenceStatus.SUSPENDED


def is_not_revoked(licence: Licence) -> bool:
    return licence.status != LicenceStatus.REVOKED


@admin.register(Licence)
class LicenceAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    """A key as issued. Its text is the customer's: staff see it, but not in lists."""

    list_display = (
        "public_id",
        CUSTOMER_OF_AGREEMENT,
        "product",
        "seats",
        status(_("Status"), LICENCE_TONES),
        moment("issued_at", _("Issued")),
        last_day("ends_on", _("Last day")),
    )
    list_filter = (choices_filter("status"), "agreement__product")
    list_select_related = ("agreement__product", "agreement__organisation")
    search_fields = ("=public_id", "agreement__organisation__legal_name", "=agreement__public_id")
    fields = (
        "public_id",
        CUSTOMER_OF_AGREEMENT,
        AGREEMENT,
        "product",
        "seats",
        "support",
        status(_("Status"), LICENCE_TONES),
        "status_reason",
        day("starts_on", _("Starts on")),
        last_day("ends_on", _("Last day")),
        moment("expires_at", _("Stops validating")),
        moment("issued_at", _("Issued")),
        "issued_by",
        moment("first_collected_at", _("First collected")),
        moment("superseded_at", _("Replaced")),
        moment("overlap_ends_at", _("Replaced key stops")),
        "kid",
        "key",
    )
    readonly_fields = fields
    staff_actions = ("suspend", "reinstate", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Licence]:
        licences: QuerySet[Licence] = super().get_queryset(request)
        return licences.select_related("agreement__product", "agreement__organisation")

    @admin.display(description=_("Product"))
    def product(self, licence: Licence) -> str:
        return str(licence.agreement.product)

    @staff_action(
        label=_("Suspend"),
        permission="licensing.control_licence",
        form=ReasonForm,
        explain=_("The online check refuses the key until it is reinstated."),
        when=is_active,
    )
    def suspend(self, request: HttpRequest, licence: Licence, data: Mapping[str, Any]) -> str:
        suspend_licence(licence=licence, reason=data["reason"], actor=actor_of(request))
        return gettext("The licence is suspended.")

    @staff_action(
        label=_("Reinstate"),
        permission="licensing.control_licence",
        form=ReasonForm,
        explain=_("The key validates again."),
        primary=True,
        when=is_suspended,
    )
    def reinstate(self, request: HttpRequest, licence: Licence, data: Mapping[str, Any]) -> str:
        reinstate_licence(licence=licence, reason=data["reason"], actor=actor_of(request))
        return gettext("The licence is active again.")

    @staff_action(
        label=_("Revoke"),
        permission="licensing.control_licence",
        form=ReasonForm,
        explain=_(
            "The key ends for good: the online check refuses it from now on. A key that was "
            "installed offline keeps validating there until it expires."
        ),
        danger=True,
        when=is_not_revoked,
    )
    def revoke(self, request: HttpRequest, licence: Licence, data: Mapping[str, Any]) -> str:
        revoke_licence(licence=licence, reason=data["reason"], actor=actor_of(request))
        return gettext("The licence is revoked.")
