"""Orders: read, approved before the money, paid by transfer, cancelled."""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.columns import CHECKOUT_TONES, CUSTOMER, ORDER_TONES, buyer, evidence
from billing.admin.documents import pdf_link
from billing.admin.export import FinanceExport
from billing.admin.fields import AmountInput, clean_amount, shown_amount
from billing.admin.resources import OrderResource
from billing.domain.orders import OrderStatus
from billing.models import CheckoutAttempt, Document, Order, OrderLine, Payment
from billing.selectors import amount_due, paid_amount
from billing.services.links import pay_url
from billing.services.ordering import approve_order, cancel_order
from billing.services.payments import record_transfer
from portal.accounts.access import actor_of
from portal.kit import clock
from portal.kit.admin import (
    DateInput,
    RangeDateFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Textarea,
    TextInput,
    choices_filter,
)
from portal.kit.admin_columns import day, last_day, moment, money, percent, status
from portal.kit.formatting import format_money
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action
from portal.vendor.selectors import vendor_today


class TransferForm(StaffForm):
    """What the bank statement says. The token makes a form that is sent twice one payment."""

    amount = AmountInput(label=_("Amount received"))
    currency = forms.CharField(label=_("Currency"), max_length=3, widget=TextInput)
    received_on = forms.DateField(label=_("Received on"), widget=DateInput)
    reference = forms.CharField(
        label=_("Reference on the statement"), max_length=140, widget=TextInput
    )
    form_token = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = self.subject
        self.initial = {
            "amount": shown_amount(amount_due(order), order.currency),
            "currency": order.currency,
            "received_on": vendor_today(clock.now()),
            "reference": order.reference,
            "form_token": token_urlsafe(24),
        }
        self.fields["amount"].help_text = _(
            "A part, or more than is due, is recorded as it came: the order waits for the rest, "
            "or finance gets a task."
        )

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency != self.subject.currency:
            raise forms.ValidationError(
                gettext("This order is in %(currency)s.") % {"currency": self.subject.currency}
            )
        return currency

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"amount", "currency"} <= set(data):
            try:
                clean_amount(data["amount"], data["currency"])
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return data


class CancelForm(StaffForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The customer reads it."),
        widget=Textarea({"rows": 3}),
    )


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = (
        "description",
        "quantity",
        money("unit_amount", _("Unit price"), currency="order__currency"),
        "months",
        day("period_start", _("From")),
        last_day("period_end", _("Last day")),
        money("amount", _("Amount"), currency="order__currency"),
    )
    readonly_fields = fields


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = (
        "method",
        money("amount", _("Amount")),
        day("received_on", _("Received on")),
        "reference",
    )
    readonly_fields = fields


class DocumentInline(ReadOnlyInline):
    model = Document
    fields = (
        "kind",
        "number",
        day("issued_on", _("Date")),
        money("gross_amount", _("Total")),
        pdf_link,
    )
    readonly_fields = fields


class AttemptInline(ReadOnlyInline):
    model = CheckoutAttempt
    fields = (
        moment("created_at", _("Opened")),
        status(_("Status"), CHECKOUT_TONES),
        money("amount", _("Amount")),
        "failure_code",
    )
    readonly_fields = fields


def is_placed(order: Order) -> bool:
    return order.status == OrderStatus.PLACED


def was_placed(order: Order) -> bool:
    return order.status not in (OrderStatus.DRAFT, OrderStatus.DISCARDED)


@admin.register(Order)
class OrderAdmin(FinanceExport, ReadOnlyAdmin, StaffActionsAdmin):
    resource_classes = (OrderResource,)
    list_display = (
        "reference",
        CUSTOMER,
        "product",
        "quantity",
        money("gross_amount", _("Total")),
        "pay_by",
        status(_("Status"), ORDER_TONES),
        moment("placed_at", _("Placed")),
    )
    list_filter = (
        choices_filter("status"),
        choices_filter("pay_by"),
        "currency",
        ("placed_at", RangeDateFilter),
    )
    list_select_related = ("organisation", "product")
    search_fields = (
        "public_id",
        "organisation__legal_name",
        "=organisation__public_id",
        "purchase_order",
        "documents__number",
    )
    search_help_text = _("A reference, a customer, a purchase order or a document’s number")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("public_id", status(_("Status"), ORDER_TONES)),
                    (CUSTOMER, "created_by"),
                    ("product", "quantity"),
                    "label",
                    (money("net_amount", _("Net")), money("tax_amount", _("Tax"))),
                    (
                        money("gross_amount", _("Total")),
                        percent("support_basis_points", _("Support")),
                    ),
                )
            },
        ),
        (
            _("Paying"),
            {
                "fields": (
                    ("pay_by", "purchase_order"),
                    ("paid", "due"),
                    "payment_link",
                    ("approved_by", "closed_reason"),
                )
            },
        ),
        (
            _("Dates"),
            {
                "fields": (
                    (moment("created_at", _("Prepared")), moment("placed_at", _("Placed"))),
                    (moment("accepted_at", _("Accepted")), moment("good_until", _("Good until"))),
                    day("wanted_start", _("Wished start")),
                )
            },
        ),
        (
            _("Terms and tax"),
            {
                "fields": (
                    ("terms_version", "terms_accepted_by"),
                    (moment("terms_accepted_at", _("Terms accepted")), "terms_accepted_from"),
                    ("tax_rule", evidence("tax_evidence", _("Tax evidence"))),
                    buyer("bill_to", _("Bill to")),
                )
            },
        ),
    )
    inlines = (LineInline, PaymentInline, DocumentInline, AttemptInline)
    staff_actions = ("record_transfer", "approve", "cancel")

    @admin.display(description=_("Reference"), ordering="public_id")
    def reference(self, order: Order) -> str:
        return order.reference

    @admin.display(description=_("Received"))
    def paid(self, order: Order) -> str:
        return format_money(paid_amount(order), order.currency)

    @admin.display(description=_("Due now"))
    def due(self, order: Order) -> str:
        return format_money(amount_due(order), order.currency)

    @admin.display(description=_("Payment link"))
    def payment_link(self, order: Order) -> str:
        return pay_url(order) if was_placed(order) else ""

    @staff_action(
        label=_("Record a transfer"),
        permission="billing.record_transfer",
        form=TransferForm,
        when=was_placed,
    )
    def record_transfer(self, request: HttpRequest, order: Order, data: Mapping[str, Any]) -> str:
        payment = record_transfer(
            order=order,
            amount_text=data["amount"],
            currency=data["currency"],
            received_on=data["received_on"],
            reference=data["reference"],
            staff=request.user,  # type: ignore[arg-type]
            form_token=data["form_token"],
            actor=actor_of(request),
        )
        amount = format_money(payment.amount, payment.currency)
        rest = amount_due(Order.objects.get(pk=order.pk))
        if rest:
            left = format_money(rest, order.currency)
            sentence = gettext("%(amount)s is recorded. %(rest)s is still to come.")
            return sentence % {"amount": amount, "rest": left}
        return gettext("%(amount)s is recorded. Nothing more is due.") % {"amount": amount}

    @staff_action(
        label=_("Approve before the money"),
        permission="billing.approve_order",
        explain=_(
            "The order is accepted now and is then on account: the licence desk prepares the key "
            "and the invoice follows it. This cannot be taken back."
        ),
        when=is_placed,
    )
    def approve(self, request: HttpRequest, order: Order, data: Mapping[str, Any]) -> str:
        approve_order(order=order, staff=request.user, actor=actor_of(request))  # type: ignore[arg-type]
        return gettext("The order is accepted before its money.")

    @staff_action(
        label=_("Cancel the order"),
        permission="billing.cancel_order",
        form=CancelForm,
        explain=_("The payment link stops working. What came already goes back by finance."),
        danger=True,
        when=is_placed,
    )
    def cancel(self, request: HttpRequest, order: Order, data: Mapping[str, Any]) -> str:
        cancel_order(order=order, reason=data["reason"], actor=actor_of(request))
        return gettext("The order is cancelled.")
