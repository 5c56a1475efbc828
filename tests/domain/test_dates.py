"""Anniversaries, the ends of terms, and the business-day promise."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.dates import (
    BusinessCalendar,
    add_years,
    anniversary,
    last_day_included,
    local_midnight_utc,
    local_today,
    months_between,
    public_holidays,
)
from tests.domain.worked_examples import DUE

LONDON = ZoneInfo("Europe/London")
VENDOR = BusinessCalendar(LONDON, time(9), time(17, 30), public_holidays("GB", "ENG"))


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("first", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 31), 0, date(2026, 1, 31)),
    ],
)
def test_given_a_first_day_then_anniversaries_are_clamped_and_never_drift(first, months, expected):
    assert anniversary(first, months) == expected


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2026, 1, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 21), -1, date(2025, 11, 21)),
    ],
)
def test_given_a_day_when_years_are_added_then_only_29_february_moves(day, years, expected):
    assert add_years(day, years) == expected


def test_given_days_around_an_anniversary_then_it_counts_from_its_own_day():
    first = date(2026, 1, 15)
    assert months_between(first, date(2026, 7, 14), at_most=11) == 5
    assert months_between(first, date(2026, 7, 15), at_most=11) == 6
    assert months_between(first, first, at_most=11) == 0
    assert months_between(first, date(2030, 1, 1), at_most=11) == 11


def test_given_an_exclusive_end_then_people_see_the_day_before():
    assert last_day_included(date(2027, 1, 1)) == date(2026, 12, 31)


def test_given_a_moment_then_the_local_day_depends_on_the_zone():
    at = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert local_today(at, LONDON) == date(2026, 7, 1)
    assert local_today(at, ZoneInfo("America/New_York")) == date(2026, 6, 30)
    assert local_midnight_utc(date(2026, 7, 1), LONDON) == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert local_midnight_utc(date(2026, 12, 1), LONDON) == datetime(2026, 12, 1, tzinfo=UTC)


def test_given_england_then_boxing_day_on_a_saturday_is_kept_on_the_monday():
    england = public_holidays("GB", "ENG")
    assert date(2026, 12, 28) in england
    assert date(2026, 12, 29) not in england
    assert date(2031, 12, 25) in england
    assert date(2026, 1, 2) not in england
    assert date(2026, 1, 2) in public_holidays("GB", "SCT")
    assert public_holidays("GB", "ENG") is england


@pytest.mark.parametrize(("start", "due", "kind", "day"), DUE)
def test_given_a_start_then_it_is_due_one_business_day_later_and_reads_so(start, due, kind, day):
    due_at = VENDOR.due_at(london(start))
    assert due_at == london(due)
    assert due_at.tzinfo is UTC
    shown = VENDOR.shown_due(due_at)
    assert (shown.kind, shown.day) == (kind, day)
    assert shown.at.replace(tzinfo=None) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-23T08:59", "2026-11-24T09:00"),
        ("2026-11-23T09:00", "2026-11-24T09:00"),
        ("2026-11-23T17:29", "2026-11-24T17:29"),
        ("2026-11-23T17:30", "2026-11-25T09:00"),
        ("2026-11-27T10:15", "2026-11-30T10:15"),
        ("2026-12-25T10:00", "2026-12-30T09:00"),
        ("2026-12-31T10:00", "2027-01-04T10:00"),
    ],
)
def test_given_the_edges_of_working_hours_then_the_clock_starts_when_we_are_open(start, due):
    assert VENDOR.due_at(london(start)) == london(due)


@pytest.mark.parametrize(
    ("start", "due_utc"),
    [
        # Summer time ends on Sunday 25 October 2026 and begins on Sunday 28 March 2027.
        ("2026-10-23T10:00", datetime(2026, 10, 26, 10, tzinfo=UTC)),
        ("2026-10-22T10:00", datetime(2026, 10, 23, 9, tzinfo=UTC)),
        ("2027-03-25T10:00", datetime(2027, 3, 30, 9, tzinfo=UTC)),
    ],
)
def test_given_a_change_of_summer_time_then_the_local_time_stays(start, due_utc):
    assert VENDOR.due_at(london(start)) == due_utc


def test_given_working_hours_over_the_skipped_hour_then_the_due_time_still_exists():
    everyday = BusinessCalendar(LONDON, time(0), time(23), working_weekdays=frozenset(range(7)))
    due = everyday.due_at(london("2027-03-27T01:30"))
    assert due == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_given_a_customer_elsewhere_then_the_vendors_hours_count():
    tokyo = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert VENDOR.due_at(tokyo) == london("2026-11-24T09:00")


def test_given_a_naive_time_then_every_question_is_refused():
    naive = datetime.fromisoformat("2026-11-23T10:00")
    for question in (VENDOR.due_at, VENDOR.is_open, VENDOR.next_opening, VENDOR.shown_due):
        with pytest.raises(ValueError, match="time zone"):
            question(naive)
    with pytest.raises(ValueError, match="time zone"):
        VENDOR.due_after_pauses(london("2026-11-23T10:00"), [(naive, None)])
    with pytest.raises(ValueError, match="time zone"):
        local_today(naive, LONDON)


def test_given_working_hours_then_opening_is_in_and_closing_is_out():
    assert VENDOR.is_open(london("2026-11-23T09:00"))
    assert not VENDOR.is_open(london("2026-11-23T17:30"))
    assert not VENDOR.is_open(london("2026-11-22T12:00"))
    assert not VENDOR.is_open(london("2026-12-28T12:00"))


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23T08:00", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T09:01", "2026-11-24T09:00"),
        ("2026-12-24T18:00", "2026-12-29T09:00"),
    ],
)
def test_given_a_time_then_the_next_opening_is_at_or_after_it(at, opening):
    assert VENDOR.next_opening(london(at)) == london(opening)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 12, 24), 2, date(2026, 12, 30)),
        (date(2026, 11, 23), -1, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_given_a_day_when_business_days_are_added_then_weekends_and_holidays_are_skipped(
    day, count, expected
):
    assert VENDOR.add_business_days(day, count) == expected


def test_given_a_due_time_at_closing_then_it_reads_by_close_on_that_day():
    shown = VENDOR.shown_due(london("2026-11-24T17:30"))
    assert (shown.kind, shown.day) == ("by_close", date(2026, 11, 24))


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "2026-11-24T10:00"),
        # Two working hours of waiting move the due time by two working hours.
        ([("2026-11-23T11:00", "2026-11-23T13:00")], "2026-11-24T12:00"),
        # A night in the pause moves nothing: 1.5 hours before closing, 0.5 after opening.
        ([("2026-11-23T16:00", "2026-11-24T09:30")], "2026-11-24T12:00"),
        # A pause wholly outside working hours moves nothing.
        ([("2026-11-23T18:00", "2026-11-24T08:00")], "2026-11-24T10:00"),
        # A whole working day moves it by one business day.
        ([("2026-11-23T11:00", "2026-11-24T11:00")], "2026-11-25T10:00"),
        # What overlaps counts once, in any order.
        (
            [("2026-11-23T12:00", "2026-11-23T14:00"), ("2026-11-23T11:00", "2026-11-23T13:00")],
            "2026-11-24T13:00",
        ),
        # A pause inside another adds nothing.
        (
            [("2026-11-23T11:00", "2026-11-23T14:00"), ("2026-11-23T12:00", "2026-11-23T13:00")],
            "2026-11-24T13:00",
        ),
        # The first pause moves the due time so far that the second still falls before it.
        (
            [("2026-11-23T11:00", "2026-11-23T13:00"), ("2026-11-24T11:00", "2026-11-24T12:00")],
            "2026-11-24T13:00",
        ),
        # A promise that was broken already is not mended by waiting.
        ([("2026-11-24T10:00", "2026-11-24T12:00")], "2026-11-24T10:00"),
        ([("2026-11-24T10:00", None)], "2026-11-24T10:00"),
        # What came before the start does not count.
        ([("2026-11-20T10:00", "2026-11-23T11:00")], "2026-11-24T11:00"),
        # While we wait for the customer nothing is due.
        ([("2026-11-23T11:00", None)], None),
        ([("2026-11-23T11:00", "2026-11-23T12:00"), ("2026-11-24T10:30", None)], None),
    ],
)
def test_given_waiting_for_the_customer_then_the_due_time_moves_by_the_working_time_in_it(
    pauses, due
):
    given_pauses = [(london(began), london(ended) if ended else None) for began, ended in pauses]
    answer = VENDOR.due_after_pauses(london("2026-11-23T10:00"), given_pauses)
    assert answer == (london(due) if due else None)


def test_given_a_span_over_a_holiday_then_only_working_time_is_counted():
    worked = VENDOR.working_time(london("2026-12-24T16:00"), london("2026-12-29T10:00"))
    assert worked == timedelta(hours=2, minutes=30)
    assert VENDOR.working_time(london("2026-12-29T10:00"), london("2026-12-24T16:00")) == timedelta(
        0
    )


def test_given_a_calendar_that_makes_no_sense_then_it_is_refused():
    with pytest.raises(ValueError, match="open before"):
        BusinessCalendar(LONDON, time(17), time(9))
    with pytest.raises(ValueError, match="weekdays"):
        BusinessCalendar(LONDON, time(9), time(17), working_weekdays=frozenset())
    with pytest.raises(ValueError, match="weekdays"):
        BusinessCalendar(LONDON, time(9), time(17), working_weekdays=frozenset({7}))


class Always:
    def __contains__(self, day: object) -> bool:
        return True


def test_given_nothing_but_holidays_then_the_search_ends_with_an_error():
    with pytest.raises(ValueError, match="no business days"):
        BusinessCalendar(LONDON, time(9), time(17), Always()).due_at(london("2026-11-23T10:00"))


moments = st.datetimes(
    datetime.fromisoformat("2025-01-01"),
    datetime.fromisoformat("2029-01-01"),
    timezones=st.just(UTC),
)


@given(moments)
def test_given_any_start_then_the_promise_is_one_working_day_of_working_time(start):
    due = VENDOR.due_at(start)
    assert due > start
    assert VENDOR.working_time(start, due) == timedelta(hours=8, minutes=30)


@given(
    moments,
    st.timedeltas(timedelta(0), timedelta(days=3)),
    st.timedeltas(timedelta(0), timedelta(days=5)),
)
def test_given_any_pause_before_the_due_time_then_the_working_time_left_is_kept(
    start, after, length
):
    began = start + after
    unpaused = VENDOR.due_at(start)
    due = VENDOR.due_after_pauses(start, [(began, began + length)])
    if began >= unpaused:
        assert due == unpaused
        return
    worked = VENDOR.working_time(start, began) + VENDOR.working_time(began + length, due)
    assert worked == timedelta(hours=8, minutes=30)
