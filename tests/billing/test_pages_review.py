"""The review page: what was shown is what is placed, once, and paid the way that was chosen."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from billing.domain.orders import OrderStatus
from billing.models import CheckoutAttempt, Document, Order, PriceTier, TermsVersion
from licensing.models import KeyRequest
from portal.kit import clock
from portal.notifications.models import Mail
from tests import factories
from tests.billing.given import MONDAY, draft, placed
from tests.billing.pages import at, colleague, confirmation, signed_in


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def owner(customer) -> Client:
    return signed_in(customer)


@pytest.fixture
def order(shop, customer) -> Order:
    return draft(shop, customer)


def review(customer, order: Order) -> str:
    return at("review", customer, order.public_id)


def is_untouched(order: Order) -> bool:
    """Nothing was placed, printed, mailed, requested or asked of Stripe."""
    order.refresh_from_db()
    rows = (Document, Mail, KeyRequest, CheckoutAttempt)
    return order.status == OrderStatus.DRAFT and not any(row.objects.exists() for row in rows)


def test_given_a_draft_when_reviewed_then_every_line_terms_and_address_are_shown(
    shop, customer, owner, order
):
    page = owner.get(review(customer, order)).content.decode()
    for text in (
        "12 × £120.00 = £1,440.00",
        "20% of £1,440.00 = £288.00",
        "VAT 20% of £1,728.00",
        "£2,073.60",
        "23 Nov 2026 – 22 Nov 2027",
        "Tue, 24 Nov 2026, 10:00 GMT",
        "The standard terms.",
        "I accept the standard terms, version 2026-01, for my organisation.",
        "5 Market Square",
        "Your organisation does not buy on account. Please pay first.",
    ):
        assert text in page, text
    assert f'name="seen_gross" value="{order.gross_amount}"' in page
    assert is_untouched(order)


def test_given_24_seats_when_reviewed_then_the_cheaper_25_can_still_be_taken(shop, customer, owner):
    order = draft(shop, customer, quantity=24)
    page = owner.get(review(customer, order)).content.decode()
    assert "25 licences cost £2,700.00, less than 24 at £2,880.00." in page
    taken = unescape(re.search(r'href="([^"]+)">Take 25<', page)[1])
    assert taken == at("buy", customer, "distribution-engine") + (
        "?quantity=25&currency=GBP&support_plan=premier"
    )
    chosen = owner.get(taken).content.decode()
    assert "25 × £108.00 = £2,700.00" in chosen
    assert is_untouched(order)


def test_given_25_seats_when_reviewed_then_no_larger_quantity_is_offered(shop, customer, owner):
    order = draft(shop, customer, quantity=25)
    assert "licences cost less" not in owner.get(review(customer, order)).content.decode()


def test_given_a_transfer_when_placed_then_the_pro_forma_goes_out_and_the_order_waits(
    shop, customer, owner, order
):
    response = owner.post(review(customer, order), confirmation(order, purchase_order="PO-7"))
    order.refresh_from_db()
    assert response["Location"] == at("order", customer, order.public_id)
    assert (order.status, order.pay_by, order.purchase_order) == ("placed", "transfer", "PO-7")
    assert order.terms_version.version == "2026-01"
    assert order.terms_accepted_by == customer.owner.email
    assert order.terms_accepted_from == "127.0.0.1"
    assert Document.objects.get().kind == "pro_forma"
    assert not KeyRequest.objects.exists()
    page = owner.get(response["Location"]).content.decode()
    assert "The order is placed. The pro forma is on its way by mail." in page


def test_given_a_stale_tab_when_opened_or_sent_then_it_leads_to_the_placed_order(
    shop, customer, owner
):
    order = placed(shop, customer, pay_by="transfer")
    page = at("order", customer, order.public_id)
    assert owner.get(review(customer, order))["Location"] == page
    assert owner.post(review(customer, order), confirmation(order))["Location"] == page
    assert owner.post(review(customer, order), {})["Location"] == page
    assert Order.objects.count() == 1


def test_given_stripe_is_away_when_placed_by_card_then_the_order_stands_and_says_so(
    shop, customer, owner, order
):
    response = owner.post(review(customer, order), confirmation(order, pay_by="card"), follow=True)
    order.refresh_from_db()
    page = response.content.decode()
    assert response.redirect_chain == [(at("order", customer, order.public_id), 302)]
    assert order.status == OrderStatus.PLACED
    assert "The payment service does not answer at the moment. Nothing was charged." in page
    assert "Pay now, by card or online" in page
    assert not KeyRequest.objects.exists()


def test_given_another_price_meanwhile_when_placed_then_old_and_new_totals_are_shown_first(
    shop, customer, owner, order
):
    PriceTier.objects.filter(price=order.price, from_quantity=5).update(unit_amount=13000)
    response = owner.post(
        review(customer, order), confirmation(order, pay_by="card", purchase_order="PO-9")
    )
    page = response.content.decode()
    assert response.status_code == 409
    assert "The total was £2,073.60 when you saw it, and is £2,246.40 now." in page
    assert 'name="seen_gross" value="224640"' in page
    assert 'value="PO-9"' in page
    assert 'name="terms" id="id_terms" checked' not in page
    assert is_untouched(order)
    assert order.gross_amount == 224640
    again = owner.post(review(customer, order), confirmation(order))
    order.refresh_from_db()
    assert again.status_code == 302
    assert (order.status, order.gross_amount) == ("placed", 224640)


def test_given_another_sum_sent_than_shown_when_placed_then_nothing_is_placed(
    shop, customer, owner, order
):
    response = owner.post(review(customer, order), confirmation(order, seen_gross=1))
    assert response.status_code == 409
    assert is_untouched(order)
    assert order.gross_amount == 207360


def test_given_new_terms_meanwhile_when_placed_then_they_are_shown_and_must_be_accepted(
    shop, customer, owner, order
):
    TermsVersion.objects.create(
        product=shop.product, version="2026-11", text="Newer terms.", published_at=MONDAY
    )
    response = owner.post(review(customer, order), confirmation(order))
    page = response.content.decode()
    assert response.status_code == 409
    assert "The standard terms have changed since you saw them." in page
    assert "Newer terms." in page
    assert 'name="terms_version" value="2026-11"' in page
    assert "checked" not in page.split('name="terms"')[1].split(">")[0]
    assert is_untouched(order)
    assert (
        owner.post(
            review(customer, order), confirmation(order, terms_version="2026-11")
        ).status_code
        == 302
    )
    order.refresh_from_db()
    assert order.terms_version.version == "2026-11"


def test_given_a_first_day_that_went_by_when_placed_then_the_new_one_is_shown_first(
    shop, customer, owner
):
    order = draft(shop, customer, wanted_start=MONDAY.date() + timedelta(days=1))
    with clock.pretend(MONDAY + timedelta(days=2)):
        response = owner.post(review(customer, order), confirmation(order))
        assert response.status_code == 409
        assert (
            "The total is the same, but the sum behind it has changed" in response.content.decode()
        )
        assert "25 Nov 2026 – 24 Nov 2027" in response.content.decode()
        assert is_untouched(order)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"terms": ""}, "Please accept the standard terms."),
        ({"pay_by": ""}, "Please choose how to pay."),
        ({"pay_by": "on_account"}, "on_account is not one of the available choices."),
        ({"pay_by": "cash"}, "cash is not one of the available choices."),
        ({"purchase_order": "x" * 61}, "Ensure this value has at most 60 characters (it has 61)."),
        ({"seen_gross": ""}, "This field is required."),
    ],
)
def test_given_a_wrong_confirmation_when_placed_then_a_sentence_says_so_and_nothing_happens(
    shop, customer, owner, order, changes, sentence
):
    response = owner.post(review(customer, order), confirmation(order, **changes))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert is_untouched(order)


def test_given_a_mandatory_po_number_when_placed_without_then_the_field_says_so(
    shop, customer, owner, order
):
    customer.organisation.purchase_order_required = True
    customer.organisation.default_purchase_order = "PO-2026"
    customer.organisation.save()
    assert 'value="PO-2026"' in owner.get(review(customer, order)).content.decode()
    response = owner.post(review(customer, order), confirmation(order))
    assert response.context["form"].errors["purchase_order"] == [
        "Your organisation needs a purchase order number on each order."
    ]
    assert is_untouched(order)


def test_given_no_address_when_reviewed_and_placed_then_it_leads_to_the_settings(
    shop, customer, owner, order
):
    customer.organisation.address_line_1 = ""
    customer.organisation.save()
    page = owner.get(review(customer, order)).content.decode()
    assert "An address is needed: it is printed on the invoice." in page
    assert f"/o/{customer.organisation.public_id}/settings/" in page
    response = owner.post(review(customer, order), confirmation(order))
    assert "Please complete your organisation’s address" in response.content.decode().replace(
        "&#x27;", "’"
    )
    assert is_untouched(order)


def test_given_credit_when_placed_on_account_then_the_key_is_requested_at_once(
    shop, customer, owner, order
):
    factories.CreditTermsFactory(organisation=customer.organisation)
    assert "On account" in owner.get(review(customer, order)).content.decode()
    response = owner.post(review(customer, order), confirmation(order, pay_by="on_account"))
    order.refresh_from_db()
    assert response["Location"] == at("order", customer, order.public_id)
    assert order.status == OrderStatus.ACCEPTED
    assert KeyRequest.objects.get().order_id == order.public_id
    assert not Document.objects.exists()
    page = owner.get(response["Location"]).content.decode()
    assert "Your key is being prepared." in page
    assert "On account: the invoice follows the key." in page


def test_given_an_order_on_its_way_when_another_draft_is_placed_then_it_leads_to_the_first(
    shop, customer, owner, order
):
    other = placed(shop, customer, pay_by="transfer")
    response = owner.post(review(customer, order), confirmation(order))
    page = response.content.decode()
    assert response.status_code == 409
    assert f"Order {other.reference} for this product is on its way already." in page
    assert at("order", customer, other.public_id) in page
    order.refresh_from_db()
    assert order.status == OrderStatus.DRAFT


def test_given_another_organisation_or_role_when_reviewing_then_it_is_refused(
    shop, customer, stranger, order
):
    assert signed_in(stranger).get(review(customer, order)).status_code == 404
    assert signed_in(stranger).get(review(stranger, order)).status_code == 404
    assert signed_in(stranger).post(review(stranger, order), confirmation(order)).status_code == 404
    manager = colleague(customer.organisation, "licence_manager")
    assert manager.post(review(customer, order), confirmation(order)).status_code == 403
    assert is_untouched(order)


def test_given_a_draft_rewritten_at_the_same_sum_when_the_stale_tab_places_it_then_it_is_refused(
    shop, customer, owner
):
    """12 seats cost what 10 seats with 20 % support cost; the buyer saw the 12."""
    shown = draft(shop, customer, support_plan=None, quantity=12, form_token="tab")
    stale = confirmation(shown)
    plan = shop.product.support_plans.get(code="premier")
    rewritten = draft(shop, customer, support_plan=plan, quantity=10, form_token="tab")
    assert (rewritten.pk, rewritten.net_amount) == (shown.pk, shown.net_amount)

    page = owner.post(review(customer, rewritten), stale)
    assert page.status_code == 409
    assert "the sum behind it has changed" in page.content.decode()
    assert is_untouched(rewritten)


def test_given_a_draft_moved_to_another_day_when_the_stale_tab_places_it_then_it_is_refused(
    shop, customer, owner
):
    shown = draft(shop, customer, form_token="tab")
    stale = confirmation(shown)
    later = (MONDAY + timedelta(days=40)).date()
    rewritten = draft(shop, customer, wanted_start=later, form_token="tab")

    assert owner.post(review(customer, rewritten), stale).status_code == 409
    assert is_untouched(rewritten)


def test_given_a_review_page_when_its_own_hidden_fields_are_sent_then_the_order_is_placed(
    customer, owner, order
):
    page = owner.get(review(customer, order)).content.decode()
    seen = re.search(r'name="seen_draft" value="(\w+)"', page)
    assert seen is not None
    owner.post(review(customer, order), confirmation(order, seen_draft=seen[1]))
    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


def test_given_a_draft_when_going_back_to_choose_then_the_choice_is_still_there(
    shop, customer, owner, order
):
    page = unescape(owner.get(review(customer, order)).content.decode())

    found = re.search(r'href="([^"]*/buy/[^"]*)"', page)
    assert found is not None
    assert f"?quantity={order.quantity}&currency={order.currency}" in found.group(1)
    assert f'name="quantity" value="{order.quantity}"' in owner.get(found.group(1)).content.decode()
