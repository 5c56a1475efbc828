"""Money that came is used, on its way back, or in front of somebody."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Prefetch

from billing.domain.orders import BINDING_ORDERS, OrderStatus, PaymentStatus, RefundStatus
from billing.models import CheckoutAttempt, Document, FinanceTask, Order, Payment, Refund
from billing.models.document import DocumentKind
from billing.models.payment import PaymentMethod
from billing.services.books.finding import Finding

UNDER_WAY = frozenset({RefundStatus.REQUESTED, RefundStatus.SUBMITTED})
# Money ahead of its invoice is expected on these.
EXPECTING = BINDING_ORDERS | {OrderStatus.PLACED}


def online_payments_have_attempts() -> Iterator[Finding]:
    """A paid attempt made exactly one payment, and an online payment came from a paid attempt."""
    paid = CheckoutAttempt.objects.filter(status=PaymentStatus.PAID).select_related("order")
    attempts = {
        attempt.payment_intent_id: (attempt.order_id, attempt.amount, attempt.currency)
        for attempt in paid
    }
    online = Payment.objects.filter(method=PaymentMethod.STRIPE)
    payments = {
        payment.payment_intent_id or payment.public_id: (
            payment.order_id,
            payment.amount,
            payment.currency,
        )
        for payment in online
    }
    for intent in sorted(attempts.keys() | payments.keys()):
        if attempts.get(intent) != payments.get(intent):
            yield Finding(
                "online_payment_differs",
                intent,
                f"attempt {attempts.get(intent)}, payment {payments.get(intent)}",
            )


def refunds_stay_within_payments() -> Iterator[Finding]:
    """No more goes back than came, and in the same currency."""
    for payment in Payment.objects.prefetch_related("refunds").order_by("pk").iterator(500):
        refunds = [r for r in payment.refunds.all() if r.status != RefundStatus.FAILED]
        if sum(refund.amount for refund in refunds) > payment.amount:
            yield Finding("refunded_too_much", payment.public_id, f"of {payment.amount}")
        if any(refund.currency != payment.currency for refund in payment.refunds.all()):
            yield Finding("refund_currency", payment.public_id, payment.currency)


def credit_has_a_task() -> Iterator[Finding]:
    """What came and is not used, nor going back, is a finance task."""
    told = set(FinanceTask.objects.values_list("subject_id", flat=True))
    for order in _orders_with_money():
        if _unapplied(order) > 0 and not told & _names(order):
            yield Finding("credit_without_task", order.public_id, f"{_unapplied(order)}")


def paid_orders_are_accepted() -> Iterator[Finding]:
    """An order whose money is there waits for nothing, unless a task says for what."""
    told = set(FinanceTask.objects.values_list("subject_id", flat=True))
    for order in _orders_with_money():
        if order.status != OrderStatus.PLACED or _came(order) < order.gross_amount:
            continue
        if order.public_id not in told:
            yield Finding("paid_not_accepted", order.public_id, f"{_came(order)}")


def _orders_with_money() -> Iterator[Order]:
    refunds = Prefetch("payments__refunds", Refund.objects.exclude(status=RefundStatus.FAILED))
    invoices = Prefetch(
        "documents", Document.objects.filter(kind=DocumentKind.INVOICE), to_attr="invoices"
    )
    orders = Order.objects.filter(ledger_entries__isnull=False).distinct().order_by("pk")
    return orders.prefetch_related("payments", refunds, "ledger_entries", invoices).iterator(500)


def _unapplied(order: Order) -> int:
    """Return the credit that nothing speaks for, in minor units of the order's currency."""
    totals: Counter[str] = Counter()
    totals["credit"] = -sum(entry.amount for entry in order.ledger_entries.all())
    if order.status in EXPECTING and not order.invoices:  # type: ignore[attr-defined]
        totals["awaited"] = order.gross_amount
    for payment in order.payments.all():
        refunds = [r.amount for r in payment.refunds.all() if r.status in UNDER_WAY]
        totals["under way"] += sum(refunds)
    return totals["credit"] - totals["awaited"] - totals["under way"]


def _came(order: Order) -> int:
    payments = list(order.payments.all())
    gone = sum(refund.amount for payment in payments for refund in payment.refunds.all())
    return int(sum(payment.amount for payment in payments) - gone)


def _names(order: Order) -> set[str]:
    """Return every id by which a task may speak of this order's money.

    A task speaks of a refund that failed, too, although its row is not among those counted.
    """
    payments = list(order.payments.all())
    failed = Refund.objects.filter(payment__order=order).values_list("public_id", flat=True)
    return {order.public_id, *(payment.public_id for payment in payments), *failed}
