"""Numbers count 1, 2, 3 in each year and kind, and the series knows the last."""

from collections.abc import Iterator
from typing import Final

from billing.domain.documents import DocumentNumber, DocumentSeries, parse_document_number
from billing.models import Document, NumberSeries
from billing.models.document import DocumentKind
from billing.services.books.finding import Finding

SERIES_OF: Final = {
    str(DocumentKind.INVOICE): DocumentSeries.INVOICE,
    str(DocumentKind.CREDIT_NOTE): DocumentSeries.CREDIT_NOTE,
}


def series_are_gapless() -> Iterator[Finding]:
    """No number is missing, and the next one follows the last that was given."""
    used: dict[tuple[str, int], list[int]] = {}
    numbered = Document.objects.exclude(kind=DocumentKind.PRO_FORMA).order_by()
    for kind, year, sequence in numbered.values_list("kind", "year", "sequence"):
        used.setdefault((kind, year or 0), []).append(sequence or 0)
    last = {(row.kind, row.year): row.last for row in NumberSeries.objects.all()}
    for kind, year in sorted(used.keys() | last.keys()):
        given, expected = sorted(used.get((kind, year), [])), last.get((kind, year), 0)
        if given != list(range(1, expected + 1)):
            missing = sorted(set(range(1, expected + 1)) - set(given))
            yield Finding(
                "numbers_not_gapless",
                f"{kind} {year}",
                f"the last is {expected}, {len(given)} were given, missing {missing[:10]}",
            )


def numbers_are_written_right() -> Iterator[Finding]:
    """The printed number is the one of the row's kind, year and sequence; a pro forma has none."""
    for document in Document.objects.order_by("pk").iterator(500):
        if _written(document) != document.number:
            yield Finding("number_differs", document.public_id, document.number)


def _written(document: Document) -> str:
    series = SERIES_OF.get(document.kind)
    if series is None or not document.year or not document.sequence:
        return ""
    number = str(DocumentNumber(series, document.year, document.sequence))
    return str(parse_document_number(number))
