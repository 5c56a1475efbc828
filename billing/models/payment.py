"""Money: attempts to collect it, what came, what went back, and the ledger of it all."""

from enum import StrEnum
from functools import partial
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import PAYMENT, REFUND, PaymentStatus, RefundStatus
from billing.models.document import Document
from billing.models.order import Order
from portal.accounts.models import Organisation
from portal.kit.append_only import AppendOnly
from portal.kit.formatting import format_money
from portal.kit.ids import new_public_id
from portal.kit.state import HasStatus
from portal.kit.transitions import TransitionTable

CHECKOUT_STATUS_LABELS = {
    PaymentStatus.CREATING: _("Being opened"),
    PaymentStatus.OPEN: _("Open"),
    PaymentStatus.PROCESSING: _("Payment on its way"),
    PaymentStatus.PAID: _("Paid"),
    PaymentStatus.FAILED: _("Failed"),
    PaymentStatus.EXPIRED: _("Expired"),
}
REFUND_STATUS_LABELS = {
    RefundStatus.REQUESTED: _("To be sent"),
    RefundStatus.SUBMITTED: _("Sent"),
    RefundStatus.SUCCEEDED: _("Refunded"),
    RefundStatus.FAILED: _("Failed"),
}


class CheckoutAttempt(HasStatus, models.Model):
    """One Stripe Checkout Session for one order; written before Stripe is asked for it."""

    TRANSITIONS: ClassVar[TransitionTable[PaymentStatus]] = PAYMENT

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "chk")
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="checkout_attempts")
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(CHECKOUT_STATUS_LABELS.items()),
        default=PaymentStatus.CREATING,
    )
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    return_url = models.URLField(max_length=500)
    # What Stripe was asked with, in words that may change meanwhile: a retry after a crash must
    # repeat the request letter by letter, or Stripe refuses the idempotency key.
    description = models.CharField(max_length=200, blank=True)
    customer_email = models.EmailField(blank=True)
    session_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    url = models.TextField(blank=True)
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(_("opened"))
    checked_at = models.DateTimeField(_("last asked Stripe"), null=True, blank=True)

    class Meta:
        verbose_name = _("online payment attempt")
        verbose_name_plural = _("online payment attempts")
        permissions = [("ask_stripe", _("May ask Stripe how a payment stands"))]
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="checkout_unsettled",
                condition=models.Q(status__in=["creating", "open", "processing"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.status}"


class PaymentMethod(StrEnum):
    STRIPE = "stripe"
    TRANSFER = "transfer"


PAYMENT_METHOD_LABELS = {
    PaymentMethod.STRIPE: _("Online (Stripe)"),
    PaymentMethod.TRANSFER: _("Bank transfer"),
}


class Payment(AppendOnly):
    """Money that came, once for each Stripe payment or recorded transfer."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "pay")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="payments")
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    method = models.CharField(
        _("method"), max_length=10, choices=list(PAYMENT_METHOD_LABELS.items())
    )
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received on"))
    recorded_at = models.DateTimeField(_("recorded"))
    reference = models.CharField(_("reference"), max_length=140, blank=True)
    payment_intent_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # A form of staff's sent twice records one transfer.
    form_token = models.CharField(max_length=64, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("refund", _("May give money back"))]
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=1), name="payment_positive")
        ]

    def __str__(self) -> str:
        return f"{format_money(self.amount, self.currency)}, {self.get_method_display()}"


class Refund(HasStatus, models.Model):
    """Money that goes back; written before Stripe is asked, so that a retry repeats the request."""

    TRANSITIONS: ClassVar[TransitionTable[RefundStatus]] = REFUND

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "rfd")
    )
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(REFUND_STATUS_LABELS.items()),
        default=RefundStatus.REQUESTED,
    )
    stripe_refund_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    requested_by = models.CharField(_("requested by"), max_length=254)
    requested_at = models.DateTimeField(_("requested"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last asked Stripe"), null=True, blank=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=1), name="refund_positive")
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="refund_unsettled",
                condition=models.Q(status__in=["requested", "submitted"]),
            )
        ]

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)


class LedgerKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_BACK = "refund_back"


LEDGER_KIND_LABELS = {
    LedgerKind.INVOICE: _("Invoice"),
    LedgerKind.CREDIT_NOTE: _("Credit note"),
    LedgerKind.PAYMENT: _("Payment"),
    LedgerKind.REFUND: _("Refund"),
    LedgerKind.REFUND_BACK: _("Refund that came back"),
}


class LedgerEntry(AppendOnly):
    """Receivables: + what a customer owes (invoice, refund), − what settles it.

    A refund that the customer's bank sends back, days after it succeeded, has a second entry.
    The sum over an order, or an organisation and currency, is the balance: positive is owed to
    the vendor, negative is the customer's credit.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="ledger_entries")
    order = models.ForeignKey(Order, models.PROTECT, related_name="ledger_entries")
    kind = models.CharField(_("kind"), max_length=12, choices=list(LEDGER_KIND_LABELS.items()))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    document = models.OneToOneField(
        Document, models.PROTECT, null=True, blank=True, related_name="ledger_entry"
    )
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="ledger_entry"
    )
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    at = models.DateTimeField(_("booked"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("receivables ledger")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["invoice", "refund"], amount__gt=0)
                | models.Q(kind__in=["payment", "credit_note", "refund_back"], amount__lt=0),
                name="ledger_sign_by_kind",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(kind__in=["invoice", "credit_note"], document__isnull=False)
                    & models.Q(payment=None, refund=None)
                )
                | (models.Q(kind="payment", payment__isnull=False, document=None, refund=None))
                | (
                    models.Q(kind__in=["refund", "refund_back"], refund__isnull=False)
                    & models.Q(document=None, payment=None)
                ),
                name="ledger_has_its_source",
            ),
            models.UniqueConstraint(
                fields=["refund", "kind"],
                condition=models.Q(refund__isnull=False),
                name="ledger_refund_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {format_money(self.amount, self.currency)}"
