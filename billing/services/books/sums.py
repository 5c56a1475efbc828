"""Totals are the sum of their parts, and an invoice says what its order said."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Count, F, Prefetch, Q

from billing.domain.orders import OrderStatus
from billing.models import Document, DocumentLine, Order, OrderLine
from billing.models.document import DocumentKind
from billing.services.books.finding import Finding


def order_sums() -> Iterator[Finding]:
    """An order's net, tax and gross are the sums of its lines and tax groups."""
    lines = Prefetch("lines", OrderLine.objects.order_by("position"))
    for order in Order.objects.select_related("price").prefetch_related(lines).iterator(500):
        yield from _compare("order_sums", order.public_id, order, order.price.tax_inclusive)


def document_sums() -> Iterator[Finding]:
    """A document's net, tax and gross are the sums of its lines and tax groups."""
    lines = Prefetch("lines", DocumentLine.objects.order_by("position"))
    documents = Document.objects.select_related("order__price").prefetch_related(lines)
    for document in documents.iterator(500):
        inclusive = document.order.price.tax_inclusive
        yield from _compare("document_sums", document.public_id, document, inclusive)


def invoices_match_orders() -> Iterator[Finding]:
    """Every document states its order's amounts, in its order's currency."""
    differs = (
        ~Q(gross_amount=F("order__gross_amount"))
        | ~Q(net_amount=F("order__net_amount"))
        | ~Q(currency=F("order__currency"))
        | ~Q(organisation=F("order__organisation"))
    )
    for document in Document.objects.filter(differs).select_related("order"):
        yield Finding("document_differs", document.public_id, f"order {document.order.public_id}")
    for order in Order.objects.filter(status=OrderStatus.DRAFT, documents__isnull=False):
        yield Finding("document_of_draft", order.public_id, "a draft has a document")
    invoices = Document.objects.filter(kind=DocumentKind.INVOICE).order_by()
    several = invoices.values("order__public_id").annotate(count=Count("pk")).filter(count__gt=1)
    for row in several:
        yield Finding("second_invoice", row["order__public_id"], f"{row['count']}")


def _compare(code: str, subject: str, row: Any, tax_inclusive: bool) -> Iterator[Finding]:
    lines = sum(line.amount for line in row.lines.all())
    priced = row.gross_amount if tax_inclusive else row.net_amount
    pairs = {
        "lines": (lines, priced),
        "net of the tax groups": (_sum(row.tax_groups, "net"), row.net_amount),
        "tax of the tax groups": (_sum(row.tax_groups, "tax"), row.tax_amount),
        "net and tax": (row.net_amount + row.tax_amount, row.gross_amount),
    }
    for name, (parts, total) in pairs.items():
        if parts != total:
            yield Finding(code, subject, f"{name} sum to {parts}, not {total}")


def _sum(groups: Iterable[Mapping[str, Any]], key: str) -> int:
    return sum(int(group[key]) for group in groups)
