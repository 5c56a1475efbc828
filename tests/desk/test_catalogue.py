"""The price list as staff write it: checked, and frozen once sold."""

from datetime import date

import pytest

from billing.models import CreditTerms, Price, TaxRule
from portal.audit.models import AuditEvent
from tests import factories
from tests.desk.pages import action, list_of, page_of, said

ADD = "/admin/billing/price/add/"


def price_form(product, tiers=((5, "120.00"), (25, "108.00")), **changes) -> dict[str, str]:
    data = {
        "product": str(product.pk),
        "currency": "chf",
        "effective_from": "2026-11-23",
        "effective_to": "",
        "tier_basis": "holding",
        "prorata_policy": "monthly",
        "tiers-TOTAL_FORMS": str(len(tiers)),
        "tiers-INITIAL_FORMS": "0",
        "tiers-MIN_NUM_FORMS": "1",
        "tiers-MAX_NUM_FORMS": "1000",
        **changes,
    }
    for index, (start, price) in enumerate(tiers):
        data[f"tiers-{index}-from_quantity"] = str(start)
        data[f"tiers-{index}-unit_price"] = price
    return data


def test_given_tiers_when_sales_write_a_price_then_it_is_stored_in_minor_units(
    as_staff, sales, shop, now
):
    response = as_staff(sales).post(ADD, price_form(shop.product))

    assert response.status_code == 302, response.context["errors"]
    price = Price.objects.get(currency="CHF")
    assert [(t.from_quantity, t.unit_amount) for t in price.tiers.all()] == [
        (5, 12000),
        (25, 10800),
    ]
    event = AuditEvent.objects.get(action="price.added")
    assert (event.subject_id, event.actor_id) == (price.public_id, sales.public_id)
    assert event.data["values"]["currency"] == ["", "CHF"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tiers": ((3, "120"), (25, "108"))}, "tier"),
        ({"tiers": ((5, "120"), (5, "108"))}, "duplicate"),
        ({"tiers": ((5, "0"),)}, "tier"),
        ({"tiers": ((5, "cheap"),)}, "Please give an amount such as 1234.50."),
        ({"currency": "XQX"}, "“XQX” is not a currency that we know."),
        ({"currency": "GBP"}, "This overlaps the version from 2026-01-01. End that one first."),
        ({"effective_from": "2026-11-22"}, "A price starts today or later."),
    ],
)
def test_given_a_wrong_price_when_sales_write_it_then_nothing_is_stored(
    as_staff, sales, shop, now, changes, sentence
):
    before = Price.objects.count()

    response = as_staff(sales).post(ADD, price_form(shop.product, **changes))

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Price.objects.count() == before


def test_given_a_sold_price_when_sales_change_it_then_it_stays_as_it_was(
    as_staff, sales, order, shop
):
    price = Price.objects.get(product=shop.product, currency="GBP")
    data = price_form(shop.product, tiers=(), effective_from="2026-11-23", currency="CHF")

    client = as_staff(sales)
    client.post(page_of("billing_price", price), data)

    price.refresh_from_db()
    assert (price.currency, price.effective_from) == ("GBP", date(2026, 1, 1))
    page = client.get(page_of("billing_price", price)).content.decode()
    assert "£120.00" in page
    assert 'name="tiers-0-unit_price"' not in page


def test_given_a_sold_price_when_sales_end_it_then_it_has_its_last_day(
    as_staff, sales, order, shop
):
    price = Price.objects.get(product=shop.product, currency="GBP")

    response = as_staff(sales).post(
        action("billing_price", price, "end"), {"ends_before": "2026-12-01"}, follow=True
    )

    price.refresh_from_db()
    assert price.effective_to == date(2026, 12, 1)
    assert said(response) == ["The price has an end."]


def test_given_a_day_that_is_over_when_sales_end_a_price_on_it_then_a_sentence_says_no(
    as_staff, sales, order, shop
):
    price = Price.objects.get(product=shop.product, currency="GBP")

    response = as_staff(sales).post(
        action("billing_price", price, "end"), {"ends_before": "2026-11-01"}
    )

    assert response.status_code == 422
    price.refresh_from_db()
    assert price.effective_to is None


def test_given_finance_when_it_writes_a_price_then_it_is_refused(as_staff, finance, shop, now):
    assert as_staff(finance).post(ADD, price_form(shop.product)).status_code == 403


def test_given_a_tax_rule_in_use_when_finance_ends_it_then_it_has_its_last_day(
    as_staff, finance, order
):
    rule = order.tax_rule

    as_staff(finance).post(action("billing_taxrule", rule, "end"), {"ends_before": "2027-01-01"})

    rule.refresh_from_db()
    assert rule.valid_to == date(2027, 1, 1)


def test_given_sales_when_they_end_a_tax_rule_then_it_is_refused(as_staff, sales, order):
    response = as_staff(sales).post(
        action("billing_taxrule", order.tax_rule, "end"), {"ends_before": "2027-01-01"}
    )

    assert response.status_code == 403
    assert not TaxRule.objects.exclude(valid_to=None).exists()


@pytest.mark.parametrize("group", ["Sales", "Finance"])
def test_given_terms_of_credit_when_staff_write_them_then_the_change_is_in_the_log(
    as_staff, member_of, customer, group, now
):
    writer = member_of(group)
    data = {
        "organisation": str(customer.organisation.pk),
        "allowed": "on",
        "currency": "GBP",
        "limit": "5,000.00",
        "note": "Paid well for years",
    }

    as_staff(writer).post("/admin/billing/creditterms/add/", data)

    assert CreditTerms.objects.get().limit_amount == 500000
    event = AuditEvent.objects.get(action="creditterms.added")
    assert event.actor_id == writer.public_id
    assert event.organisation_id == customer.organisation.public_id
    assert event.data["values"]["limit"] == ["", "5,000.00"]


@pytest.mark.parametrize("group", ["Licence desk", "Support"])
def test_given_another_group_when_it_writes_terms_of_credit_then_it_is_refused(
    as_staff, member_of, customer, group
):
    response = as_staff(member_of(group)).post("/admin/billing/creditterms/add/", {})

    assert response.status_code == 403
    assert not CreditTerms.objects.exists()


def test_given_a_product_when_a_superuser_changes_it_then_before_and_after_are_in_the_log(
    as_staff, staff, shop
):
    product = shop.product
    data = {
        "name": product.name,
        "summary": "New words",
        "description": "",
        "on_sale": "on",
        "minimum_quantity": "5",
        "businesses_only": "on",
        "promise_business_days": "1",
        "grace_days": "14",
        "overlap_days": "30",
        "install_step": product.install_step,
    }

    as_staff(staff).post(page_of("licensing_product", product), data)

    event = AuditEvent.objects.get(action="product.changed")
    assert event.data["values"]["summary"] == [product.summary, "New words"]


def test_given_the_price_list_when_sales_open_each_list_then_it_is_there(as_staff, sales, shop):
    client = as_staff(sales)

    for model in ("price", "supportplan", "termsversion", "taxrule", "exchangerate"):
        assert client.get(list_of(f"billing_{model}")).status_code == 200
    assert factories.TIERS[0] == (5, 12000)
    assert "5+: £120.00" in client.get(list_of("billing_price")).content.decode()
