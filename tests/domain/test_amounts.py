"""The amounts of an order: every line, tax group and total."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.amounts import AmountsRequest, compute_amounts
from billing.domain.explanation import Step, StepKind, exact_text, step_from_dict
from billing.domain.proration import OutsideTerm, ProrationPolicy
from billing.domain.tax import CustomerKind, TaxCategory, TaxRule
from billing.domain.totals import BrokenSum, LineKind, Period, TaxGroup, total_lines
from portal.kit.money import UnknownCurrency, rounding_step

TERM = Period(date(2026, 1, 1), date(2027, 1, 1))


def tax_rule(rate: int) -> TaxRule:
    category = TaxCategory.STANDARD if rate else TaxCategory.ZERO_RATED
    return TaxRule("GB", "GB", CustomerKind.BUSINESS, rate, category, note="VAT")


def request(**changes: object) -> AmountsRequest:
    seats = AmountsRequest(
        product_name="Distribution Engine",
        currency="GBP",
        quantity=5,
        unit_amount=12000,
        tax_rule=tax_rule(2000),
        term=TERM,
    )
    return replace(seats, **changes)


def test_given_12_seats_with_support_for_a_year_then_every_line_and_total_is_exact():
    amounts = compute_amounts(
        request(quantity=12, support_basis_points=2000, support_name="Premier support")
    )
    assert [(line.kind, line.description, line.amount) for line in amounts.lines] == [
        (LineKind.LICENCE, "Distribution Engine", 144000),
        (LineKind.SUPPORT, "Premier support", 28800),
    ]
    assert amounts.tax_groups == (TaxGroup(2000, TaxCategory.STANDARD, "VAT", 172800, 34560),)
    assert (amounts.net, amounts.tax, amounts.gross) == (172800, 34560, 207360)
    assert amounts.lines[0].months == 12
    assert amounts.lines[0].period == TERM


def test_given_a_renewal_of_30_seats_with_20_percent_support_then_388800_is_owed():
    amounts = compute_amounts(
        request(quantity=30, unit_amount=10800, support_basis_points=2000, tax_rule=tax_rule(0))
    )
    assert [line.amount for line in amounts.lines] == [324000, 64800]
    assert amounts.gross == 388800


def test_given_5_seats_added_for_6_months_then_they_carry_the_agreements_support():
    amounts = compute_amounts(
        request(effective_on=date(2026, 7, 1), support_basis_points=2000, tax_rule=tax_rule(0))
    )
    assert [line.amount for line in amounts.lines] == [30000, 6000]
    assert amounts.gross == 36000
    assert amounts.lines[0].months == amounts.lines[1].months == 6
    assert amounts.lines[0].period == Period(date(2026, 7, 1), date(2027, 1, 1))


def test_given_10_seats_added_to_20_for_6_months_then_54000_is_owed():
    amounts = compute_amounts(
        request(quantity=10, unit_amount=10800, effective_on=date(2026, 7, 1), tax_rule=tax_rule(0))
    )
    assert amounts.gross == 54000


def test_given_21_percent_tax_on_17498_then_the_gross_is_21173():
    amounts = compute_amounts(
        request(
            quantity=3, unit_amount=9999, effective_on=date(2026, 6, 1), tax_rule=tax_rule(2100)
        )
    )
    assert (amounts.net, amounts.tax, amounts.gross) == (17498, 3675, 21173)


def test_given_prices_with_21_percent_tax_inside_then_the_net_is_14460():
    amounts = compute_amounts(
        request(
            quantity=1, unit_amount=17497, tax_rule=tax_rule(2100), tax_inclusive=True, term=None
        )
    )
    assert (amounts.net, amounts.tax, amounts.gross) == (14460, 3037, 17497)
    assert (amounts.lines[0].amount, amounts.lines[0].net) == (17497, 14460)


def test_given_yen_for_5_months_then_line_and_tax_are_whole_yen():
    amounts = compute_amounts(
        request(
            currency="JPY",
            quantity=1,
            unit_amount=15001,
            effective_on=date(2026, 8, 1),
            tax_rule=tax_rule(1000),
        )
    )
    assert (amounts.net, amounts.tax, amounts.gross) == (6250, 625, 6875)


def test_given_dinars_of_kuwait_then_lines_and_tax_end_in_zero():
    amounts = compute_amounts(
        request(
            currency="KWD",
            quantity=1,
            unit_amount=12345,
            effective_on=date(2026, 6, 1),
            support_basis_points=1500,
            tax_rule=tax_rule(500),
        )
    )
    assert [line.amount for line in amounts.lines] == [7200, 1080]
    assert (amounts.net, amounts.tax, amounts.gross) == (8280, 410, 8690)


def test_given_a_discount_then_it_follows_proration_and_support_follows_it():
    amounts = compute_amounts(
        request(
            quantity=3,
            unit_amount=9999,
            effective_on=date(2026, 6, 1),
            discount_basis_points=1250,
            discount_name="Launch offer",
            support_basis_points=2000,
        )
    )
    # 17498 − 12.5 % (2187.25) = 15311; 20 % of it is 3062.2.
    assert [(line.kind, line.amount) for line in amounts.lines] == [
        (LineKind.LICENCE, 17498),
        (LineKind.DISCOUNT, -2187),
        (LineKind.SUPPORT, 3062),
    ]
    assert (amounts.net, amounts.tax, amounts.gross) == (18373, 3675, 22048)
    assert amounts.line(LineKind.DISCOUNT).basis_points == 1250
    assert amounts.line(LineKind.DISCOUNT).description == "Launch offer"


def test_given_a_perpetual_licence_then_there_is_no_term_no_months_and_no_support_line():
    amounts = compute_amounts(request(quantity=2, unit_amount=4900, term=None))
    assert [line.kind for line in amounts.lines] == [LineKind.LICENCE]
    assert (amounts.lines[0].period, amounts.lines[0].months) == (None, None)
    assert (amounts.net, amounts.tax, amounts.gross) == (9800, 1960, 11760)
    assert amounts.line(LineKind.SUPPORT) is None


def test_given_the_daily_policy_then_days_are_charged_and_shown():
    amounts = compute_amounts(
        request(quantity=3, effective_on=date(2026, 7, 2), policy=ProrationPolicy.DAILY)
    )
    assert amounts.lines[0].amount == 18049
    assert amounts.lines[0].months is None
    assert amounts.lines[0].explanation[1] == Step(
        StepKind.DAYS, parts=183, whole=365, exact="180.493150…"
    )


def test_given_an_effective_date_outside_the_term_then_there_are_no_amounts():
    with pytest.raises(OutsideTerm):
        compute_amounts(request(effective_on=date(2027, 1, 1)))


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0}, {"quantity": -1}, {"unit_amount": -1},
        {"discount_basis_points": -1}, {"discount_basis_points": 10_001},
        {"support_basis_points": -1},
    ],
)  # fmt: skip
def test_given_numbers_that_make_no_sense_then_no_request_exists(changes):
    with pytest.raises(ValueError, match=r"not|lies"):
        request(**changes)


def test_given_an_unknown_currency_then_no_request_exists():
    with pytest.raises(UnknownCurrency):
        request(currency="GBX")


def test_given_a_licence_line_then_its_steps_explain_the_sum():
    amounts = compute_amounts(
        request(
            quantity=3, unit_amount=9999, effective_on=date(2026, 6, 1), support_basis_points=2000
        )
    )
    licence, support = amounts.lines
    assert licence.explanation == (
        Step(StepKind.FULL_TERM, quantity=3, unit_amount=9999, amount=29997),
        Step(StepKind.MONTHS, parts=7, whole=12, exact="174.9825"),
        Step(StepKind.ROUNDED, exact="174.9825", amount=17498),
    )
    assert support.explanation == (
        Step(StepKind.PERCENT, basis_points=2000, base_amount=17498, exact="34.996"),
        Step(StepKind.ROUNDED, exact="34.996", amount=3500),
    )


def test_given_a_sum_that_needed_no_rounding_then_no_rounding_is_shown():
    licence = compute_amounts(request()).lines[0]
    assert [step.kind for step in licence.explanation] == [StepKind.FULL_TERM, StepKind.MONTHS]
    assert licence.explanation[1].exact == "600.00"


def test_given_steps_when_stored_as_json_values_then_they_come_back():
    for step in compute_amounts(request(effective_on=date(2026, 6, 1))).lines[0].explanation:
        assert step_from_dict(step.as_dict()) == step
    assert Step(StepKind.MONTHS, parts=7, whole=12, exact="1.00").as_dict() == {
        "kind": "months", "parts": 7, "whole": 12, "exact": "1.00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (Fraction(1749825, 100), "GBP", "174.9825"),
        (Fraction(600), "GBP", "6.00"),
        (Fraction(1, 3), "GBP", "0.003333…"),
        (Fraction(-21872, 10), "GBP", "-21.872"),
        (Fraction(62504, 10), "JPY", "6250.4"),
        (Fraction(6250), "JPY", "6250"),
        (Fraction(5), "KWD", "0.005"),
    ],
)
def test_given_an_exact_value_when_written_then_it_is_in_major_units(value, currency, text):
    assert exact_text(value, currency) == text


def test_given_lines_of_two_rates_then_tax_is_worked_out_once_for_each_group():
    line = compute_amounts(request(quantity=1, unit_amount=1253, term=None)).lines[0]
    reduced = replace(line, rate_basis_points=500)
    amounts = total_lines([line, reduced, line], currency="GBP", tax_inclusive=False)
    # 20 % of 2506 is 501.2, where two lines of 250.6 each would make 502.
    assert [(group.net, group.tax) for group in amounts.tax_groups] == [(2506, 501), (1253, 63)]
    assert amounts.gross == 3759 + 564
    assert amounts.tax_groups[0].gross == 3007


@pytest.mark.parametrize("field", ["net", "tax", "gross", "tax_groups", "lines"])
def test_given_amounts_that_do_not_add_up_then_they_cannot_exist(field):
    amounts = compute_amounts(request())
    broken = () if field in ("tax_groups", "lines") else getattr(amounts, field) + 1
    with pytest.raises(BrokenSum):
        replace(amounts, **{field: broken})


def test_given_a_tax_group_of_another_rate_than_its_lines_then_it_cannot_exist():
    amounts = compute_amounts(request())
    other = replace(amounts.tax_groups[0], rate_basis_points=500)
    with pytest.raises(BrokenSum):
        replace(amounts, tax_groups=(other,))


@pytest.mark.parametrize("ends_on", [date(2026, 1, 1), date(2025, 12, 31)])
def test_given_a_period_that_ends_before_it_starts_then_it_cannot_exist(ends_on):
    with pytest.raises(ValueError, match="period"):
        Period(date(2026, 1, 1), ends_on)


requests = st.builds(
    request,
    currency=st.sampled_from(["GBP", "JPY", "KWD"]),
    quantity=st.integers(1, 5000),
    unit_amount=st.integers(0, 10**6),
    tax_rule=st.integers(0, 10_000).map(tax_rule),
    effective_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    policy=st.sampled_from(list(ProrationPolicy)),
    discount_basis_points=st.integers(0, 10_000),
    support_basis_points=st.integers(0, 10_000),
    tax_inclusive=st.booleans(),
)


@given(requests)
def test_given_any_order_then_totals_are_the_sums_of_its_lines_and_never_negative(asked):
    amounts = compute_amounts(asked)
    assert sum(line.net for line in amounts.lines) == amounts.net
    assert amounts.net + amounts.tax == amounts.gross
    priced = amounts.gross if asked.tax_inclusive else amounts.net
    assert sum(line.amount for line in amounts.lines) == priced
    assert min(amounts.net, amounts.tax, amounts.gross) >= 0
    step = rounding_step(asked.currency)
    assert all(line.amount % step == 0 and line.net % step == 0 for line in amounts.lines)


@given(requests)
def test_given_any_order_then_the_same_request_gives_the_same_amounts(asked):
    assert compute_amounts(asked) == compute_amounts(replace(asked))
