"""Terms: their ends, the expiry of their keys, and the overlap of an old key."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from licensing.domain.terms import expiry, overlap_ends, term_end

LONDON = ZoneInfo("Europe/London")
SUPERSEDED = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 28)),
        (date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_given_a_first_day_then_the_term_is_one_year(starts_on, ends_on):
    assert term_end(starts_on) == ends_on


@pytest.mark.parametrize(
    ("ends_on", "grace", "moment"),
    [
        (date(2027, 1, 1), 14, datetime(2027, 1, 15, tzinfo=UTC)),
        (date(2027, 7, 1), 14, datetime(2027, 7, 14, 23, tzinfo=UTC)),
        (date(2027, 7, 1), 0, datetime(2027, 6, 30, 23, tzinfo=UTC)),
        # Summer time begins inside the grace.
        (date(2027, 3, 20), 14, datetime(2027, 4, 2, 23, tzinfo=UTC)),
    ],
)
def test_given_a_terms_end_then_the_key_stops_after_the_grace_at_midnight(ends_on, grace, moment):
    assert expiry(ends_on, grace, LONDON) == moment


def test_given_a_negative_grace_then_it_is_refused():
    with pytest.raises(ValueError, match="grace"):
        expiry(date(2027, 1, 1), -1, LONDON)


@pytest.mark.parametrize(
    ("first_used", "ends"),
    [
        (None, SUPERSEDED + timedelta(days=30)),
        (SUPERSEDED + timedelta(days=3), SUPERSEDED + timedelta(days=3)),
        (SUPERSEDED + timedelta(days=31), SUPERSEDED + timedelta(days=30)),
        (SUPERSEDED - timedelta(seconds=1), SUPERSEDED),
    ],
)
def test_given_a_new_key_then_the_old_one_overlaps_until_first_use_at_most_30_days(
    first_used, ends
):
    assert overlap_ends(SUPERSEDED, first_used) == ends


@pytest.mark.parametrize(
    ("falls_at", "ends"),
    [
        (SUPERSEDED + timedelta(days=60), SUPERSEDED + timedelta(days=60)),
        (SUPERSEDED + timedelta(days=2), SUPERSEDED + timedelta(days=2)),
        (SUPERSEDED - timedelta(days=2), SUPERSEDED),
    ],
)
def test_given_a_lower_count_then_the_old_key_stops_when_the_new_term_begins(falls_at, ends):
    used = SUPERSEDED + timedelta(days=1)
    assert overlap_ends(SUPERSEDED, used, count_falls_at=falls_at) == ends
    assert overlap_ends(SUPERSEDED, count_falls_at=falls_at) == ends


def test_given_another_length_of_overlap_then_it_is_used():
    assert overlap_ends(SUPERSEDED, days=7) == SUPERSEDED + timedelta(days=7)
