"""Paying online, through the stand-in's page: each way it can end, told once and booked once."""

from datetime import timedelta

import pytest

from billing.models import CheckoutAttempt, Document, FinanceTask, Order, Payment
from billing.selectors import amount_due, balance_of
from billing.services.checkout import (
    NothingDue,
    PaymentOnItsWay,
    close_checkouts,
    start_checkout,
    sync_checkout,
    sync_session,
)
from billing.services.closing import approve_order, cancel_order
from billing.stripe import gateway
from billing.stripe.errors import StripeRefused, StripeUnavailable
from billing.views.order_page import OrderPage
from licensing.models import KeyRequest
from portal.audit.models import AuditEvent
from portal.audit.services import SYSTEM, Actor
from portal.kit import clock
from portal.notifications.models import Mail
from tests.billing.given import draft, person, placed, staff_actor
from tests.billing.paying import RETURN_PATH, transfer
from tests.stripe_standin.process import CARD_3DS, CARD_DECLINED, CARD_NO_FUNDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(shop, customer) -> Order:
    """Twelve seats with premier support: £2,073.60, to be paid online."""
    return placed(shop, customer)


def mails(kind: str) -> int:
    return Mail.objects.filter(kind=kind).count()


def accepted(order: Order) -> bool:
    order.refresh_from_db()
    return order.status == "accepted"


def test_given_a_placed_order_when_payment_starts_then_the_page_asks_for_what_is_due(
    order, payer, customer
):
    url = start_checkout(order=order, return_path=RETURN_PATH, actor=person(customer))

    attempt = CheckoutAttempt.objects.get()
    assert attempt.url == url
    assert (attempt.status, attempt.amount, attempt.currency) == ("open", 207360, "GBP")
    assert attempt.customer_email == customer.owner.email
    assert attempt.description == f"Distribution Engine, order {order.reference}"
    assert AuditEvent.objects.get(action="checkout.started").subject_id == attempt.public_id


def test_given_an_open_page_when_payment_starts_again_then_it_is_the_same_page(order, payer):
    first = payer.open_page(order)
    again = payer.open_page(order)

    assert first == again
    assert CheckoutAttempt.objects.count() == 1


def test_given_an_open_page_when_another_way_back_is_asked_for_then_it_is_another_page(
    order, payer
):
    payer.open_page(order)
    start_checkout(order=order, return_path="/another/", actor=SYSTEM)

    assert CheckoutAttempt.objects.filter(status="open").count() == 2


def test_given_a_card_when_it_pays_then_the_order_is_accepted_with_its_invoice(order, payer):
    attempt = payer.pay(order)

    sync_checkout(attempt=attempt)

    assert accepted(order)
    attempt.refresh_from_db()
    payment = Payment.objects.get()
    assert attempt.status == "paid"
    assert payment.payment_intent_id == attempt.payment_intent_id != ""
    assert (payment.amount, payment.method, payment.recorded_by) == (207360, "stripe", None)
    assert Document.objects.get(kind="invoice").paid_at_issue is True
    assert KeyRequest.objects.count() == 1
    assert balance_of(order) == 0
    assert (mails("invoice"), mails("payment_failed")) == (1, 0)


def test_given_three_d_secure_when_it_is_completed_then_the_order_is_accepted(order, payer):
    attempt = payer.pay(order, card=CARD_3DS)

    sync_checkout(attempt=attempt)

    assert accepted(order)


def test_given_three_d_secure_when_it_is_left_open_then_nothing_is_granted(order, payer):
    attempt = payer.pay(order, card=CARD_3DS, authentication="leave")

    attempt = sync_checkout(attempt=attempt)

    assert (attempt.status, accepted(order)) == ("open", False)
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("card", "authentication", "code"),
    [
        (CARD_DECLINED, "complete", "card_declined"),
        (CARD_NO_FUNDS, "complete", "card_declined"),
        (CARD_3DS, "fail", "payment_intent_authentication_failure"),
    ],
)
def test_given_a_card_that_is_refused_when_news_comes_then_the_page_stays_open(
    order, payer, card, authentication, code
):
    attempt = payer.pay(order, card=card, authentication=authentication)

    attempt = sync_checkout(attempt=attempt)

    assert (attempt.status, attempt.failure_code) == ("open", code)
    assert not accepted(order)
    assert not Payment.objects.exists()
    assert not KeyRequest.objects.exists()
    assert mails("payment_failed") == 0


def test_given_a_refused_card_when_another_pays_on_the_same_page_then_it_is_paid(order, payer):
    attempt = payer.pay(order, card=CARD_DECLINED)
    payer.standin.pay(attempt.session_id)

    assert sync_checkout(attempt=attempt).status == "paid"
    assert accepted(order)


def test_given_an_abandoned_page_when_it_runs_out_then_the_buyer_is_told_and_can_try_again(
    order, payer
):
    attempt = payer.open_page(order)
    payer.standin.expire(attempt.session_id)

    assert sync_checkout(attempt=attempt).status == "expired"
    assert sync_checkout(attempt=attempt).status == "expired"

    order.refresh_from_db()
    assert (order.status, amount_due(order), mails("payment_failed")) == ("placed", 207360, 1)
    assert payer.open_page(order) != attempt


def test_given_a_bank_debit_when_it_is_under_way_then_no_key_is_granted(order, payer):
    attempt = payer.open_page(order)
    payer.standin.start_bank_debit(attempt.session_id)

    assert sync_checkout(attempt=attempt).status == "processing"
    assert sync_checkout(attempt=attempt).status == "processing"

    assert not accepted(order)
    assert not KeyRequest.objects.exists()
    assert mails("payment_processing") == 1
    with pytest.raises(PaymentOnItsWay):
        payer.open_page(order)


def test_given_a_bank_debit_when_the_bank_pays_then_the_order_is_accepted(order, payer):
    attempt = payer.open_page(order)
    payer.standin.start_bank_debit(attempt.session_id)
    sync_checkout(attempt=attempt)
    payer.standin.settle_bank_debit(attempt.session_id)

    assert sync_checkout(attempt=attempt).status == "paid"
    assert accepted(order)
    assert mails("payment_failed") == 0


def test_given_a_bank_debit_when_the_bank_returns_it_then_the_buyer_is_told_once(order, payer):
    attempt = payer.open_page(order)
    payer.standin.start_bank_debit(attempt.session_id)
    sync_checkout(attempt=attempt)
    payer.standin.fail_bank_debit(attempt.session_id)

    assert sync_checkout(attempt=attempt).status == "failed"
    assert sync_checkout(attempt=attempt).status == "failed"

    assert not accepted(order)
    assert not Payment.objects.exists()
    assert "not enough money" in Mail.objects.get(kind="payment_failed").text
    assert payer.open_page(order).status == "open"


def test_given_two_pages_when_both_are_paid_then_the_second_payment_is_credit(
    order, payer, customer
):
    first = payer.open_page(order)
    second_url = start_checkout(order=order, return_path="/elsewhere/", actor=SYSTEM)
    second = CheckoutAttempt.objects.get(url=second_url)
    payer.standin.pay(first.session_id)
    payer.standin.pay(second.session_id)

    sync_checkout(attempt=first)
    sync_checkout(attempt=second)

    assert accepted(order)
    assert Payment.objects.count() == 2
    assert balance_of(order) == -207360
    assert FinanceTask.objects.get().kind == "overpaid"
    assert KeyRequest.objects.count() == 1
    assert Document.objects.filter(kind="invoice").count() == 1


def test_given_two_pages_when_one_is_paid_then_the_other_is_closed(order, payer):
    first = payer.open_page(order)
    second_url = start_checkout(order=order, return_path="/elsewhere/", actor=SYSTEM)
    second = CheckoutAttempt.objects.get(url=second_url)
    payer.standin.pay(first.session_id)

    sync_checkout(attempt=first)

    second.refresh_from_db()
    assert second.status == "expired"
    assert payer.standin.pay(second.session_id).returned_to == ""
    assert Payment.objects.count() == 1
    assert mails("payment_failed") == 0


def test_given_an_open_page_when_a_part_is_transferred_then_it_is_closed_and_the_rest_asked_for(
    order, payer, staff
):
    attempt = payer.open_page(order)
    transfer(order, "1000.00", staff)

    attempt.refresh_from_db()
    assert attempt.status == "expired"
    rest = payer.open_page(order)
    assert rest.amount == 107360


def test_given_an_open_page_when_the_order_is_cancelled_then_it_is_closed(order, payer, customer):
    attempt = payer.open_page(order)

    cancel_order(order=order, reason="Not needed", actor=person(customer))

    attempt.refresh_from_db()
    assert attempt.status == "expired"
    with pytest.raises(NothingDue):
        payer.open_page(order)


def test_given_a_page_that_was_paid_unheard_when_payment_starts_again_then_nothing_is_due(
    order, payer
):
    payer.pay(order)

    with pytest.raises(NothingDue):
        payer.open_page(order)

    assert accepted(order)
    assert CheckoutAttempt.objects.count() == 1


def test_given_an_order_on_account_when_it_has_no_invoice_yet_then_nothing_can_be_paid(
    order, payer, staff
):
    approve_order(order=order, staff=staff, actor=staff_actor(staff))

    with pytest.raises(NothingDue):
        payer.open_page(order)


def test_given_a_draft_when_payment_starts_then_it_is_refused(shop, customer, payer):
    with pytest.raises(NothingDue):
        payer.open_page(draft(shop, customer))

    assert not CheckoutAttempt.objects.exists()


def test_given_stripe_takes_another_sum_when_news_comes_then_nothing_is_granted(order, payer):
    attempt = payer.pay(order)
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(amount=207359)

    attempt = sync_checkout(attempt=attempt)

    task = FinanceTask.objects.get()
    assert (attempt.status, attempt.failure_code) == ("failed", "amount_differs")
    assert (task.kind, task.subject_id) == ("amount_differs", attempt.public_id)
    assert "£2,073.60" in task.note
    assert not accepted(order)
    assert not Payment.objects.exists()
    assert sync_checkout(attempt=attempt).status == "failed"
    assert FinanceTask.objects.count() == 1


def test_given_a_session_of_another_order_when_news_comes_then_nothing_is_granted(
    shop, customer, order, payer
):
    other = placed(shop, customer, label="second")
    attempt = payer.pay(order)
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(order=other)
    attempt.refresh_from_db()

    assert sync_checkout(attempt=attempt).status == "failed"

    assert not Payment.objects.exists()
    assert FinanceTask.objects.get().kind == "amount_differs"


def test_given_a_paid_attempt_when_older_news_comes_then_it_stays_paid(order, payer):
    attempt = payer.pay(order)
    attempt = sync_checkout(attempt=attempt)

    for _ in range(3):
        assert sync_checkout(attempt=attempt).status == "paid"

    assert Payment.objects.count() == 1


def test_given_pages_that_are_wanted_when_others_are_closed_then_they_stay_open(order, payer):
    attempt = payer.open_page(order)

    assert close_checkouts(order=order) == 0

    attempt.refresh_from_db()
    assert attempt.status == "open"


def test_given_stripe_is_down_when_payment_starts_then_the_same_request_is_repeated_later(
    order, payer, settings
):
    address = settings.STRIPE_API_BASE
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(StripeUnavailable):
        payer.open_page(order)
    waiting = CheckoutAttempt.objects.get()
    assert (waiting.status, waiting.session_id) == ("creating", None)

    settings.STRIPE_API_BASE = address
    opened = payer.open_page(order)

    assert (opened.pk, opened.status) == (waiting.pk, "open")


def test_given_a_link_without_login_when_payment_starts_then_no_address_is_filled_in(order, payer):
    actor = Actor(kind="link", address="192.0.2.1")
    start_checkout(order=order, return_path=RETURN_PATH, actor=actor)

    assert CheckoutAttempt.objects.get().customer_email == ""


def test_given_a_page_about_to_run_out_when_payment_starts_then_a_new_one_is_opened(order, payer):
    attempt = payer.open_page(order)
    CheckoutAttempt.objects.update(expires_at=clock.now() + timedelta(minutes=5))

    assert payer.open_page(order) != attempt


def test_given_stripe_refuses_when_payment_starts_then_the_attempt_fails_and_finance_is_told(
    order, payer
):
    payer.standin.fail_api(1, status=402)

    with pytest.raises(StripeRefused):
        payer.open_page(order)

    attempt, task = CheckoutAttempt.objects.get(), FinanceTask.objects.get()
    assert (attempt.status, attempt.failure_code) == ("failed", "api_error")
    assert (task.kind, task.subject_id) == ("stripe_refused", attempt.public_id)
    assert payer.open_page(order).status == "open"


def test_given_a_page_that_stripe_forgot_when_payment_starts_again_then_another_is_opened(
    order, payer
):
    lost = payer.open_page(order)
    payer.standin.reset()

    again = payer.open_page(order)

    lost.refresh_from_db()
    assert (lost.status, lost.failure_code) == ("failed", "resource_missing")
    assert again.status == "open"
    payer.standin.pay(again.session_id)
    sync_checkout(attempt=again)
    assert accepted(order)


def test_given_a_debit_that_stripe_does_not_show_when_asked_then_it_stays_under_way(order, payer):
    attempt = payer.open_page(order)
    payer.standin.start_bank_debit(attempt.session_id)
    attempt = sync_checkout(attempt=attempt)
    payer.standin.reset()

    with pytest.raises(StripeRefused):
        sync_checkout(attempt=attempt)

    attempt.refresh_from_db()
    assert attempt.status == "processing"


def test_given_an_event_that_overtakes_our_own_record_when_synced_then_it_is_not_called_unknown(
    order, payer, monkeypatch
):
    """The session is stored by another request while this one asks Stripe about it."""
    attempt = payer.pay(order)
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(session_id=None)
    ask = gateway.retrieve_checkout_session

    def slowly(session_id):
        CheckoutAttempt.objects.filter(pk=attempt.pk).update(session_id=session_id)
        return ask(session_id)

    monkeypatch.setattr(gateway, "retrieve_checkout_session", slowly)

    assert sync_session(session_id=attempt.session_id).status == "paid"
    assert accepted(order)


def test_given_a_debit_under_way_when_a_later_page_is_open_then_the_order_page_tells_of_the_debit(
    order, payer, shop
):
    debit = payer.open_page(order)
    start_checkout(order=order, return_path="/another/", actor=SYSTEM)
    payer.standin.start_bank_debit(debit.session_id)
    sync_checkout(attempt=debit)

    page = OrderPage(order, shop.vendor)

    assert page.attempt == debit
    assert (page.is_processing, page.can_pay_online, page.can_cancel) == (True, False, False)
