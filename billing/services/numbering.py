"""Gapless numbers: taken under a lock, in the transaction of the document that gets them."""

from datetime import date
from typing import Final

from django.db import transaction

from billing.domain.documents import DocumentNumber, DocumentSeries
from billing.models import NumberSeries
from billing.models.document import DocumentKind

_SERIES: Final = {
    DocumentKind.INVOICE: DocumentSeries.INVOICE,
    DocumentKind.CREDIT_NOTE: DocumentSeries.CREDIT_NOTE,
}


def take_number(*, kind: DocumentKind, on: date) -> DocumentNumber:
    """Return the next number of the kind's series in the year of `on`, a day of the vendor's.

    The series stays locked until the caller's transaction ends, so that a rollback gives the
    number back before anybody can take the one after it. Raises KeyError for a pro forma.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A number belongs into the transaction of its document")
    series_name = _SERIES[kind]
    NumberSeries.objects.get_or_create(kind=kind, year=on.year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=on.year)
    series.last += 1
    series.save(update_fields=["last"])
    return DocumentNumber(series_name, on.year, series.last)
