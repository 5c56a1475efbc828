"""What came, what went back, and the ledger of both."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.columns import CUSTOMER, ORDER, REFUND_TONES
from billing.admin.export import FinanceExport
from billing.admin.fields import AmountInput, clean_amount, shown_amount
from billing.admin.resources import PaymentResource
from billing.domain.orders import RefundStatus
from billing.models import LedgerEntry, Payment, Refund
from billing.models.payment import PaymentMethod
from billing.selectors.money import unapplied_amount
from billing.services.refunds import refundable_amount, request_refund, settle_bank_refund
from portal.accounts.access import actor_of
from portal.kit.admin import (
    RangeDateFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Textarea,
    choices_filter,
)
from portal.kit.admin_columns import customer, day, moment, money, related, status
from portal.kit.formatting import format_money
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action


class RefundForm(StaffForm):
    amount = AmountInput(label=_("Amount to give back"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The customer reads it."),
        widget=Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payment = self.subject
        self.initial = {"amount": shown_amount(returnable_amount(payment), payment.currency)}

    def clean_amount(self) -> int:
        """Money that pays for something stays until that is credited, or the books break."""
        amount = clean_amount(self.cleaned_data["amount"], self.subject.currency)
        if amount > returnable_amount(self.subject):
            raise forms.ValidationError(
                gettext("At most %(amount)s of this payment is not needed for its order.")
                % {"amount": format_money(returnable_amount(self.subject), self.subject.currency)}
            )
        return amount


def returnable_amount(payment: Payment) -> int:
    """Return what of a payment its order does not need, in minor units."""
    return min(refundable_amount(payment), unapplied_amount(payment.order))


def can_go_back(payment: Payment) -> bool:
    return returnable_amount(payment) > 0


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = (
        money("amount", _("Amount")),
        status(_("Status"), REFUND_TONES),
        "reason",
        moment("requested_at", _("Requested")),
        moment("settled_at", _("Settled")),
    )
    readonly_fields = fields


@admin.register(Payment)
class PaymentAdmin(FinanceExport, ReadOnlyAdmin, StaffActionsAdmin):
    resource_classes = (PaymentResource,)
    list_display = (
        "public_id",
        CUSTOMER,
        ORDER,
        "method",
        money("amount", _("Amount")),
        day("received_on", _("Received on")),
        "reference",
    )
    list_filter = (choices_filter("method"), "currency", ("received_on", RangeDateFilter))
    list_select_related = ("organisation", "order")
    search_fields = (
        "=public_id",
        "organisation__legal_name",
        "order__public_id",
        "reference",
        "=payment_intent_id",
    )
    fields = (
        "public_id",
        CUSTOMER,
        ORDER,
        "method",
        money("amount", _("Amount")),
        day("received_on", _("Received on")),
        moment("recorded_at", _("Recorded")),
        "recorded_by",
        "reference",
        "payment_intent_id",
    )
    inlines = (RefundInline,)
    staff_actions = ("refund",)

    @staff_action(
        label=_("Refund"),
        permission="billing.refund",
        form=RefundForm,
        explain=_(
            "An online payment goes back through Stripe at once. A transfer goes back by hand: "
            "finance gets a task. What an order needs stays: declining its key gives it back."
        ),
        danger=True,
        when=can_go_back,
    )
    def refund(self, request: HttpRequest, payment: Payment, data: Mapping[str, Any]) -> str:
        request_refund(
            payment=payment,
            amount=data["amount"],
            reason=data["reason"],
            actor=actor_of(request),
        )
        return gettext("The refund is on its way.")


def waits_for_the_bank(refund: Refund) -> bool:
    return (
        refund.status == RefundStatus.REQUESTED and refund.payment.method == PaymentMethod.TRANSFER
    )


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    list_display = (
        "public_id",
        customer("payment__organisation", _("Customer")),
        related("payment", _("Payment"), "billing_payment"),
        money("amount", _("Amount")),
        status(_("Status"), REFUND_TONES),
        moment("requested_at", _("Requested")),
    )
    list_filter = (choices_filter("status"), "currency")
    list_select_related = ("payment__organisation", "payment__order")
    search_fields = (
        "=public_id",
        "payment__organisation__legal_name",
        "=payment__public_id",
        "=stripe_refund_id",
    )
    fields = (
        "public_id",
        related("payment", _("Payment"), "billing_payment"),
        money("amount", _("Amount")),
        "reason",
        status(_("Status"), REFUND_TONES),
        "failure",
        "requested_by",
        moment("requested_at", _("Requested")),
        moment("settled_at", _("Settled")),
        moment("checked_at", _("Last asked Stripe")),
        "stripe_refund_id",
    )
    staff_actions = ("settle",)

    @staff_action(
        label=_("The bank sent it"),
        permission="billing.refund",
        explain=_("The money was sent back by bank transfer; the customer is told so."),
        primary=True,
        when=waits_for_the_bank,
    )
    def settle(self, request: HttpRequest, refund: Refund, data: Mapping[str, Any]) -> str:
        settle_bank_refund(refund=refund, actor=actor_of(request))
        return gettext("The refund is booked.")


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnlyAdmin):
    """Positive is owed to us, negative settles it."""

    list_display = (
        moment("at", _("Booked")),
        CUSTOMER,
        ORDER,
        "kind",
        money("amount", _("Amount")),
    )
    list_filter = (choices_filter("kind"), "currency", ("at", RangeDateFilter))
    list_select_related = ("organisation", "order")
    search_fields = ("organisation__legal_name", "=organisation__public_id", "order__public_id")
    ordering = ("-at", "-pk")
    fields = (
        moment("at", _("Booked")),
        CUSTOMER,
        ORDER,
        "kind",
        money("amount", _("Amount")),
        related("document", _("Document"), "billing_document"),
        related("payment", _("Payment"), "billing_payment"),
        related("refund", _("Refund"), "billing_refund"),
    )
