"""The price list as staff edit it: what was sold stays as it was."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from billing.domain.pricing import InvalidTiers, Tier
from billing.models import Price, SupportPlan, TaxRule, TermsVersion
from billing.models.catalogue import TierBasis
from billing.models.versions import AlreadySold, EndsInThePast, OverlappingVersions
from billing.selectors import (
    currencies_of,
    price_in_force,
    prices_in_force,
    support_plans_of,
    tax_rules,
    terms_in_force,
)
from billing.services.catalogue import end_price, end_tax_rule, is_sold, publish_price
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.errors import Invalid
from portal.kit.money import UnknownCurrency
from tests import factories
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
STAFF = given.Actor(kind="staff", name="finance@northwind.example")


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def sold(shop, customer) -> Price:
    return given.placed(shop, customer).price


def publish(shop, **changes) -> Price:
    return publish_price(
        **{
            "product": shop.product,
            "currency": "GBP",
            "effective_from": date(2027, 1, 1),
            "tiers": [Tier(5, 13000), Tier(25, 11000)],
            "tier_basis": TierBasis.HOLDING,
            "actor": STAFF,
            **changes,
        }
    )


def test_given_a_price_in_force_when_the_next_is_published_then_the_first_ends_there(shop):
    old = price_in_force(shop.product, "GBP", TODAY)

    new = publish(shop)

    old.refresh_from_db()
    assert old.effective_to == date(2027, 1, 1)
    assert price_in_force(shop.product, "GBP", date(2026, 12, 31)) == old
    assert price_in_force(shop.product, "GBP", date(2027, 1, 1)) == new
    assert new.tier_values() == (Tier(5, 13000), Tier(25, 11000))
    actions = AuditEvent.objects.order_by("pk").values_list("action", "subject_id")
    assert list(actions) == [("price.ended", old.public_id), ("price.published", new.public_id)]


@pytest.mark.parametrize(
    ("tiers", "code"),
    [
        ([], "tiers_missing"),
        ([Tier(1, 12000)], "tiers_start"),
        ([Tier(5, 12000), Tier(5, 11000)], "tiers_order"),
        ([Tier(5, 12000), Tier(25, 0)], "tiers_price"),
    ],
)
def test_given_broken_tiers_when_published_then_nothing_is_stored_or_ended(shop, tiers, code):
    with pytest.raises(InvalidTiers) as refusal:
        publish(shop, tiers=tiers)

    assert refusal.value.code == code
    assert price_in_force(shop.product, "GBP", TODAY).effective_to is None
    assert Price.objects.filter(product=shop.product, currency="GBP").count() == 1


def test_given_an_unknown_currency_when_published_then_it_is_refused(shop):
    with pytest.raises(UnknownCurrency):
        publish(shop, currency="ZZZ")


def test_given_yesterday_as_first_day_when_published_then_it_is_refused(shop):
    with pytest.raises(EndsInThePast):
        publish(shop, effective_from=TODAY - timedelta(days=1))


def test_given_a_later_version_when_one_without_end_is_put_before_it_then_they_overlap(shop):
    publish(shop, effective_from=date(2027, 6, 1))

    with pytest.raises(OverlappingVersions):
        publish(shop, effective_from=date(2027, 3, 1))


def test_given_a_form_with_an_overlapping_version_when_cleaned_then_the_form_says_so(shop):
    price = Price(
        product=shop.product, currency="GBP", effective_from=date(2027, 1, 1), tier_basis="holding"
    )

    with pytest.raises(ValidationError) as refusal:
        price.full_clean()

    assert "2026-01-01" in str(refusal.value)


@pytest.mark.parametrize("row", [Price(), TaxRule(), SupportPlan(), TermsVersion()])
def test_given_an_empty_form_when_cleaned_then_it_only_names_what_is_missing(db, row):
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()

    assert "__all__" not in refusal.value.message_dict
    assert refusal.value.message_dict


def test_given_a_draft_only_when_asked_then_the_price_is_not_sold(shop, customer):
    assert not is_sold(given.draft(shop, customer).price)


def test_given_a_sold_price_when_it_is_changed_then_it_is_refused(sold):
    assert is_sold(sold)
    sold.tax_inclusive = True

    with pytest.raises(AlreadySold):
        sold.save()
    with pytest.raises(ValidationError):
        sold.full_clean()
    sold.refresh_from_db()
    assert sold.tax_inclusive is False


def test_given_a_sold_price_when_its_tiers_change_then_it_is_refused(sold):
    tier = sold.tiers.get(from_quantity=5)
    tier.full_clean()
    tier.unit_amount = 1

    with pytest.raises(ValidationError):
        tier.full_clean()
    with pytest.raises(AlreadySold):
        tier.save()
    with pytest.raises(AlreadySold):
        tier.delete()
    with pytest.raises(AlreadySold):
        sold.tiers.create(from_quantity=500, unit_amount=1)
    assert list(sold.tiers.order_by("from_quantity").values_list("unit_amount", flat=True)) == [
        12000,
        10800,
        9600,
    ]


def test_given_a_sold_price_when_ended_today_then_it_ends_and_not_before(sold):
    assert end_price(price=sold, effective_to=TODAY, actor=STAFF).effective_to == TODAY
    with pytest.raises(EndsInThePast):
        end_price(price=sold, effective_to=TODAY - timedelta(days=1), actor=STAFF)


def test_given_a_sold_price_that_ended_when_it_is_reopened_then_it_is_refused(sold):
    end_price(price=sold, effective_to=TODAY, actor=STAFF)

    with clock.pretend(MONDAY + timedelta(days=2)):
        sold.refresh_from_db()
        sold.effective_to = None
        with pytest.raises(EndsInThePast):
            sold.save()


def test_given_an_unsold_price_when_changed_then_it_is_saved(shop):
    price = price_in_force(shop.product, "EUR", TODAY)
    price.tax_inclusive = True
    price.save()

    price.refresh_from_db()
    assert price.tax_inclusive is True


def test_given_a_sold_support_plan_when_its_share_changes_then_it_is_refused(shop, sold):
    plan = shop.product.support_plans.get()
    plan.basis_points = 2500
    with pytest.raises(AlreadySold):
        plan.save()

    plan.refresh_from_db()
    plan.available = False
    plan.save()
    assert not support_plans_of(shop.product).exists()


def test_given_a_used_tax_rule_when_changed_then_it_is_refused_but_it_can_end(shop, customer):
    rule = given.placed(shop, customer).tax_rule
    rule.rate_basis_points = 2100
    with pytest.raises(AlreadySold):
        rule.save()

    ended = end_tax_rule(rule=rule, valid_to=date(2027, 1, 1), actor=STAFF)

    assert ended.valid_to == date(2027, 1, 1)
    assert rule not in tax_rules(date(2027, 1, 1))
    assert AuditEvent.objects.filter(action="tax_rule.ended").count() == 1


def test_given_a_rate_that_does_not_fit_its_category_when_saved_then_it_is_refused(shop):
    with pytest.raises(Invalid) as refusal:
        factories.TaxRuleFactory(customer_country="FR", category="Z", rate_basis_points=2000)
    assert refusal.value.code == "rate_does_not_fit_category"


def test_given_a_second_rule_for_the_same_customers_when_saved_then_it_overlaps(shop):
    with pytest.raises(OverlappingVersions):
        factories.TaxRuleFactory(rate_basis_points=2100, valid_from=date(2027, 1, 1))


def test_given_published_terms_when_changed_then_it_is_refused(shop):
    terms = TermsVersion.objects.get()
    terms.text = "Other terms."

    with pytest.raises(AlreadySold):
        terms.save()


def test_given_terms_that_are_not_in_force_yet_when_changed_then_they_are_saved(shop):
    terms = factories.TermsVersionFactory(
        version="2027-01", published_at=MONDAY + timedelta(days=30)
    )
    terms.text = "Better terms."
    terms.save()

    assert terms_in_force(shop.product, MONDAY).version == "2026-01"
    assert terms_in_force(shop.product, MONDAY + timedelta(days=31)).text == "Better terms."


def test_given_a_price_that_ends_before_it_starts_when_saved_then_the_database_refuses(shop):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.PriceFactory(
            currency="JPY", effective_from=date(2027, 1, 2), effective_to=date(2027, 1, 2)
        )


def test_given_all_products_when_the_price_list_is_read_then_three_queries_do(
    shop, django_assert_num_queries
):
    factories.SupportPlanFactory(code="basic", basis_points=0)

    with django_assert_num_queries(3):
        found = [
            (
                price.product.slug,
                price.currency,
                price.tier_values()[0].unit_amount,
                len(price.product.support_plans.all()),
            )
            for price in prices_in_force(TODAY)
        ]

    assert found == [
        ("amphis-customer", "GBP", 19900, 0),
        ("distribution-engine", "EUR", 12000, 2),
        ("distribution-engine", "GBP", 12000, 2),
        ("distribution-engine", "USD", 12000, 2),
    ]
    assert currencies_of(shop.product, TODAY) == ["EUR", "GBP", "USD"]
