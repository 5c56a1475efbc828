"""What a purchase costs now, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.models import Price
from billing.services.pricing import check_billing_period, price_purchase
from portal.kit.errors import DomainError
from tests import factories
from tests.billing.given import MONDAY, TUESDAY

pytestmark = pytest.mark.django_db


def price(shop, **wishes):
    if "support_plan" not in wishes:
        wishes["support_plan"] = shop.product.support_plans.get(code="premier")
    return price_purchase(
        **{
            "product": shop.product,
            "currency": "GBP",
            "quantity": 12,
            "organisation": None,
            "starts_on": None,
            "now": MONDAY,
            **wishes,
        }
    )


def code_of(shop, **wishes) -> str:
    with pytest.raises(DomainError) as refusal:
        price(shop, **wishes)
    return refusal.value.code


def test_given_a_uk_company_when_it_prices_12_seats_with_premier_support_then_vat_is_added(
    shop, customer
):
    priced = price(shop, organisation=customer.organisation)

    lines = [
        (line.kind, line.quantity, line.unit_amount, line.amount) for line in priced.amounts.lines
    ]
    assert lines == [("licence", 12, 12000, 144000), ("support", 1, 28800, 28800)]
    assert (priced.amounts.net, priced.amounts.tax, priced.amounts.gross) == (172800, 34560, 207360)
    assert (priced.starts_on, priced.ends_on) == (date(2026, 11, 23), date(2027, 11, 23))
    assert priced.key_due_at == TUESDAY
    assert priced.offer is None
    assert priced.is_tax_known


def test_given_a_visitor_when_pricing_then_the_sum_is_before_tax(shop):
    priced = price(shop)

    assert (priced.amounts.net, priced.amounts.tax) == (172800, 0)
    assert not priced.is_tax_known


def test_given_24_seats_when_pricing_then_25_are_offered_for_less(shop):
    offer = price(shop, quantity=24, support_plan=None).offer

    assert (offer.quantity, offer.unit_amount, offer.amount, offer.saving) == (
        25,
        10800,
        270000,
        18000,
    )


def test_given_a_german_company_with_a_checked_number_when_pricing_then_no_vat_on_evidence(shop):
    buyer = factories.OrganisationFactory(country="DE", vat_number="DE136695976")
    factories.TaxNumberCheckFactory(organisation=buyer)

    priced = price(shop, organisation=buyer, currency="EUR")

    assert (priced.amounts.net, priced.amounts.tax) == (172800, 0)
    assert priced.tax_evidence == {
        "number": "DE136695976",
        "country": "DE",
        "source": "format",
        "checked_at": "2026-01-01T00:00:00+00:00",
    }


def test_given_evidence_for_an_earlier_number_when_pricing_then_it_does_not_count(shop):
    buyer = factories.OrganisationFactory(country="DE", vat_number="DE811907980")
    factories.TaxNumberCheckFactory(organisation=buyer, number="DE136695976")

    assert code_of(shop, organisation=buyer) == "tax_number_unchecked"


def test_given_a_foreign_company_without_a_number_when_pricing_then_it_is_asked_for(shop):
    buyer = factories.OrganisationFactory(country="DE", vat_number="")

    assert code_of(shop, organisation=buyer) == "tax_evidence_missing"


def test_given_no_rule_for_a_country_when_pricing_then_it_is_refused_and_never_untaxed(shop):
    shop.product.businesses_only = False
    buyer = factories.OrganisationFactory(kind="private", country="FR")

    assert code_of(shop, organisation=buyer) == "no_tax_rule"


def test_given_a_private_person_when_pricing_a_product_for_businesses_then_it_is_refused(shop):
    buyer = factories.OrganisationFactory(kind="private")

    assert code_of(shop, organisation=buyer) == "businesses_only"


def test_given_a_product_not_on_sale_when_pricing_then_it_is_refused(shop):
    assert code_of(shop, product=shop.device_product, support_plan=None) == "not_on_sale"


def test_given_a_perpetual_product_when_pricing_then_it_has_no_end_and_its_own_tier(shop, customer):
    shop.device_product.on_sale = True

    priced = price(
        shop,
        product=shop.device_product,
        support_plan=None,
        quantity=5,
        organisation=customer.organisation,
    )

    assert priced.ends_on is None
    assert priced.amounts.lines[0].period is None
    assert (priced.amounts.net, priced.amounts.tax) == (89500, 17900)


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("4", "quantity_below_minimum"),
        (4, "quantity_below_minimum"),
        ("0", "quantity_not_positive"),
        ("-1", "quantity_not_positive"),
        ("1000000000", "quantity_too_large"),
        ("5.5", "quantity_not_whole"),
        ("five", "quantity_not_a_number"),
        ("", "quantity_missing"),
    ],
)
def test_given_a_quantity_that_is_not_sold_when_pricing_then_it_has_its_own_code(
    shop, quantity, code
):
    assert code_of(shop, quantity=quantity) == code


@pytest.mark.parametrize(
    ("currency", "code"),
    [("XXQ", "unknown_currency"), ("gbp", "unknown_currency"), ("JPY", "no_price")],
)
def test_given_a_currency_that_is_not_sold_when_pricing_then_it_is_refused(shop, currency, code):
    assert code_of(shop, currency=currency) == code


def test_given_a_plan_of_another_product_or_withdrawn_when_pricing_then_it_is_refused(shop):
    other = factories.SupportPlanFactory(product=shop.device_product)
    withdrawn = factories.SupportPlanFactory(product=shop.product, code="old", available=False)

    assert code_of(shop, support_plan=other) == "unknown_support_plan"
    assert code_of(shop, support_plan=withdrawn) == "unknown_support_plan"


@pytest.mark.parametrize(
    ("start", "code"),
    [(date(2026, 11, 22), "start_in_the_past"), (date(2027, 2, 22), "start_too_far_ahead")],
)
def test_given_a_first_day_out_of_reach_when_pricing_then_it_is_refused(shop, start, code):
    assert code_of(shop, starts_on=start) == code


def test_given_a_first_day_90_days_ahead_when_pricing_then_the_term_starts_there(shop):
    priced = price(shop, starts_on=date(2026, 11, 23) + timedelta(days=90))

    assert (priced.starts_on, priced.ends_on) == (date(2027, 2, 21), date(2028, 2, 21))


def test_given_a_summer_night_when_pricing_then_the_vendors_date_chooses_the_version(shop):
    # 23:30 UTC on 30 June is 00:30 on 1 July in London.
    now = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    old = Price.objects.get(product=shop.product, currency="GBP")
    old.effective_to = date(2027, 7, 1)
    old.save()
    factories.PriceFactory(
        product=shop.product, effective_from=date(2027, 7, 1), tiers=((5, 13000),)
    )

    priced = price(shop, support_plan=None, now=now)

    assert priced.amounts.net == 156000
    assert priced.starts_on == date(2027, 7, 1)


@pytest.mark.parametrize("period", ["monthly", "quarterly"])
def test_given_monthly_or_quarterly_when_asked_for_then_the_answer_is_annual_only(period):
    with pytest.raises(DomainError) as refusal:
        check_billing_period(period)

    assert refusal.value.code == "annual_only"
    assert "annual only" in refusal.value.sentence()


def test_given_annual_or_nonsense_as_period_then_only_annual_passes():
    check_billing_period("annual")
    with pytest.raises(DomainError) as refusal:
        check_billing_period("weekly")
    assert refusal.value.code == "unknown_billing_period"


def test_given_many_price_versions_when_pricing_then_the_queries_stay_the_same(
    shop, customer, django_assert_num_queries
):
    for month in range(1, 12):
        factories.PriceFactory(
            product=shop.product,
            effective_from=date(2024, month, 1),
            effective_to=date(2024, month, 28),
        )
    plan = shop.product.support_plans.get()

    # The vendor, the price, its tiers, the tax rules.
    with django_assert_num_queries(4):
        price(shop, organisation=customer.organisation, support_plan=plan)
