"""What was paid and what is owed, in minor units; an order's currency unless one is named."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.domain.orders import BINDING_ORDERS, OrderStatus, RefundStatus
from billing.models import Document, LedgerEntry, Order, Payment, Refund
from billing.models.document import DocumentKind
from billing.models.order import PayBy
from portal.accounts.models import Organisation


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """How an order's money stands, in minor units.

    `paid` is what came less what goes back; `due` is what can be paid now, never below 0;
    `balance` is the ledger's sum: positive is owed, negative the customer's credit.
    """

    paid: int
    due: int
    balance: int


def order_money(order: Order) -> OrderMoney:
    """Return how the money of one order stands; one query. A failed refund did not go.

    Due is the rest of a placed order, or of an invoice; nothing on a draft, on a closed order, or
    on account before the invoice.
    """
    of_order = Q(order=OuterRef("pk"))
    refunds = Refund.objects.filter(payment__order=OuterRef("pk")).exclude(
        status=RefundStatus.FAILED
    )
    came, gone, balance, is_invoiced = (
        Order.objects.filter(pk=order.pk)
        .order_by()
        .values_list(
            _total(Payment.objects.filter(of_order), "order"),
            _total(refunds, "payment__order"),
            _total(LedgerEntry.objects.filter(of_order), "order"),
            Exists(Document.objects.filter(of_order, kind=DocumentKind.INVOICE)),
        )
        .get()
    )
    paid, balance = int(came) - int(gone), int(balance)
    due = balance if is_invoiced else 0
    if order.status == OrderStatus.PLACED:
        due = order.gross_amount - paid
    return OrderMoney(paid=paid, due=max(due, 0), balance=balance)


def paid_amount(order: Order) -> int:
    """Return what came for the order, less what goes back; one query."""
    return order_money(order).paid


def unapplied_amount(order: Order) -> int:
    """Return what came beyond what the order is bound to pay: the customer's, to be given back."""
    bound = order.gross_amount if order.status in BINDING_ORDERS else 0
    return max(paid_amount(order) - bound, 0)


def balance_of(order: Order) -> int:
    """Return the ledger's sum for the order: positive is owed, negative the customer's credit."""
    return order_money(order).balance


def amount_due(order: Order) -> int:
    """Return what can be paid now, as `order_money` says; one query."""
    return order_money(order).due


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


def _total(rows: "QuerySet[Any]", by: str) -> Coalesce:
    """Return the sum of the rows of the outer order, 0 without any."""
    total = rows.order_by().values(by).annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0)
