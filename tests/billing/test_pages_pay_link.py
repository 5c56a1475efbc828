"""The page behind a payment link: one order, no login, and nothing that passes the link on."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import CheckoutAttempt, Document, Order
from billing.services.links import pay_token
from billing.services.ordering import cancel_order
from portal.kit import clock
from tests.billing.given import MONDAY, draft, person, placed
from tests.billing.pages import count_queries
from tests.billing.paying import transfer


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer, pay_by="transfer")


def show(order: Order) -> str:
    return reverse("pay:show", args=[pay_token(order)])


def test_given_the_link_when_opened_then_it_shows_that_order_and_no_way_to_the_organisation(
    customer, order, client
):
    response = client.get(show(order))
    page = response.content.decode()
    for text in ("£2,073.60", order.reference, "20-20-15", "Pay now, by card or online"):
        assert text in page, text
    assert "/o/org_" not in page
    assert customer.owner.email not in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "csrftoken" not in response.cookies


def test_given_the_link_when_a_document_is_downloaded_then_only_this_orders_own(
    shop, customer, stranger, order, client
):
    placed(shop, stranger, pay_by="transfer")
    token = pay_token(order)
    mine = Document.objects.get(order__organisation=customer.organisation)
    theirs = Document.objects.get(order__organisation=stranger.organisation)
    response = client.get(reverse("pay:document_pdf", args=[token, mine.public_id]))
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"] == (
        f'attachment; filename="PRO-FORMA-{order.reference}.pdf"'
    )
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert (
        client.get(reverse("pay:document_pdf", args=[token, theirs.public_id])).status_code == 404
    )


def test_given_another_order_of_the_company_when_its_document_is_asked_for_then_not_found(
    shop, customer, order, client
):
    other = placed(shop, customer, pay_by="transfer", label="Audit team")
    foreign = other.documents.get().public_id
    address = reverse("pay:document_pdf", args=[pay_token(order), foreign])
    assert client.get(address).status_code == 404
    assert other.reference not in client.get(show(order)).content.decode()


@pytest.mark.parametrize("name", ["show", "card", "back"])
def test_given_a_bad_token_when_used_then_it_is_not_found(shop, customer, order, client, name):
    token = pay_token(order)
    unplaced = draft(shop, customer, label="Another")
    for bad in ("nonsense", token[:-1] + ("A" if token[-1] != "A" else "B"), pay_token(unplaced)):
        address = reverse(f"pay:{name}", args=[bad])
        answer = client.post(address) if name == "card" else client.get(address)
        assert answer.status_code == 404
    assert not CheckoutAttempt.objects.exists()


def test_given_the_link_was_made_void_when_used_then_it_is_not_found(order, client):
    address = show(order)
    Order.objects.filter(pk=order.pk).update(link_version=2)
    assert client.get(address).status_code == 404


def test_given_a_cancelled_order_when_the_link_is_opened_then_it_asks_for_no_money(
    customer, order, client
):
    cancel_order(order=order, reason="", actor=person(customer))
    page = client.get(show(order)).content.decode()
    assert "This order is closed. Please do not pay it." in page
    assert "Pay now" not in page
    assert "20-20-15" not in page
    response = client.post(reverse("pay:card", args=[pay_token(order)]), follow=True)
    assert "Nothing is due on this order at the moment." in response.content.decode()
    assert not CheckoutAttempt.objects.exists()


def test_given_a_paid_order_when_the_link_is_opened_then_it_says_thanks(order, client, staff):
    transfer(order, "2,073.60", staff)
    page = client.get(show(order)).content.decode()
    assert "This order is paid. Thank you." in page
    assert Document.objects.get(kind="invoice").number in page


def test_given_stripe_is_away_when_paying_then_a_sentence_says_so(order, client):
    response = client.post(reverse("pay:card", args=[pay_token(order)]), follow=True)
    assert "The payment service does not answer at the moment." in response.content.decode()


def test_given_too_many_visits_when_opened_then_it_asks_to_wait(order, client, monkeypatch):
    monkeypatch.setattr("billing.views.pay_link.VISITS", 3)
    codes = [client.get(show(order)).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    # Another address is not held up by it.
    assert Client(REMOTE_ADDR="192.0.2.9").get(show(order)).status_code == 200


def test_given_too_many_tries_to_pay_when_posting_then_it_asks_to_wait(order, client, monkeypatch):
    monkeypatch.setattr("billing.views.pay_link.PAYMENTS", 1)
    address = reverse("pay:card", args=[pay_token(order)])
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 429


def test_given_more_payments_when_the_link_is_opened_then_its_queries_do_not_grow(
    order, client, staff
):
    transfer(order, "100.00", staff)
    before = count_queries(client, show(order))
    for _ in range(3):
        transfer(order, "100.00", staff)
    assert count_queries(client, show(order)) == before
    assert before <= 14
