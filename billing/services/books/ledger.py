"""Every document, payment and refund stands in the ledger once, with its sign and amount."""

from collections.abc import Iterator

from django.db.models import F, Q

from billing.domain.orders import RefundStatus
from billing.models import Document, LedgerEntry, Payment, Refund
from billing.models.document import DocumentKind
from billing.models.payment import LedgerKind
from billing.services.books.finding import Finding


def documents_are_booked() -> Iterator[Finding]:
    """An invoice is booked with +, a credit note with −, a pro forma not at all."""
    booked = LedgerEntry.objects.filter(document__isnull=False).select_related("document")
    entries = {entry.document_id: entry for entry in booked}
    for document in Document.objects.order_by("pk").iterator(500):
        entry = entries.get(document.pk)
        sign = -1 if document.kind == DocumentKind.CREDIT_NOTE else 1
        wanted = None
        if document.kind != DocumentKind.PRO_FORMA:
            wanted = (str(document.kind), sign * document.gross_amount, document.currency)
        if _booked(entry) != wanted:
            yield Finding("document_not_booked", document.public_id, f"{_booked(entry)}")


def payments_are_booked() -> Iterator[Finding]:
    """A payment is booked with −."""
    booked = LedgerEntry.objects.filter(payment__isnull=False)
    entries = {entry.payment_id: entry for entry in booked}
    for payment in Payment.objects.order_by("pk").iterator(500):
        wanted = (str(LedgerKind.PAYMENT), -payment.amount, payment.currency)
        if _booked(entries.get(payment.pk)) != wanted:
            yield Finding("payment_not_booked", payment.public_id, f"not {wanted}")


def refunds_are_booked() -> Iterator[Finding]:
    """A refund is booked with + once it succeeded, and with − again if it came back."""
    entries: dict[int, set[tuple[str, int, str] | None]] = {}
    for entry in LedgerEntry.objects.filter(refund__isnull=False):
        entries.setdefault(entry.refund_id or 0, set()).add(_booked(entry))
    for refund in Refund.objects.order_by("pk").iterator(500):
        went = (str(LedgerKind.REFUND), refund.amount, refund.currency)
        came_back = (str(LedgerKind.REFUND_BACK), -refund.amount, refund.currency)
        allowed: list[set[tuple[str, int, str]]] = [set()]
        if refund.status == RefundStatus.SUCCEEDED:
            allowed = [{went}]
        elif refund.status == RefundStatus.FAILED:
            allowed = [set(), {went, came_back}]
        if entries.get(refund.pk, set()) not in allowed:
            yield Finding("refund_not_booked", refund.public_id, f"{refund.status}")


def entries_agree_with_orders() -> Iterator[Finding]:
    """An entry is of its source's order, of that order's organisation, and in its currency."""
    foreign = (
        ~Q(organisation=F("order__organisation"))
        | ~Q(currency=F("order__currency"))
        | Q(document__isnull=False) & ~Q(document__order=F("order"))
        | Q(payment__isnull=False) & ~Q(payment__order=F("order"))
        | Q(refund__isnull=False) & ~Q(refund__payment__order=F("order"))
    )
    for entry in LedgerEntry.objects.filter(foreign).select_related("order"):
        yield Finding("entry_of_another_order", entry.order.public_id, str(entry))


def _booked(entry: LedgerEntry | None) -> tuple[str, int, str] | None:
    return None if entry is None else (entry.kind, entry.amount, entry.currency)
