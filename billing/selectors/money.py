"""What was paid and what is owed, in minor units; an order's currency unless one is named."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from billing.domain.orders import BINDING_ORDERS, OrderStatus, RefundStatus
from billing.models import Document, LedgerEntry, Order, Payment, Refund
from billing.models.document import DocumentKind
from billing.models.order import PayBy
from billing.selectors.documents import invoice_of
from portal.accounts.models import Organisation


def paid_amount(order: Order) -> int:
    """Return what came for the order, less what goes back; a failed refund did not go."""
    refunds = Refund.objects.filter(payment__order=order).exclude(status=RefundStatus.FAILED)
    return _sum(Payment.objects.filter(order=order)) - _sum(refunds)


def unapplied_amount(order: Order) -> int:
    """Return what came beyond what the order is bound to pay: the customer's, to be given back."""
    bound = order.gross_amount if order.status in BINDING_ORDERS else 0
    return max(paid_amount(order) - bound, 0)


def balance_of(order: Order) -> int:
    """Return the ledger's sum for the order: positive is owed, negative the customer's credit."""
    return _sum(order.ledger_entries.all())


def amount_due(order: Order) -> int:
    """Return what can be paid now: the rest of a placed order, or of an invoice; never below 0.

    Nothing is due on a draft, on a closed order, or on account before the invoice.
    """
    if order.status == OrderStatus.PLACED:
        return max(order.gross_amount - paid_amount(order), 0)
    if invoice_of(order) is None:
        return 0
    return max(balance_of(order), 0)


def owed_by(organisation: Organisation, currency: str) -> int:
    """Return the open balances of the organisation's orders in one currency.

    Order by order: what was paid ahead for one order is no credit for another.
    """
    entries = LedgerEntry.objects.filter(organisation=organisation, currency=currency)
    return int(_open_balances(entries).aggregate(owed=Sum("balance"))["owed"] or 0)


def not_yet_invoiced(organisation: Organisation, currency: str) -> int:
    """Return the total of orders on account whose invoice still has to follow their key."""
    orders = Order.objects.filter(
        Q(pay_by=PayBy.ON_ACCOUNT) | Q(approved_by__isnull=False),
        organisation=organisation,
        currency=currency,
        status__in=BINDING_ORDERS,
    ).exclude(documents__kind=DocumentKind.INVOICE)
    return int(orders.aggregate(total=Sum("gross_amount"))["total"] or 0)


def owes_overdue(organisation: Organisation, today: date) -> bool:
    """Say whether an invoice is unpaid after its due date, in whatever currency."""
    late = Document.objects.filter(
        organisation=organisation, kind=DocumentKind.INVOICE, due_on__lt=today
    )
    entries = LedgerEntry.objects.filter(order__in=late.values("order"))
    return _open_balances(entries).exists()


def _open_balances(entries: "QuerySet[LedgerEntry]") -> "QuerySet[LedgerEntry, Any]":
    """Sum the entries for each order, and keep the sums above zero."""
    sums = entries.order_by().values("order").annotate(balance=Sum("amount"))
    return sums.filter(balance__gt=0)


def _sum(rows: "QuerySet[Payment] | QuerySet[Refund] | QuerySet[LedgerEntry]") -> int:
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)
