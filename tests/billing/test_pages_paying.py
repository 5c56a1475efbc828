"""Paying from the order's page and through a payment link, on the stand-in's page; in real time."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.domain.orders import OrderStatus
from billing.models import CheckoutAttempt, Document, Order, Payment
from billing.services.links import pay_token
from licensing.models import KeyRequest, Licence
from portal.audit.models import AuditEvent
from portal.notifications.models import Mail
from tests.billing.given import draft, placed
from tests.billing.pages import at, colleague, confirmation, signed_in
from tests.stripe_standin.process import CARD_3DS, CARD_DECLINED


@pytest.fixture(autouse=True)
def _origins(settings, request):
    if "standin" in request.fixturenames:
        settings.STRIPE_CHECKOUT_ORIGINS = [request.getfixturevalue("standin").base_url]


@pytest.fixture
def owner(customer) -> Client:
    return signed_in(customer)


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer)


def local(url: str) -> str:
    """Return the path and query of an address of this portal."""
    return url.removeprefix("http://testserver")


def open_page(owner: Client, customer, order: Order) -> CheckoutAttempt:
    response = owner.post(at("pay_order", customer, order.public_id))
    return CheckoutAttempt.objects.get(url=response["Location"])


def shown(owner: Client, customer, order: Order) -> str:
    return owner.get(at("order", customer, order.public_id)).content.decode()


def test_given_a_draft_when_placed_by_card_then_the_payer_is_led_to_the_payment_page(
    shop, customer, owner, standin
):
    order = draft(shop, customer)
    address = at("review", customer, order.public_id)
    policy = owner.get(address)["Content-Security-Policy"]
    assert f"form-action 'self' {standin.base_url}" in policy.split("; ")
    response = owner.post(address, confirmation(order, pay_by="card"))
    attempt = CheckoutAttempt.objects.get()
    assert response["Location"] == attempt.url
    assert attempt.url.startswith(f"{standin.base_url}/c/pay/")
    assert (attempt.amount, attempt.currency) == (207360, "GBP")
    assert local(attempt.return_url) == at("checkout_return", customer, order.public_id)


def test_given_a_double_click_when_placed_twice_then_one_order_and_one_payment_page(
    shop, customer, owner, standin
):
    order = draft(shop, customer)
    address = at("review", customer, order.public_id)
    first = owner.post(address, confirmation(order, pay_by="card"))
    second = owner.post(address, confirmation(order, pay_by="card"))
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    assert CheckoutAttempt.objects.count() == 1
    assert Document.objects.count() == 1


def test_given_paid_by_3ds_when_the_return_page_comes_first_then_the_order_is_accepted(
    customer, owner, order, standin
):
    attempt = open_page(owner, customer, order)
    outcome = standin.pay(attempt.session_id, card=CARD_3DS)
    response = owner.get(local(outcome.returned_to), follow=True)
    page = response.content.decode()
    order.refresh_from_db()
    assert order.status == OrderStatus.ACCEPTED
    assert "Thank you. Your payment has arrived." in page
    assert "£2,073.60 received" in page
    assert "The licence desk prepares your key." in page
    assert "Pay now" not in page
    assert KeyRequest.objects.count() == 1


def test_given_a_product_that_issues_by_itself_when_its_card_pays_then_the_key_is_there_at_once(
    shop, customer, owner, standin, django_capture_on_commit_callbacks
):
    shop.product.issue_automatically = True
    shop.product.save()
    order = placed(shop, customer)
    attempt = open_page(owner, customer, order)
    outcome = standin.pay(attempt.session_id)
    with django_capture_on_commit_callbacks(execute=True):
        owner.get(local(outcome.returned_to))
    page = shown(owner, customer, order)
    licence = Licence.objects.get()
    invoice = Document.objects.get(kind="invoice")
    assert (licence.seats, licence.issued_by) == (12, "portal")
    assert (invoice.gross_amount, invoice.paid_at_issue) == (207360, True)
    assert "Your key is issued." in page
    assert licence.public_id in page
    assert Mail.objects.filter(kind="key_issued", status="sent").count() == 1


def test_given_the_webhook_came_first_when_returning_then_nothing_happens_twice(
    customer, owner, order, standin, payer
):
    attempt = open_page(owner, customer, order)
    outcome = standin.pay(attempt.session_id)
    assert set(payer.deliver("checkout.session.completed")) == {200}
    owner.get(local(outcome.returned_to))
    owner.get(local(outcome.returned_to))
    page = shown(owner, customer, order)
    assert page.count("£2,073.60 received") == 1
    assert Payment.objects.count() == 1
    assert KeyRequest.objects.count() == 1


def test_given_a_declined_card_when_coming_back_then_the_page_says_why_and_offers_to_pay(
    customer, owner, order, standin
):
    attempt = open_page(owner, customer, order)
    standin.pay(attempt.session_id, card=CARD_DECLINED)
    back = f"{at('checkout_return', customer, order.public_id)}?checkout={attempt.public_id}"
    page = owner.get(f"{back}&cancelled=1", follow=True).content.decode()
    order.refresh_from_db()
    assert "You left the payment page. Nothing was charged." in page
    assert "The last try to pay did not work" in page
    assert "The card was declined. Its bank can say why." in page
    assert "Pay now, by card or online" in page
    assert order.status == OrderStatus.PLACED
    assert not Payment.objects.exists()
    assert not KeyRequest.objects.exists()


def test_given_stripe_is_away_when_returning_then_the_payer_is_told_to_wait(
    customer, owner, order, standin, settings
):
    attempt = open_page(owner, customer, order)
    standin.pay(attempt.session_id)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    back = f"{at('checkout_return', customer, order.public_id)}?checkout={attempt.public_id}"
    page = owner.get(back, follow=True).content.decode()
    assert "please do not pay a second time" in page
    settings.STRIPE_API_BASE = standin.base_url
    assert "Thank you." in owner.get(back, follow=True).content.decode()


@pytest.mark.parametrize(
    ("status", "title", "may_pay"),
    [
        ("processing", "Your payment is on its way", False),
        ("failed", "The payment failed", True),
        ("expired", "The payment page was not used in time", True),
    ],
)
def test_given_how_an_attempt_ended_when_the_order_is_shown_then_it_is_told_in_words(
    customer, owner, order, standin, status, title, may_pay
):
    attempt = open_page(owner, customer, order)
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(status=status)
    page = shown(owner, customer, order)
    assert title in page
    assert ("Pay now, by card or online" in page) is may_pay
    assert ("Cancel this order" in page) is may_pay


def test_given_another_orders_attempt_when_named_in_the_return_then_it_is_not_looked_at(
    shop, customer, owner, order, standin
):
    attempt = open_page(owner, customer, order)
    standin.pay(attempt.session_id)
    other = placed(shop, customer, label="Another")
    back = f"{at('checkout_return', customer, other.public_id)}?checkout={attempt.public_id}"
    assert owner.get(back)["Location"] == at("order", customer, other.public_id)
    attempt.refresh_from_db()
    assert attempt.status == "open"
    assert not Payment.objects.exists()


def test_given_nothing_is_due_when_paying_then_a_sentence_says_so(
    shop, customer, owner, order, standin
):
    attempt = open_page(owner, customer, order)
    standin.pay(attempt.session_id)
    address = at("pay_order", customer, order.public_id)
    page = owner.post(address, follow=True).content.decode()
    assert "Nothing is due on this order at the moment." in page
    assert Payment.objects.count() == 1
    assert CheckoutAttempt.objects.count() == 1


def test_given_get_when_paying_then_it_is_refused(customer, owner, order):
    assert owner.get(at("pay_order", customer, order.public_id)).status_code == 405


def test_given_others_when_paying_or_returning_then_they_are_refused(
    customer, stranger, order, standin
):
    for name in ("pay_order", "checkout_return"):
        manager = colleague(customer.organisation, "licence_manager")
        for other, status in ((signed_in(stranger), 404), (manager, 403)):
            address = at(name, customer, order.public_id)
            answer = other.post(address) if name == "pay_order" else other.get(address)
            assert answer.status_code == status
    address = at("pay_order", stranger, order.public_id)
    assert signed_in(stranger).post(address).status_code == 404
    assert not CheckoutAttempt.objects.exists()


def test_given_the_link_when_paid_without_a_login_then_the_order_is_accepted(
    order, standin, client
):
    token = pay_token(order)
    response = Client(enforce_csrf_checks=True).post(reverse("pay:card", args=[token]))
    attempt = CheckoutAttempt.objects.get(url=response["Location"])
    outcome = standin.pay(attempt.session_id)
    back = local(outcome.returned_to)
    assert back.startswith(reverse("pay:back", args=[token]))
    page = client.get(back, follow=True).content.decode()
    order.refresh_from_db()
    assert order.status == OrderStatus.ACCEPTED
    assert "This order is paid. Thank you." in page
    assert "Pay now" not in page
    assert Document.objects.get(kind="invoice").number in page
    event = AuditEvent.objects.get(action="checkout.started")
    assert event.actor_kind == "link"
