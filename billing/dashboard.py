"""Billing's part of the dashboard: orders to finish or to pay, and invoices that are owed."""

from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import OrderStatus, PaymentStatus
from billing.models import CheckoutAttempt, Document, LedgerEntry, Order
from billing.models.document import DocumentKind
from licensing.dashboard import DueItem, DueProvider, DueRow, Reader, due_rows, register_provider
from licensing.due import seats, with_label
from portal.accounts.models import Organisation
from portal.accounts.permissions import Permission
from portal.kit.dates import ONE_DAY, local_midnight_utc, local_today

# Beside an order's own statuses: the buyer confirmed a payment that is not settled yet.
PROCESSING: Final = "processing"
AMOUNT: Final = BigIntegerField()
# Status → state in words, tone, what to do, and the page to do it on.
_ORDERS: Final[dict[str, tuple[Any, str, Any, str]]] = {
    OrderStatus.DRAFT: (_("Not placed yet"), "neutral", _("Finish the order"), "billing:review"),
    OrderStatus.PLACED: (_("Awaiting payment"), "warning", _("Pay"), "billing:order"),
    PROCESSING: (_("Payment on its way"), "info", _("See the order"), "billing:order"),
    OrderStatus.RETURNED: (
        _("Returned for correction"),
        "warning",
        _("Correct it"),
        "billing:order",
    ),
}


def register_providers() -> None:
    """Show orders to those who may order, and invoices to those who may see documents."""
    register_provider(DueProvider("order", Permission.ORDER, _orders, _order_item))
    register_provider(DueProvider("invoice", Permission.SEE_DOCUMENTS, _invoices, _invoice_item))


def _orders(organisation: Organisation) -> "QuerySet[Any, Any]":
    open_orders = Order.objects.filter(
        organisation=organisation,
        status__in=[OrderStatus.DRAFT, OrderStatus.PLACED, OrderStatus.RETURNED],
    )
    on_its_way = CheckoutAttempt.objects.filter(
        order=OuterRef("pk"), status=PaymentStatus.PROCESSING
    )
    balance = Coalesce(_balance(OuterRef("pk")), 0, output_field=AMOUNT)
    rest = ExpressionWrapper(F("gross_amount") + balance, output_field=AMOUNT)
    return due_rows(
        open_orders,
        kind="order",
        name=with_label("product__name", "label"),
        status=Case(
            When(Exists(on_its_way), status=OrderStatus.PLACED, then=Value(PROCESSING)),
            default=F("status"),
        ),
        quantity=F("quantity"),
        amount=Case(
            When(status=OrderStatus.PLACED, then=rest),
            When(status=OrderStatus.DRAFT, then=F("gross_amount")),
            default=None,
            output_field=AMOUNT,
        ),
        currency=F("currency"),
        at=F("good_until"),
    )


def _invoices(organisation: Organisation) -> "QuerySet[Any, Any]":
    invoices = Document.objects.filter(organisation=organisation, kind=DocumentKind.INVOICE)
    owed = invoices.annotate(owed=_balance(OuterRef("order"))).filter(owed__gt=0)
    return due_rows(
        owed,
        kind="invoice",
        public_id=F("order__public_id"),
        name=F("number"),
        status=F("kind"),
        amount=F("owed"),
        currency=F("currency"),
        day=F("due_on"),
    )


def _balance(order: OuterRef) -> Subquery:
    """Return what the ledger says of one order: positive is owed, negative was paid ahead."""
    entries = LedgerEntry.objects.filter(order=order).order_by()
    return Subquery(entries.values("order").annotate(sum=Sum("amount")).values("sum"))


def _order_item(row: DueRow, reader: Reader) -> DueItem | None:
    if row.status == OrderStatus.RETURNED and reader.may(Permission.REQUEST_KEYS):
        return None  # the order's key request asks this reader already
    state, tone, action, page = _ORDERS[row.status]
    reference = Order(public_id=row.public_id).reference
    due_at = row.at if row.status == OrderStatus.PLACED else None
    return DueItem(
        title=gettext("Order %(reference)s") % {"reference": reference},
        detail=f"{row.name}, {seats(row.quantity)}",
        state=str(state),
        tone=tone,
        url=reverse(page, args=[reader.organisation.public_id, row.public_id]),
        action=str(action),
        due_at=due_at,
        day=local_today(due_at, reader.vendor.zone) if due_at else None,
        amount=row.amount,
        currency=row.currency,
        is_overdue=due_at is not None and due_at <= reader.now,
        asks_you=row.status == OrderStatus.RETURNED,
    )


def _invoice_item(row: DueRow, reader: Reader) -> DueItem:
    """An invoice is due until the end of its day in the vendor's zone."""
    due_at = local_midnight_utc(row.day + ONE_DAY, reader.vendor.zone) if row.day else None
    return DueItem(
        title=gettext("Invoice %(number)s") % {"number": row.name},
        detail="",
        state=gettext("To be paid"),
        tone="warning",
        url=reverse("billing:order", args=[reader.organisation.public_id, row.public_id]),
        action=gettext("Pay"),
        due_at=due_at,
        day=row.day,
        amount=row.amount,
        currency=row.currency,
        is_overdue=due_at is not None and due_at <= reader.now,
    )
