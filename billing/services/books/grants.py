"""What was granted was sold, and what was sold is granted once and invoiced."""

from collections.abc import Iterator

from django.db.models import Q

from billing.domain.orders import BINDING_ORDERS, OrderStatus, RefundStatus
from billing.models import Document, Order
from billing.models.document import DocumentKind
from billing.models.order import PayBy
from billing.services.books.finding import Finding
from licensing.domain.statuses import KeyRequestStatus, LicenceStatus
from licensing.models import KeyRequest, Licence
from licensing.models.key_request import KeyRequestKind

ON_ACCOUNT = Q(pay_by=PayBy.ON_ACCOUNT) | Q(approved_by__isnull=False)
INVOICED = Q(documents__kind=DocumentKind.INVOICE)
PENDING = (KeyRequestStatus.OPEN, KeyRequestStatus.WAITING_FOR_CUSTOMER)


def binding_orders_grant_once() -> Iterator[Finding]:
    """A binding order has its agreement and exactly one key request, which is still pending
    until the key is issued; no other order has one that is pending or issued.
    """
    requests: dict[str, list[KeyRequest]] = {}
    for key_request in KeyRequest.objects.exclude(kind=KeyRequestKind.REISSUE):
        requests.setdefault(key_request.order_id, []).append(key_request)
    binding = Order.objects.filter(status__in=BINDING_ORDERS)
    for order in binding.order_by("pk").iterator(500):
        found = requests.pop(order.public_id, [])
        if len(found) != 1 or found[0].agreement_id != order.agreement_id:
            yield Finding("order_grants_not_once", order.public_id, f"{len(found)} key requests")
        elif order.status != OrderStatus.FULFILLED and found[0].status not in PENDING:
            yield Finding("request_closed_early", order.public_id, found[0].status)
    for order_id, others in sorted(requests.items()):
        for key_request in others:
            if key_request.status in PENDING:
                yield Finding("request_without_order", key_request.public_id, order_id)


def fulfilled_orders_have_keys() -> Iterator[Finding]:
    """A fulfilled order's request was issued, and has its licence."""
    issued = set(
        Licence.objects.filter(key_request__status=KeyRequestStatus.ISSUED)
        .exclude(key_request__order_id="")
        .values_list("key_request__order_id", flat=True)
    )
    for order in Order.objects.filter(status=OrderStatus.FULFILLED):
        if order.public_id not in issued:
            yield Finding("fulfilled_without_key", order.public_id, "no licence")


def invoices_follow() -> Iterator[Finding]:
    """Paid first: an invoice from acceptance on. On account: with the key. Before that: none."""
    paid_first = ~ON_ACCOUNT & Q(status__in=BINDING_ORDERS)
    on_account = ON_ACCOUNT & Q(status=OrderStatus.FULFILLED)
    invoiced = Document.objects.filter(kind=DocumentKind.INVOICE).values("order")
    for order in Order.objects.filter(paid_first | on_account).exclude(pk__in=invoiced):
        yield Finding("invoice_missing", order.public_id, order.status)
    early = (OrderStatus.DRAFT, OrderStatus.DISCARDED, OrderStatus.PLACED, OrderStatus.EXPIRED)
    for order in Order.objects.filter(INVOICED, status__in=early):
        yield Finding("invoice_too_early", order.public_id, order.status)


def closed_orders_are_credited() -> Iterator[Finding]:
    """An order that was declined or cancelled after its invoice has a credit note."""
    closed = (OrderStatus.DECLINED, OrderStatus.CANCELLED)
    credited = Document.objects.filter(kind=DocumentKind.CREDIT_NOTE).values("order")
    for order in Order.objects.filter(INVOICED, status__in=closed).exclude(pk__in=credited):
        yield Finding("credit_note_missing", order.public_id, order.status)


def keys_are_paid() -> Iterator[Finding]:
    """A key that is not on account went out for the whole sum."""
    orders = Order.objects.filter(~ON_ACCOUNT, status=OrderStatus.FULFILLED)
    for order in orders.prefetch_related("payments__refunds", "documents").iterator(500):
        owed = order.gross_amount - sum(
            document.gross_amount
            for document in order.documents.all()
            if document.kind == DocumentKind.CREDIT_NOTE
        )
        if _kept(order) < owed:
            yield Finding("key_not_paid", order.public_id, f"{_kept(order)} of {owed}")


def licences_have_orders() -> Iterator[Finding]:
    """Each licence in force stands on an order that binds both sides."""
    bound = set(
        Order.objects.filter(status__in=BINDING_ORDERS, agreement__isnull=False).values_list(
            "agreement_id", flat=True
        )
    )
    standing = Licence.objects.exclude(status=LicenceStatus.REVOKED).select_related("key_request")
    fulfilled = set(
        Order.objects.filter(status=OrderStatus.FULFILLED).values_list("public_id", flat=True)
    )
    for licence in standing.order_by("pk").iterator(500):
        order_id = licence.key_request.order_id
        own = order_id in fulfilled if order_id else licence.agreement_id in bound
        if not own:
            yield Finding("licence_without_order", licence.public_id, order_id or "asked again")


def _kept(order: Order) -> int:
    """Return what came and was not given back."""
    payments = order.payments.all()
    gone = sum(
        refund.amount
        for payment in payments
        for refund in payment.refunds.all()
        if refund.status != RefundStatus.FAILED
    )
    return int(sum(payment.amount for payment in payments) - gone)
