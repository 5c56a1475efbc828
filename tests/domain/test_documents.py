"""Document numbers, their series, and credits in slices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.credits import credit_part, slices
from billing.domain.documents import (
    DocumentNumber,
    DocumentSeries,
    SeriesFault,
    parse_document_number,
    series_faults,
)

INVOICE, CREDIT_NOTE = DocumentSeries.INVOICE, DocumentSeries.CREDIT_NOTE


@pytest.mark.parametrize(
    ("series", "year", "sequence", "text"),
    [
        (INVOICE, 2026, 1, "INV-2026-00001"),
        (CREDIT_NOTE, 2026, 1, "CRN-2026-00001"),
        (INVOICE, 2027, 99999, "INV-2027-99999"),
        (INVOICE, 2027, 100000, "INV-2027-100000"),
    ],
)
def test_given_a_place_in_a_series_then_its_number_reads_and_parses(series, year, sequence, text):
    number = DocumentNumber(series, year, sequence)
    assert str(number) == text
    assert parse_document_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "INV-2026-1", "INV-2026-000001", "inv-2026-00001", "XXX-2026-00001", "INV-2026-00000",
     "INV-2026-٠٠٠٠١", "INV-2026-00001 "],
)  # fmt: skip
def test_given_another_text_when_parsed_then_it_is_refused(text):
    with pytest.raises(ValueError, match="not a"):
        parse_document_number(text)


def numbers(*texts: str) -> list[DocumentNumber]:
    return [parse_document_number(text) for text in texts]


def test_given_series_without_gaps_then_there_are_no_faults():
    assert series_faults([]) == ()
    assert (
        series_faults(
            numbers("INV-2026-00002", "INV-2026-00001", "CRN-2026-00001", "INV-2027-00001")
        )
        == ()
    )


def test_given_a_gap_and_a_repeat_then_each_is_named_in_its_own_series_and_year():
    faults = series_faults(
        numbers("INV-2026-00001", "INV-2026-00004", "CRN-2026-00001", "INV-2027-00002")
        + numbers("CRN-2026-00001")
    )
    assert faults == (
        SeriesFault(CREDIT_NOTE, 2026, missing=(), repeated=(1,)),
        SeriesFault(INVOICE, 2026, missing=(2, 3), repeated=()),
        SeriesFault(INVOICE, 2027, missing=(1,), repeated=()),
    )


@pytest.mark.parametrize(
    ("total", "count", "currency", "expected"),
    [
        (10001, 3, "GBP", (3334, 3334, 3333)),
        (10000, 3, "GBP", (3333, 3333, 3334)),
        (10000, 4, "GBP", (2500, 2500, 2500, 2500)),
        (2, 4, "GBP", (1, 1, 0, 0)),
        (0, 2, "GBP", (0, 0)),
        (10000, 3, "KWD", (3330, 3330, 3340)),
        (5, 1, "GBP", (5,)),
    ],
)
def test_given_equal_slices_then_the_last_takes_the_remainder(total, count, currency, expected):
    assert slices(total, count, currency) == expected


def test_given_3_of_10_seats_credited_then_the_rest_is_what_is_left():
    first = credit_part(
        9999, parts=3, whole=10, credited_parts=0, credited_amount=0, currency="GBP"
    )
    last = credit_part(
        9999, parts=7, whole=10, credited_parts=3, credited_amount=first, currency="GBP"
    )
    assert (first, last) == (3000, 6999)


@pytest.mark.parametrize(("parts", "credited"), [(0, 0), (-1, 0), (4, 0), (2, 2), (1, -1)])
def test_given_more_parts_than_there_are_then_the_credit_is_refused(parts, credited):
    with pytest.raises(ValueError, match="cannot credit"):
        credit_part(
            100, parts=parts, whole=3, credited_parts=credited, credited_amount=0, currency="GBP"
        )


@given(st.integers(0, 10**9), st.integers(1, 60), st.sampled_from(["GBP", "KWD"]))
def test_given_any_amount_then_its_slices_sum_to_it_and_none_is_negative(total, count, currency):
    parts = slices(total, count, currency)
    assert sum(parts) == total
    assert len(parts) == count
    assert min(parts) >= 0
