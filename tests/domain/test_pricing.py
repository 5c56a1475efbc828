"""Tiers, the cheaper larger quantity, and quantities as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.pricing import (
    InvalidQuantity,
    InvalidTiers,
    Offer,
    Tier,
    cheaper_larger_quantity,
    check_quantity,
    check_tiers,
    unit_amount,
)
from tests.domain.worked_examples import SEAT_TIERS


@pytest.mark.parametrize(
    ("quantity", "price"),
    [(5, 12000), (24, 12000), (25, 10800), (99, 10800), (100, 9600), (100_000, 9600)],
)
def test_given_a_quantity_then_its_tier_sets_the_price_of_each(quantity, price):
    assert unit_amount(SEAT_TIERS, quantity) == price


def test_given_a_quantity_below_the_first_tier_then_there_is_no_price():
    with pytest.raises(InvalidQuantity) as refused:
        unit_amount(SEAT_TIERS, 4)
    assert refused.value.code == "quantity_below_minimum"
    assert refused.value.data == {"minimum": 5}


@pytest.mark.parametrize(
    ("tiers", "minimum", "code"),
    [
        ((), 5, "tiers_missing"),
        ((Tier(1, 100),), 5, "tiers_start"),
        ((Tier(5, 100), Tier(5, 90)), 5, "tiers_order"),
        ((Tier(5, 100), Tier(25, 90), Tier(20, 80)), 5, "tiers_order"),
        ((Tier(5, 0),), 5, "tiers_price"),
        ((Tier(5, 100), Tier(25, -1)), 5, "tiers_price"),
    ],
)
def test_given_broken_tiers_when_checked_then_they_are_refused(tiers, minimum, code):
    with pytest.raises(InvalidTiers) as refused:
        check_tiers(tiers, minimum)
    assert refused.value.code == code


def test_given_a_proper_price_list_when_checked_then_it_passes():
    check_tiers(SEAT_TIERS, 5)
    check_tiers((Tier(1, 4900),), 1)


@pytest.mark.parametrize(
    ("quantity", "held", "offer"),
    [
        (24, 0, Offer(25, 10800, 270000, 288000)),
        (23, 0, Offer(25, 10800, 270000, 276000)),
        # 22 seats cost 264000, less than 25.
        (22, 0, None),
        (90, 0, Offer(100, 9600, 960000, 972000)),
        (89, 0, Offer(100, 9600, 960000, 961200)),
        (88, 0, None),
        (100, 0, None),
        # 20 held: 4 more at 12000 cost 48000, 5 more at 10800 cost 54000.
        (4, 20, None),
        # 10 held: 14 more at 12000 cost 168000, 15 more at 10800 cost 162000.
        (14, 10, Offer(15, 10800, 162000, 168000)),
    ],
)
def test_given_a_quantity_then_a_larger_one_is_offered_only_where_it_costs_less(
    quantity, held, offer
):
    assert cheaper_larger_quantity(SEAT_TIERS, quantity, held=held) == offer


def test_given_two_tiers_that_cost_less_then_the_larger_saving_is_offered():
    tiers = (Tier(1, 1000), Tier(10, 90), Tier(20, 44))
    assert cheaper_larger_quantity(tiers, 9) == Offer(20, 44, 880, 9000)
    assert cheaper_larger_quantity(tiers, 9).saving == 8120


@pytest.mark.parametrize(
    ("raw", "quantity"),
    [("12", 12), (" 12 ", 12), (12, 12), ("007", 7), ("5", 5), (100_000, 100_000)],
)
def test_given_a_whole_number_when_read_then_it_is_the_quantity(raw, quantity):
    assert check_quantity(raw, 5) == quantity


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("4", "quantity_below_minimum"), (4, "quantity_below_minimum"),
        ("0", "quantity_not_positive"), (0, "quantity_not_positive"),
        ("-1", "quantity_not_positive"), (-1, "quantity_not_positive"),
        ("-" + "9" * 5000, "quantity_not_positive"),
        ("1000000000", "quantity_too_large"), (10**9, "quantity_too_large"),
        ("100001", "quantity_too_large"), ("9" * 5000, "quantity_too_large"),
        ("5.5", "quantity_not_whole"), ("5,5", "quantity_not_whole"), ("5.0", "quantity_not_whole"),
        ("five", "quantity_not_a_number"), ("٥", "quantity_not_a_number"),
        ("5e1", "quantity_not_a_number"), ("1_000", "quantity_not_a_number"),
        ("0x10", "quantity_not_a_number"), ("1 2", "quantity_not_a_number"),
        ("²", "quantity_not_a_number"), (True, "quantity_not_a_number"),
        ("", "quantity_missing"), ("   ", "quantity_missing"),
    ],
)  # fmt: skip
def test_given_a_quantity_that_cannot_be_sold_when_read_then_it_says_why(raw, code):
    with pytest.raises(InvalidQuantity) as refused:
        check_quantity(raw, 5)
    assert refused.value.code == code
    assert refused.value.field == "quantity"
    assert "%(" not in str(refused.value)


def sentence_for(raw: str) -> str:
    with pytest.raises(InvalidQuantity) as refused:
        check_quantity(raw, 5)
    return str(refused.value)


def test_given_five_kinds_of_mistake_then_each_has_a_sentence_of_its_own():
    sentences = {sentence_for(raw) for raw in ("4", "1000000000", "5.5", "five", "")}
    assert len(sentences) == 5


def test_given_too_few_or_none_or_less_then_the_sentence_names_the_smallest_quantity():
    assert {sentence_for(raw) for raw in ("4", "0", "-1")} == {"The smallest quantity is 5."}


@given(st.text())
def test_given_any_text_when_read_then_it_is_a_quantity_in_range_or_refused(raw):
    with suppress(InvalidQuantity):
        assert 5 <= check_quantity(raw, 5) <= 100_000


@given(st.integers(5, 200), st.integers(0, 100))
def test_given_any_offer_then_it_is_larger_and_really_costs_less(quantity, held):
    offer = cheaper_larger_quantity(SEAT_TIERS, quantity, held=held)
    costs = {
        more: more * unit_amount(SEAT_TIERS, held + more)
        for more in range(quantity, quantity + 120)
    }
    if offer is None:
        assert min(costs.values()) == costs[quantity]
    else:
        assert offer.quantity > quantity
        assert offer.amount == costs[offer.quantity] == min(costs.values())
