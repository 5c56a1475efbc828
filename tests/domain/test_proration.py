"""Pro-rata: started months of a term, or days."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.pricing import unit_amount
from billing.domain.proration import (
    OutsideTerm,
    ProrationPolicy,
    TermShare,
    months_left,
    prorate,
    term_share,
)
from portal.kit.dates import add_years
from tests.domain.worked_examples import NEW_YEAR_2026, PRORATION, SEAT_TIERS

MONTHLY, DAILY = ProrationPolicy.MONTHLY, ProrationPolicy.DAILY
first_days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize("example", PRORATION, ids=[example.case for example in PRORATION])
def test_given_seats_added_in_a_term_then_started_months_are_charged(example):
    ends_on = add_years(example.starts_on, 1)
    months = months_left(example.starts_on, ends_on, example.effective_on)
    assert months == example.months
    share = Fraction(months, 12)
    assert prorate(example.quantity, example.unit_amount, share, "GBP") == example.amount


def test_given_20_seats_when_10_are_added_with_6_months_left_then_the_new_totals_tier_applies():
    price = unit_amount(SEAT_TIERS, 30)
    assert prorate(10, price, Fraction(6, 12), "GBP") == 54000


def test_given_yen_then_the_line_rounds_to_whole_yen():
    assert prorate(1, 15001, Fraction(5, 12), "JPY") == 6250


def test_given_dinars_of_kuwait_then_the_line_rounds_to_ten():
    assert prorate(1, 12345, Fraction(7, 12), "KWD") == 7200


@pytest.mark.parametrize(
    "effective_on", [date(2025, 12, 31), date(2027, 1, 1), date(2030, 6, 1), date(2020, 1, 1)]
)
@pytest.mark.parametrize("policy", list(ProrationPolicy))
def test_given_a_day_outside_the_term_then_nothing_is_charged_but_refused(effective_on, policy):
    with pytest.raises(OutsideTerm) as refused:
        term_share(
            policy,
            starts_on=NEW_YEAR_2026,
            ends_on=date(2027, 1, 1),
            effective_on=effective_on,
        )
    assert refused.value.code == "outside_term"
    assert refused.value.data["day"] == effective_on.isoformat()


@pytest.mark.parametrize(
    ("effective_on", "parts"),
    [(date(2026, 1, 1), 365), (date(2026, 7, 2), 183), (date(2026, 12, 31), 1)],
)
def test_given_the_daily_policy_then_days_to_the_end_are_charged(effective_on, parts):
    share = term_share(
        DAILY, starts_on=NEW_YEAR_2026, ends_on=date(2027, 1, 1), effective_on=effective_on
    )
    assert share == TermShare(DAILY, parts, 365)


def test_given_the_daily_policy_when_prorated_then_the_line_is_rounded_once():
    # 3 × 12000 × 183 / 365 = 18049.315…
    assert prorate(3, 12000, Fraction(183, 365), "GBP") == 18049


def test_given_a_leap_term_then_the_daily_policy_counts_366_days():
    share = term_share(
        DAILY,
        starts_on=date(2027, 8, 31),
        ends_on=date(2028, 8, 31),
        effective_on=date(2028, 2, 29),
    )
    assert (share.parts, share.whole) == (184, 366)


@given(first_days, st.integers(0, 365), st.sampled_from([MONTHLY, DAILY]))
def test_given_any_term_when_a_day_passes_then_the_share_never_rises_nor_ends(first, day, policy):
    ends_on = add_years(first, 1)
    days = [first + timedelta(days=day), first + timedelta(days=day + 1)]
    shares = [
        term_share(policy, starts_on=first, ends_on=ends_on, effective_on=on).fraction
        for on in days
        if on < ends_on
    ]
    assert shares == sorted(shares, reverse=True)
    assert all(0 < share <= 1 for share in shares)


@given(first_days)
def test_given_any_term_then_the_first_day_is_whole_and_the_last_day_a_month(first):
    ends_on = add_years(first, 1)
    assert months_left(first, ends_on, first) == 12
    assert months_left(first, ends_on, ends_on - timedelta(days=1)) == 1


@given(
    st.integers(1, 500),
    st.integers(1, 10**6),
    st.integers(1, 12),
    st.sampled_from([("GBP", 1), ("JPY", 1), ("KWD", 10)]),
)
def test_given_one_tier_when_bought_one_by_one_then_only_rounding_differs(
    quantity, price, months, currency
):
    code, step = currency
    share = Fraction(months, 12)
    together = prorate(quantity, price, share, code)
    apart = quantity * prorate(1, price, share, code)
    assert together >= 0
    assert 2 * abs(together - apart) <= (quantity + 1) * step
