"""Money: whole minor units, one currency, exact rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.money import (
    CurrencyMismatch,
    InvalidAmount,
    Money,
    UnknownCurrency,
    exponent,
    parse_amount,
    round_amount,
    round_half_up,
    rounding_step,
    sum_money,
)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("GBP", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2), ("IQD", 3), ("CLF", 4)],
)
def test_given_a_currency_then_its_exponent_is_that_of_iso_4217(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize("code", ["", "gbp", "XAU", "XXX", "ABC", "GBPX", "DEM"])
def test_given_no_iso_currency_with_minor_units_when_used_then_it_is_refused(code):
    with pytest.raises(UnknownCurrency) as refused:
        Money(1, code)
    assert refused.value.code == "unknown_currency"
    assert refused.value.status == 422


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1), None])
def test_given_anything_but_a_whole_number_when_made_into_money_then_it_is_refused(minor):
    with pytest.raises(TypeError):
        Money(minor, "GBP")


def test_given_one_currency_when_calculated_then_the_sums_are_exact():
    assert Money(250, "GBP") + Money(1, "GBP") == Money(251, "GBP")
    assert Money(250, "GBP") - Money(300, "GBP") == Money(-50, "GBP")
    assert -Money(250, "GBP") == Money(-250, "GBP")
    assert Money(250, "GBP") * 3 == 3 * Money(250, "GBP") == Money(750, "GBP")
    assert sum_money([Money(1, "EUR"), Money(2, "EUR")], "EUR") == Money(3, "EUR")
    assert sum_money([], "JPY") == Money.zero("JPY")


def test_given_one_currency_when_compared_then_the_order_is_that_of_the_amounts():
    one, two = Money(1, "GBP"), Money(2, "GBP")
    assert one < two <= two
    assert two > one >= one
    assert not two < one
    assert not one >= two


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__"])
def test_given_two_currencies_when_they_meet_then_it_is_refused(operation):
    with pytest.raises(CurrencyMismatch) as refused:
        getattr(Money(1, "GBP"), operation)(Money(1, "EUR"))
    assert refused.value.data == {"left": "GBP", "right": "EUR"}
    assert Money(1, "GBP") != Money(1, "EUR")


def test_given_money_and_a_number_when_they_meet_then_it_is_refused():
    with pytest.raises(TypeError):
        Money(1, "GBP") + 1
    with pytest.raises(TypeError):
        Money(1, "GBP") * 1.5
    with pytest.raises(TypeError):
        Money(1, "GBP") * True


def test_given_money_when_asked_for_its_truth_then_it_is_refused_and_is_zero_answers():
    with pytest.raises(TypeError):
        bool(Money(0, "GBP"))
    assert Money(0, "GBP").is_zero
    assert not Money(-1, "GBP").is_zero


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 2, 3), (-5, 2, -3), (5, -2, -3), (-5, -2, 3), (7, 3, 2), (-7, 3, -2), (8, 3, 3),
        (1, 2, 1), (-1, 2, -1), (0, 7, 0), (0, -7, 0), (1749825, 100, 17498), (4995, 10, 500),
        (10**30 + 1, 2, 5 * 10**29 + 1),
    ],
)  # fmt: skip
def test_given_a_quotient_when_rounded_then_a_half_goes_away_from_zero(
    numerator, denominator, rounded
):
    assert round_half_up(numerator, denominator) == rounded


def test_given_a_zero_denominator_when_rounded_then_it_is_refused():
    with pytest.raises(ZeroDivisionError):
        round_half_up(1, 0)


@given(st.integers(), st.integers(min_value=1))
def test_given_any_quotient_when_rounded_then_it_is_at_most_a_half_away_and_mirrored(n, d):
    assert abs(Fraction(n, d) - round_half_up(n, d)) <= Fraction(1, 2)
    assert round_half_up(-n, d) == -round_half_up(n, d)


@pytest.mark.parametrize(
    ("value", "currency", "rounded"),
    [
        (Fraction(1234), "KWD", 1230), (Fraction(1235), "KWD", 1240),
        (Fraction(-1235), "KWD", -1240),
        (Fraction(1235), "GBP", 1235), (Fraction(12355, 10), "GBP", 1236),
        (Fraction(62504, 10), "JPY", 6250), (Fraction(1235), "IQD", 1235),
    ],
)  # fmt: skip
def test_given_an_exact_amount_when_rounded_then_kwd_goes_to_its_nearest_ten(
    value, currency, rounded
):
    assert round_amount(value, currency) == rounded


def test_given_an_unknown_currency_when_rounding_then_it_is_refused():
    with pytest.raises(UnknownCurrency):
        rounding_step("kwd")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123450, "GBP", "1234.50"),
        (-5, "GBP", "-0.05"),
        (15001, "JPY", "15001"),
        (5, "KWD", "0.005"),
    ],
)
def test_given_money_when_shown_as_a_decimal_then_it_has_the_currencys_decimals(
    minor, currency, text
):
    assert str(Money(minor, currency).to_decimal()) == text


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.50", "GBP", 123450), ("1234.5", "GBP", 123450), (" 12 ", "GBP", 1200),
        ("-3", "GBP", -300), ("-0.05", "GBP", -5), ("15001", "JPY", 15001),
        ("1,234,567.891", "KWD", 1234567891), ("0", "EUR", 0), ("007", "EUR", 700),
    ],
)  # fmt: skip
def test_given_a_plain_decimal_when_parsed_then_it_is_money(text, currency, minor):
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("", "GBP", "amount_not_a_number"), ("five", "GBP", "amount_not_a_number"),
        ("1.234,50", "GBP", "amount_not_a_number"), ("12,34", "GBP", "amount_not_a_number"),
        ("1e3", "GBP", "amount_not_a_number"), ("£5", "GBP", "amount_not_a_number"),
        ("٥", "GBP", "amount_not_a_number"), (".5", "GBP", "amount_not_a_number"),
        ("NaN", "GBP", "amount_not_a_number"), ("--5", "GBP", "amount_not_a_number"),
        ("1.005", "GBP", "amount_too_precise"), ("1.0", "JPY", "amount_too_precise"),
        ("99999999999999999", "GBP", "amount_too_large"), ("9" * 5000, "GBP", "amount_too_large"),
    ],
)  # fmt: skip
def test_given_no_plain_decimal_when_parsed_then_it_is_refused_with_its_code(text, currency, code):
    with pytest.raises(InvalidAmount) as refused:
        parse_amount(text, currency)
    assert refused.value.code == code
    assert str(refused.value)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_given_any_money_when_written_and_parsed_then_it_is_the_same(minor, currency):
    money = Money(minor, currency)
    assert parse_amount(f"{money.to_decimal():f}", currency) == money
