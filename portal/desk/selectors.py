"""What staff see across licensing and billing; each read has a fixed number of queries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from billing.domain.orders import OrderStatus
from billing.models import Document, FinanceTask, LedgerEntry, Order, Payment
from billing.models.document import DocumentKind
from billing.models.order import PayBy
from licensing.domain.statuses import PENDING_KEY_REQUESTS, KeyRequestStatus
from licensing.models import Agreement, KeyRequest
from portal.accounts.models import BillingContact, Membership, Organisation
from portal.accounts.selectors import member_count
from portal.kit.dates import local_midnight_utc, local_today
from portal.vendor.models import VendorProfile

ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How the licence desk's queue stands."""

    pending: int
    overdue: int
    due_today: int
    waiting: int
    untaken: int


def queue_counts(now: datetime, end_of_day: datetime) -> QueueCounts:
    """Return the queue's figures; one query. `end_of_day` is the vendor's next midnight."""
    is_open = Q(status=KeyRequestStatus.OPEN)
    figures = KeyRequest.objects.filter(status__in=PENDING_KEY_REQUESTS).aggregate(
        pending=Count("pk"),
        overdue=Count("pk", filter=is_open & Q(due_at__lte=now)),
        due_today=Count("pk", filter=is_open & Q(due_at__gt=now, due_at__lt=end_of_day)),
        waiting=Count("pk", filter=Q(status=KeyRequestStatus.WAITING_FOR_CUSTOMER)),
        untaken=Count("pk", filter=is_open & Q(taken_by=None)),
    )
    return QueueCounts(**figures)


def end_of_vendors_day(now: datetime, vendor: VendorProfile) -> datetime:
    """Return the vendor's next midnight, in UTC."""
    return local_midnight_utc(local_today(now, vendor.zone) + timedelta(days=1), vendor.zone)


def with_money(requests: QuerySet[KeyRequest]) -> QuerySet[KeyRequest]:
    """Add to each key request what its order says of the money, in the same query.

    `order_gross`, `order_paid` (both minor units of `order_currency`), `order_pay_by`,
    `order_approved_by` (an e-mail address) and `soon_hours`, the vendor's setting.
    """
    orders = Order.objects.filter(public_id=OuterRef("order_id")).order_by()
    payments = Payment.objects.filter(order__public_id=OuterRef("order_id")).order_by()
    paid = payments.values("order").annotate(total=Sum("amount")).values("total")
    return requests.annotate(
        order_gross=Subquery(orders.values("gross_amount")[:1]),
        order_currency=Subquery(orders.values("currency")[:1]),
        order_pay_by=Subquery(orders.values("pay_by")[:1]),
        order_approved_by=Subquery(orders.values("approved_by__email")[:1]),
        order_paid=Coalesce(Subquery(paid, output_field=BigIntegerField()), 0),
        soon_hours=Subquery(VendorProfile.objects.filter(pk=1).values("due_soon_hours")[:1]),
    ).select_related("agreement__organisation", "agreement__product", "taken_by")


def queue(now: datetime) -> QuerySet[KeyRequest]:
    """Return the pending requests, the longest overdue first, those that wait at the end."""
    pending = KeyRequest.objects.filter(status__in=PENDING_KEY_REQUESTS)
    return with_money(pending).order_by(F("due_at").asc(nulls_last=True), "pk")


def open_tasks() -> QuerySet[FinanceTask]:
    """Return what finance has to settle, the oldest first."""
    tasks = FinanceTask.objects.filter(done_at=None).select_related("organisation")
    return tasks.order_by("opened_at", "pk")


def overdue_invoices(today: date) -> QuerySet[Document]:
    """Return the invoices that are unpaid after their due date, with what is open (`balance`)."""
    late = Document.objects.filter(kind=DocumentKind.INVOICE, due_on__lt=today)
    unpaid: QuerySet[Document] = _with_balance(late).filter(balance__gt=0)
    return unpaid.order_by("due_on", "pk")


def awaited_transfers() -> QuerySet[Order]:
    """Return the placed orders that a transfer was promised for; the first to run out first."""
    orders = Order.objects.filter(status=OrderStatus.PLACED, pay_by=PayBy.TRANSFER)
    return orders.select_related("organisation").order_by("good_until", "pk")


def placed_orders() -> QuerySet[Order]:
    """Return what was ordered and is not paid yet, the latest first."""
    orders = Order.objects.filter(status=OrderStatus.PLACED)
    return orders.select_related("organisation", "product").order_by("-placed_at", "-pk")


def find_customers(text: str) -> QuerySet[Organisation]:
    """Return the organisations that a name, an id, a number or an e-mail address may mean.

    Each has `members`, how many there are. Each table is asked by itself: joined, a customer with
    many members, documents and keys would make a row for every combination of them.
    """
    text = text.strip()
    organisations = Organisation.objects.annotate(members=member_count())
    if not text:
        return organisations.none()
    by_order = Q(public_id__istartswith=f"ord_{text}") | Q(public_id=text) | Q(purchase_order=text)
    elsewhere = (
        Membership.objects.filter(user__email__icontains=text),
        BillingContact.objects.filter(email__icontains=text),
        Order.objects.filter(by_order),
        Document.objects.filter(number__iexact=text),
        Agreement.objects.filter(licences__public_id=text),
    )
    found = Q(legal_name__icontains=text) | Q(vat_number__iexact=text) | Q(public_id=text)
    for rows in elsewhere:
        found |= Q(pk__in=rows.order_by().values("organisation"))
    return organisations.filter(found)


def balances(organisation: Organisation) -> list[dict[str, Any]]:
    """Return what the organisation owes in each currency; negative is its credit; one query."""
    entries = LedgerEntry.objects.filter(organisation=organisation).order_by("currency")
    return list(entries.values("currency").annotate(amount=Sum("amount")))


def _with_balance(documents: QuerySet[Document]) -> Any:
    entries = LedgerEntry.objects.filter(order=OuterRef("order")).order_by()
    total = entries.values("order").annotate(total=Sum("amount")).values("total")
    return documents.select_related("organisation", "order").annotate(
        balance=Coalesce(Subquery(total, output_field=BigIntegerField()), 0)
    )
