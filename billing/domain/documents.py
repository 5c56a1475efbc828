"""Numbers of invoices and credit notes: gapless in a yearly series for each kind."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_NUMBER = re.compile(r"(?P<series>[A-Z]{3})-(?P<year>[0-9]{4})-(?P<sequence>[0-9]{5,})")
_DIGITS: Final = 5


class DocumentSeries(StrEnum):
    """The series of numbers; a pro forma has none."""

    INVOICE = "INV"
    CREDIT_NOTE = "CRN"


@dataclass(frozen=True, slots=True, order=True)
class DocumentNumber:
    """A place in a series, shown as `INV-2026-00001`. Counting starts at 1 each year."""

    series: DocumentSeries
    year: int
    sequence: int

    def __post_init__(self) -> None:
        if self.sequence < 1 or not 1000 <= self.year <= 9999:
            raise ValueError(f"not a document number: {self.year}, {self.sequence}")

    def __str__(self) -> str:
        return f"{self.series}-{self.year:04}-{self.sequence:0{_DIGITS}}"


def parse_document_number(text: str) -> DocumentNumber:
    """Read `INV-2026-00001`. Raises ValueError for anything not written exactly so."""
    match = _NUMBER.fullmatch(text)
    if not match:
        raise ValueError(f"not a document number: {text!r}")
    number = DocumentNumber(
        DocumentSeries(match["series"]), int(match["year"]), int(match["sequence"])
    )
    if str(number) != text:
        raise ValueError(f"not a document number: {text!r}")
    return number


@dataclass(frozen=True, slots=True)
class SeriesFault:
    """What is wrong in one year's series: sequence numbers that are missing or used twice."""

    series: DocumentSeries
    year: int
    missing: tuple[int, ...]
    repeated: tuple[int, ...]


def series_faults(numbers: Iterable[DocumentNumber]) -> tuple[SeriesFault, ...]:
    """Return the faults of all series, none if every year counts 1, 2, 3 without a gap."""
    used: dict[tuple[DocumentSeries, int], Counter[int]] = {}
    for number in numbers:
        used.setdefault((number.series, number.year), Counter())[number.sequence] += 1
    faults = (_fault(series, year, used[series, year]) for series, year in sorted(used))
    return tuple(fault for fault in faults if fault.missing or fault.repeated)


def _fault(series: DocumentSeries, year: int, used: Counter[int]) -> SeriesFault:
    return SeriesFault(
        series=series,
        year=year,
        missing=tuple(n for n in range(1, max(used)) if n not in used),
        repeated=tuple(sorted(n for n, times in used.items() if times > 1)),
    )
