"""The price page and the public estimate, as a visitor without an account sees them."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Order
from portal.kit import clock
from tests import factories
from tests.billing.given import MONDAY
from tests.billing.pages import SLUG, count_queries, query_of

SATURDAY = MONDAY.replace(day=21, hour=12)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


def estimate(client: Client, headers: dict[str, str] | None = None, **choice: str):
    return client.get(reverse("public_buy", args=[SLUG]), choice, headers=headers or {})


def errors(response) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_given_a_visitor_when_the_price_page_opens_then_tiers_and_answers_are_readable(
    shop, client
):
    page = client.get("/").content.decode()
    assert "5 to 24" in page
    assert "£120.00" in page
    assert "100 and more" in page
    assert "£96.00" in page
    assert "From 23 licences, 25 cost less: £2,700.00." in page
    assert "20% of the licence fee, never per user" in page
    assert "Monthly or quarterly payment is not offered." in page
    assert "Amphis Customer is priced, and cannot be ordered here yet." in page
    assert f'action="{reverse("public_buy", args=[SLUG])}"' in page
    assert reverse("public_buy", args=["amphis-customer"]) not in page


def test_given_a_currency_in_the_address_when_prices_open_then_they_are_in_it(shop, client):
    page = client.get("/?currency=EUR").content.decode()
    assert "€120.00" in page
    assert "£120.00" not in page
    assert "Amphis Customer has no price in EUR." in page


def test_given_an_unknown_currency_when_prices_open_then_a_sentence_says_so(shop, client):
    page = client.get("/?currency=XXX").content.decode()
    assert "We have no prices in XXX. These are in GBP." in page
    assert "£120.00" in page


def test_given_many_products_when_the_price_page_opens_then_queries_do_not_grow(shop, client):
    before = count_queries(client, "/")
    for number in range(20):
        product = factories.SeatProductFactory(slug=f"product-{number}", name=f"Product {number}")
        factories.PriceFactory(product=product)
        factories.SupportPlanFactory(product=product)
    assert count_queries(client, "/") == before
    assert before <= 4


def test_given_24_seats_when_estimated_then_the_tier_and_the_cheaper_25_are_shown(shop, client):
    response = estimate(client, quantity="24", currency="GBP")
    page = response.content.decode()
    assert "£2,880.00" in page
    assert "Price for 5 to 24 licences: £120.00 each." in page
    assert "25 licences cost £2,700.00, less than 24 at £2,880.00." in page
    assert query_of(page.split('<a href="/buy/')[1].split('"')[0].replace("&amp;", "&")) == {
        "quantity": "25",
        "currency": "GBP",
        "billing_period": "annual",
    }
    assert "VAT is added where it applies" in page


def test_given_25_seats_when_estimated_then_no_offer_is_made(shop, client):
    page = estimate(client, quantity="25").content.decode()
    assert "£2,700.00" in page
    assert "cost less" not in page


def test_given_premier_support_when_estimated_then_it_is_a_share_of_the_fee(shop, client):
    page = estimate(client, quantity="12", support_plan="premier").content.decode()
    assert "20% of £1,440.00 = £288.00" in page
    assert "£1,728.00" in page


@pytest.mark.parametrize(
    ("moment", "by_close", "latest"),
    [
        (SATURDAY, "by close of business on Monday, 23 Nov 2026", "Tue, 24 Nov 2026, 09:00 GMT"),
        (
            MONDAY.replace(hour=20),
            "by close of business on Tuesday, 24 Nov 2026",
            "Wed, 25 Nov 2026, 09:00 GMT",
        ),
        (MONDAY, "", "Tue, 24 Nov 2026, 10:00 GMT"),
    ],
)
def test_given_a_moment_when_estimated_then_the_key_is_promised_at_an_absolute_time(
    shop, client, moment, by_close, latest
):
    with clock.pretend(moment):
        page = estimate(client, quantity="12").content.decode()
    assert by_close in page
    assert latest in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4", "The smallest quantity is 5."),
        ("0", "The smallest quantity is 5."),
        ("-1", "The smallest quantity is 5."),
        ("1000000000", "The largest quantity here is 100000. Please contact us for more."),
        ("5.5", "Please give a whole number, without decimals."),
        ("five", "Please give a number in digits, such as 12."),
        ("", "Please say how many you need."),
    ],
)
def test_given_a_bad_quantity_when_estimated_then_a_sentence_stands_by_the_field(
    shop, client, typed, sentence
):
    response = estimate(client, quantity=typed)
    assert response.status_code == 200
    assert errors(response) == {"quantity": [sentence]}
    assert sentence in response.content.decode()
    assert Order.objects.count() == 0


@pytest.mark.parametrize("period", ["monthly", "quarterly"])
def test_given_months_or_quarters_when_asked_for_then_the_answer_is_annual_only(
    shop, client, period
):
    response = estimate(client, quantity="12", billing_period=period)
    sentence = "Billing is annual only: there are no monthly or quarterly payments."
    assert errors(response) == {"billing_period": [sentence]}
    assert response.context["estimate"] is None


def test_given_several_mistakes_when_estimated_then_each_field_has_its_sentence(shop, client):
    response = estimate(
        client, quantity="4", currency="XYZ", billing_period="weekly", support_plan="gold"
    )
    assert errors(response) == {
        "quantity": ["The smallest quantity is 5."],
        "currency": ["This product is not sold in XYZ."],
        "billing_period": ["Please choose annual billing."],
        "support_plan": ["This support plan is not offered for this product."],
    }


def test_given_an_unknown_product_when_asked_for_then_it_is_not_found(shop, client):
    assert client.get("/buy/no-such-product/").status_code == 404


def test_given_a_product_not_on_sale_when_opened_then_it_says_so_without_a_form(shop, client):
    page = client.get("/buy/amphis-customer/").content.decode()
    assert "Amphis Customer is priced, and cannot be ordered here yet." in page
    assert 'id="choice"' not in page


def test_given_htmx_when_the_choice_changes_then_only_the_sum_and_the_errors_come(shop, client):
    response = estimate(client, headers=HTMX, quantity="4")
    page = response.content.decode()
    assert "<html" not in page
    assert '<div id="id_quantity_error" hx-swap-oob="true"' in page
    assert "The smallest quantity is 5." in page
    assert "HX-Request" in response["Vary"]
    good = estimate(client, headers=HTMX, quantity="12").content.decode()
    assert "Total without tax £1,440.00" in good
    assert "smallest quantity" not in good


def test_given_a_visitor_when_continuing_then_the_choice_waits_behind_the_sign_up(shop, client):
    address = reverse("continue_buying", args=[SLUG])
    for entrance, extra in (("account_signup", ""), ("account_login", "&sign_in=1")):
        response = client.get(f"{address}?quantity=12&support_plan=premier{extra}")
        assert response["Location"].startswith(reverse(entrance))
        onward = query_of(response["Location"])["next"]
        assert onward == f"{address}?quantity=12&support_plan=premier"


def test_given_a_member_of_one_company_when_continuing_then_its_buy_page_has_the_choice(
    shop, customer, client
):
    client.force_login(customer.owner)
    response = client.get(f"{reverse('continue_buying', args=[SLUG])}?quantity=12")
    place = reverse("billing:buy", args=[customer.organisation.public_id, SLUG])
    assert response["Location"] == f"{place}?quantity=12"


def test_given_a_member_of_two_companies_when_continuing_then_they_choose(
    shop, customer, stranger, client
):
    factories.MembershipFactory(organisation=stranger.organisation, user=customer.owner)
    client.force_login(customer.owner)
    page = client.get(f"{reverse('continue_buying', args=[SLUG])}?quantity=12").content.decode()
    for organisation in (customer.organisation, stranger.organisation):
        assert f"{reverse('billing:buy', args=[organisation.public_id, SLUG])}?quantity=12" in page
