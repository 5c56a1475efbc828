"""Which tax rule applies, and how much tax there is."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.tax import (
    CustomerKind,
    NoTaxRule,
    OverlappingTaxRules,
    TaxCategory,
    TaxEvidenceMissing,
    TaxRule,
    check_rules,
    choose_rule,
    net_of_gross,
    tax_in_currency,
    tax_on_net,
)

BUSINESS, PRIVATE = CustomerKind.BUSINESS, CustomerKind.PRIVATE
UK_BUSINESS = TaxRule("GB", "GB", BUSINESS, 2000, TaxCategory.STANDARD)
UK_PRIVATE = TaxRule("GB", "GB", PRIVATE, 2000, TaxCategory.STANDARD)
ABROAD = TaxRule("GB", None, BUSINESS, 0, TaxCategory.OUTSIDE_SCOPE, needs_evidence=True)
NORWAY_OLD = TaxRule("GB", "NO", PRIVATE, 2400, TaxCategory.STANDARD, valid_to=date(2026, 7, 1))
NORWAY_NEW = TaxRule("GB", "NO", PRIVATE, 2500, TaxCategory.STANDARD, valid_from=date(2026, 7, 1))
SWISS = TaxRule("GB", "CH", BUSINESS, 0, TaxCategory.EXPORT)
RULES = (ABROAD, UK_BUSINESS, UK_PRIVATE, NORWAY_OLD, NORWAY_NEW, SWISS)


def choose(country, kind, *, evidence=True, on=date(2026, 11, 21), rules=RULES):
    return choose_rule(
        rules,
        vendor_country="GB",
        customer_country=country,
        customer_kind=kind,
        on=on,
        has_evidence=evidence,
    )


@pytest.mark.parametrize(
    ("country", "kind", "rule"),
    [
        ("GB", BUSINESS, UK_BUSINESS),
        ("GB", PRIVATE, UK_PRIVATE),
        ("DE", BUSINESS, ABROAD),
        ("US", BUSINESS, ABROAD),
        ("NO", PRIVATE, NORWAY_NEW),
        ("CH", BUSINESS, SWISS),
    ],
)
def test_given_a_customer_then_the_most_specific_rule_applies(country, kind, rule):
    assert choose(country, kind) is rule


def test_given_a_named_country_then_its_rule_wins_and_asks_for_no_evidence_of_the_other():
    assert choose("CH", BUSINESS, evidence=False) is SWISS


@pytest.mark.parametrize(
    ("on", "rule"), [(date(2026, 6, 30), NORWAY_OLD), (date(2026, 7, 1), NORWAY_NEW)]
)
def test_given_a_rate_that_changes_then_the_day_decides(on, rule):
    assert choose("NO", PRIVATE, on=on) is rule


@pytest.mark.parametrize(("country", "kind"), [("DE", PRIVATE), ("", PRIVATE), ("FR", PRIVATE)])
def test_given_no_rule_then_the_sale_is_refused_and_never_taxed_at_nothing(country, kind):
    with pytest.raises(NoTaxRule) as refused:
        choose(country, kind)
    assert refused.value.code == "no_tax_rule"
    assert refused.value.status == 422


def test_given_only_a_rule_for_abroad_then_the_vendors_own_country_is_not_abroad():
    with pytest.raises(NoTaxRule):
        choose("GB", BUSINESS, rules=(ABROAD,))


def test_given_rules_of_another_vendor_country_then_they_do_not_apply():
    with pytest.raises(NoTaxRule):
        choose("DE", BUSINESS, rules=(TaxRule("FR", "DE", BUSINESS, 0, TaxCategory.EXPORT),))


def test_given_a_foreign_business_without_evidence_then_the_sale_is_refused():
    with pytest.raises(TaxEvidenceMissing) as refused:
        choose("DE", BUSINESS, evidence=False)
    assert refused.value.code == "tax_evidence_missing"
    assert refused.value.field == "tax_number"


def test_given_two_rules_for_the_same_sale_then_neither_is_picked():
    with pytest.raises(OverlappingTaxRules):
        choose("GB", PRIVATE, rules=(UK_PRIVATE, UK_PRIVATE))


def test_given_rules_when_checked_then_only_a_shared_day_is_an_overlap():
    check_rules(RULES)
    late = TaxRule("GB", "NO", PRIVATE, 2600, TaxCategory.STANDARD, valid_from=date(2030, 1, 1))
    with pytest.raises(OverlappingTaxRules):
        check_rules((*RULES, late))


@pytest.mark.parametrize(
    ("rate", "category"),
    [(-1, TaxCategory.STANDARD), (10_001, TaxCategory.STANDARD), (0, TaxCategory.STANDARD),
     (2000, TaxCategory.ZERO_RATED)],
)  # fmt: skip
def test_given_a_rate_that_its_category_cannot_have_then_the_rule_is_refused(rate, category):
    with pytest.raises(ValueError, match="rate"):
        TaxRule("GB", "GB", BUSINESS, rate, category)


@pytest.mark.parametrize(
    ("net", "rate", "currency", "tax"),
    [
        (17498, 2100, "GBP", 3675),
        (6250, 1000, "JPY", 625),
        (388800, 2000, "GBP", 77760),
        (-17498, 2100, "GBP", -3675),
        (25, 2000, "GBP", 5),
        (1, 5000, "GBP", 1),
        (12340, 500, "KWD", 620),
        (100, 0, "GBP", 0),
    ],
)
def test_given_a_net_amount_then_the_tax_is_rounded_once_half_up(net, rate, currency, tax):
    assert tax_on_net(net, rate, currency) == tax


def test_given_a_gross_amount_then_the_net_is_rounded_and_tax_is_the_rest():
    net = net_of_gross(17497, 2100, "GBP")
    assert (net, 17497 - net) == (14460, 3037)


def test_given_a_document_in_dollars_then_the_vat_in_pounds_is_stated_exactly():
    pounds = tax_in_currency(10000, from_currency="USD", to_currency="GBP", rate=Decimal("0.76545"))
    assert pounds == 7655
    assert (
        tax_in_currency(625, from_currency="JPY", to_currency="GBP", rate=Decimal("0.005")) == 313
    )


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_given_any_gross_then_net_and_tax_are_not_negative_and_taxing_the_net_returns(gross, rate):
    net = net_of_gross(gross, rate, "GBP")
    assert 0 <= net <= gross
    assert abs(net + tax_on_net(net, rate, "GBP") - gross) <= 1
