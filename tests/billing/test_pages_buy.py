"""The buy page of an organisation: tax, total and the key's time; a draft only on "continue"."""

import pytest
from django.test import Client

from billing.domain.orders import OrderStatus
from billing.models import Order, TaxRule
from portal.kit import clock
from tests import factories
from tests.billing.given import MONDAY, placed
from tests.billing.pages import (
    SLUG,
    at,
    choice,
    colleague,
    count_queries,
    query_of,
    signed_in,
    with_key,
)


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def owner(customer) -> Client:
    return signed_in(customer)


def errors(response) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_given_12_seats_with_premier_when_opened_then_tax_and_total_are_shown(
    shop, customer, owner
):
    query = {"quantity": "12", "support_plan": "premier"}
    page = owner.get(at("buy", customer, SLUG), query).content.decode()
    assert "£1,440.00" in page
    assert "VAT 20% of £1,728.00" in page
    assert "£345.60" in page
    assert "£2,073.60" in page
    assert "23 Nov 2026 – 22 Nov 2027" in page
    assert "Tue, 24 Nov 2026, 10:00 GMT" in page
    assert 'value="2026-11-23"' in page
    assert Order.objects.count() == 0


def test_given_a_reader_in_another_zone_when_opened_then_the_key_time_is_in_that_zone(
    shop, customer
):
    customer.owner.time_zone = "America/New_York"
    customer.owner.save()
    page = signed_in(customer).get(at("buy", customer, SLUG)).content.decode()
    assert "Tue, 24 Nov 2026, 05:00 EST" in page


def test_given_a_reader_without_a_zone_when_opened_then_the_organisations_zone_counts(
    shop, customer
):
    customer.owner.time_zone = ""
    customer.owner.save()
    customer.organisation.time_zone = "Europe/Paris"
    customer.organisation.save()
    page = signed_in(customer).get(at("buy", customer, SLUG)).content.decode()
    assert "Tue, 24 Nov 2026, 11:00 CET" in page


def test_given_the_choice_when_continued_then_a_draft_awaits_its_review(shop, customer, owner):
    response = owner.post(at("buy", customer, SLUG), choice(starts_on="2026-12-01"))
    order = Order.objects.get()
    assert response["Location"] == at("review", customer, order.public_id)
    assert order.status == OrderStatus.DRAFT
    assert (order.quantity, order.net_amount, order.gross_amount) == (12, 172800, 207360)
    assert order.wanted_start.isoformat() == "2026-12-01"
    assert order.support_plan.code == "premier"


def test_given_today_as_first_day_when_continued_then_it_is_no_wish(shop, customer, owner):
    owner.post(at("buy", customer, SLUG), choice(starts_on="2026-11-23"))
    assert Order.objects.get().wanted_start is None


def test_given_one_opened_form_when_sent_twice_then_there_is_one_draft(shop, customer, owner):
    owner.post(at("buy", customer, SLUG), choice())
    owner.post(at("buy", customer, SLUG), choice(quantity="30"))
    order = Order.objects.get()
    assert order.quantity == 30


def test_given_update_without_javascript_when_chosen_then_the_page_comes_back_with_the_choice(
    shop, customer, owner
):
    response = owner.post(at("buy", customer, SLUG), choice(quantity="24", intent="update"))
    assert query_of(response["Location"])["quantity"] == "24"
    assert "form_token" not in response["Location"]
    assert "csrf" not in response["Location"]
    page = owner.get(response["Location"]).content.decode()
    assert "25 licences cost £2,700.00, less than 24 at £2,880.00." in page
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("quantity", "4", "The smallest quantity is 5."),
        ("quantity", "0", "The smallest quantity is 5."),
        ("quantity", "-1", "The smallest quantity is 5."),
        (
            "quantity",
            "1000000000",
            "The largest quantity here is 100000. Please contact us for more.",
        ),
        ("quantity", "5.5", "Please give a whole number, without decimals."),
        ("quantity", "five", "Please give a number in digits, such as 12."),
        ("currency", "XYZ", "This product is not sold in XYZ."),
        ("currency", "JPY", "This product is not sold in JPY."),
        ("support_plan", "gold", "This support plan is not offered for this product."),
        (
            "billing_period",
            "monthly",
            "Billing is annual only: there are no monthly or quarterly payments.",
        ),
        (
            "billing_period",
            "quarterly",
            "Billing is annual only: there are no monthly or quarterly payments.",
        ),
        ("starts_on", "2026-11-22", "The first day cannot be in the past."),
        ("starts_on", "2027-02-22", "The first day can be at most 90 days ahead."),
        ("starts_on", "tomorrow", "Enter a valid date."),
    ],
)
def test_given_bad_input_when_continued_then_its_field_says_why_and_nothing_is_stored(
    shop, customer, owner, field, typed, sentence
):
    response = owner.post(at("buy", customer, SLUG), choice(**{field: typed}))
    assert response.status_code == 422
    assert errors(response) == {field: [sentence]}
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert sentence in page
    assert Order.objects.count() == 0


def test_given_an_unknown_product_when_opened_then_it_is_not_found(shop, customer, owner):
    assert owner.get(at("buy", customer, "no-such-product")).status_code == 404


def test_given_a_product_not_on_sale_when_sent_then_a_sentence_and_nothing_stored(
    shop, customer, owner
):
    response = owner.post(at("buy", customer, "amphis-customer"), choice())
    assert response.status_code == 409
    assert "This product is not on sale at the moment." in response.content.decode()
    assert Order.objects.count() == 0


def test_given_a_private_person_when_opening_then_businesses_only_is_said(shop, customer, owner):
    customer.organisation.kind = "private"
    customer.organisation.save()
    response = owner.get(at("buy", customer, SLUG))
    assert response.status_code == 403
    assert "This product is sold to businesses only." in response.content.decode()


def test_given_a_foreign_company_without_a_tax_number_when_opened_then_it_is_led_to_settings(
    shop, customer, owner
):
    customer.organisation.country = "DE"
    customer.organisation.save()
    page = owner.get(at("buy", customer, SLUG), {"quantity": "12"}).content.decode()
    assert "Please add your VAT or tax number" in page
    assert f"/o/{customer.organisation.public_id}/settings/" in page
    assert "£1,440.00" in page
    assert "Continue to the review" not in page
    response = owner.post(at("buy", customer, SLUG), choice())
    assert response.status_code == 422
    assert "Please add your VAT or tax number" in response.content.decode()
    assert Order.objects.count() == 0


def test_given_no_tax_rule_when_opened_then_the_order_is_refused_not_untaxed(shop, customer, owner):
    TaxRule.objects.filter(customer_country="GB").delete()
    page = owner.get(at("buy", customer, SLUG)).content.decode()
    assert "We cannot sell to your country yet" in page
    assert owner.post(at("buy", customer, SLUG), choice()).status_code == 422
    assert Order.objects.count() == 0


def test_given_an_order_on_its_way_when_buying_again_then_it_leads_there(shop, customer, owner):
    order = placed(shop, customer)
    page = owner.get(at("buy", customer, SLUG)).content.decode()
    assert f"Order {order.reference} for this product is on its way already." in page
    assert at("order", customer, order.public_id) in page
    owner.post(at("buy", customer, SLUG), choice())
    assert Order.objects.count() == 1


def test_given_an_agreement_when_buying_again_then_adding_is_explained(
    shop, customer, owner, staff
):
    with_key(placed(shop, customer, pay_by="transfer"), staff)
    page = owner.get(at("buy", customer, SLUG)).content.decode()
    assert "You already hold Distribution Engine" in page
    assert "22 Nov 2027" in page
    assert 'href="?separate=1"' in page
    assert 'id="choice"' not in page
    owner.post(at("buy", customer, SLUG), choice())
    assert Order.objects.count() == 1


def test_given_an_agreement_when_a_separate_one_has_a_name_then_it_can_be_bought(
    shop, customer, owner, staff
):
    with_key(placed(shop, customer, pay_by="transfer"), staff)
    address = at("buy", customer, SLUG) + "?separate=1"
    assert 'name="label"' in owner.get(address).content.decode()
    refused = owner.post(address, choice())
    assert refused.status_code == 422
    assert errors(refused) == {"label": ["Please give the separate agreement a name."]}
    assert Order.objects.count() == 1
    response = owner.post(address, choice(label="  Audit   team "))
    order = Order.objects.get(status=OrderStatus.DRAFT)
    assert order.label == "Audit team"
    assert response["Location"] == at("review", customer, order.public_id)


def test_given_a_name_that_is_taken_when_buying_separately_then_the_field_says_so(
    shop, customer, owner, staff
):
    with_key(placed(shop, customer, pay_by="transfer", label="Audit team"), staff)
    response = owner.post(at("buy", customer, SLUG) + "?separate=1", choice(label="Audit team"))
    assert errors(response) == {"label": ["You have an agreement with this name already."]}
    assert Order.objects.count() == 1


@pytest.mark.parametrize("role", ["licence_manager", "member"])
def test_given_a_member_who_may_not_order_when_opening_then_those_who_may_are_named(
    shop, customer, role
):
    member = colleague(customer.organisation, role)
    response = member.get(at("buy", customer, SLUG))
    page = response.content.decode()
    assert response.status_code == 403
    assert customer.owner.email in page
    assert member.post(at("buy", customer, SLUG), choice()).status_code == 403
    assert Order.objects.count() == 0


def test_given_the_billing_role_when_buying_then_it_may(shop, customer):
    clerk = colleague(customer.organisation, "billing")
    assert clerk.post(at("buy", customer, SLUG), choice()).status_code == 302
    assert Order.objects.get().status == OrderStatus.DRAFT


def test_given_another_organisation_when_buying_for_it_then_it_is_not_found(
    shop, customer, stranger, owner
):
    assert owner.get(at("buy", stranger, SLUG)).status_code == 404
    assert owner.post(at("buy", stranger, SLUG), choice()).status_code == 404
    assert Order.objects.count() == 0


def test_given_htmx_when_the_choice_changes_then_the_sum_comes_alone(shop, customer, owner):
    response = owner.get(
        at("buy", customer, SLUG), {"quantity": "12"}, headers={"HX-Request": "true"}
    )
    page = response.content.decode()
    assert "<html" not in page
    assert "Total £1,728.00" in page
    assert "no-store" in response["Cache-Control"]


def test_given_more_orders_when_the_buy_page_opens_then_queries_do_not_grow(shop, customer, owner):
    before = count_queries(owner, at("buy", customer, SLUG))
    for name in ("one", "two", "three"):
        placed(shop, customer, label=name)
    assert count_queries(owner, at("buy", customer, SLUG)) == before
    assert before <= 16


def test_given_a_foreign_company_with_evidence_when_opened_then_no_vat_is_charged(shop, customer):
    customer.organisation.country, customer.organisation.vat_number = "DE", "DE136695976"
    customer.organisation.save()
    factories.TaxNumberCheckFactory(organisation=customer.organisation)
    page = signed_in(customer).get(at("buy", customer, SLUG), {"quantity": "12"}).content.decode()
    assert "Outside the scope of UK VAT" in page
    assert "£0.00" in page
