"""News that is lost, late or twice: webhooks, the return page, Stripe's answers, the broker."""

from datetime import timedelta

import pytest

from billing.models import CheckoutAttempt, FinanceTask, Order, Payment, StripeEvent
from billing.services.checkout import start_checkout, sync_checkout
from billing.services.reconcile import reconcile_attempts
from billing.stripe import gateway
from billing.stripe.errors import StripeUnavailable
from billing.tasks import PERIODIC
from billing.webhooks.inbox import sweep_events
from licensing.models import KeyRequest
from portal.audit.services import SYSTEM
from portal.kit import clock
from portal.notifications.models import Mail
from tests.billing.given import person, placed

pytestmark = pytest.mark.django_db(transaction=True)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer)


def later(minutes: int = 20):
    return clock.pretend(clock.now() + timedelta(minutes=minutes))


def assert_sold_once(order: Order) -> None:
    order.refresh_from_db()
    assert order.status == "accepted"
    assert Payment.objects.count() == KeyRequest.objects.count() == 1
    assert order.documents.filter(kind="invoice").count() == 1
    assert Mail.objects.filter(kind="invoice").count() == 1
    assert not FinanceTask.objects.exists()


@pytest.mark.parametrize("first", ["return page", "webhook"])
def test_given_a_paid_page_when_return_and_webhook_come_in_either_order_then_it_is_sold_once(
    order, payer, first
):
    attempt = payer.pay(order)
    steps = [lambda: sync_checkout(attempt=attempt), payer.deliver]
    if first == "webhook":
        steps.reverse()

    for step in steps:
        step()

    assert_sold_once(order)


def test_given_a_paid_page_when_no_webhook_ever_comes_then_the_reconciliation_finds_it(
    order, payer
):
    payer.pay(order)
    assert reconcile_attempts(clock.now()) == 0

    with later():
        assert reconcile_attempts(clock.now()) == 1

    assert_sold_once(order)
    assert not StripeEvent.objects.exists()


def test_given_a_debit_when_all_its_webhooks_are_lost_then_each_step_is_found(order, payer):
    attempt = payer.open_page(order)
    payer.standin.start_bank_debit(attempt.session_id)
    with later(20):
        reconcile_attempts(clock.now())
    attempt.refresh_from_db()
    assert attempt.status == "processing"

    payer.standin.settle_bank_debit(attempt.session_id)
    with later(40):
        reconcile_attempts(clock.now())

    assert_sold_once(order)


def test_given_an_abandoned_page_when_its_webhook_is_lost_then_it_is_found_expired(order, payer):
    attempt = payer.open_page(order)
    payer.standin.expire(attempt.session_id)

    with later():
        reconcile_attempts(clock.now())

    attempt.refresh_from_db()
    assert attempt.status == "expired"
    assert not Payment.objects.exists()


def test_given_an_attempt_asked_about_a_moment_ago_when_the_sweep_runs_then_it_is_left_alone(
    order, payer
):
    payer.open_page(order)

    with later():
        assert reconcile_attempts(clock.now()) == 1
        assert reconcile_attempts(clock.now()) == 0


def test_given_a_page_whose_close_was_lost_when_the_sweep_runs_then_it_is_closed(
    order, payer, monkeypatch
):
    kept_open = payer.open_page(order)
    url = start_checkout(order=order, return_path="/elsewhere/", actor=SYSTEM)
    paid = CheckoutAttempt.objects.get(url=url)
    payer.standin.pay(paid.session_id)
    with monkeypatch.context() as lost:
        lost.setattr("billing.services.payments.enqueue", lambda *_: None)
        sync_checkout(attempt=paid)
    kept_open.refresh_from_db()
    assert kept_open.status == "open"

    with later():
        reconcile_attempts(clock.now())

    kept_open.refresh_from_db()
    assert kept_open.status == "expired"
    assert_sold_once(order)


def test_given_stripe_is_down_when_payment_starts_then_nothing_is_lost_and_one_page_is_made(
    order, payer, settings
):
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, NOWHERE
    with pytest.raises(StripeUnavailable):
        payer.open_page(order)
    with later():
        assert reconcile_attempts(clock.now()) == 0
    settings.STRIPE_API_BASE = address

    with later(40):
        assert reconcile_attempts(clock.now()) == 1

    attempt = CheckoutAttempt.objects.get()
    assert attempt.status == "open"
    assert payer.open_page(order) == attempt


def test_given_stripe_was_down_for_hours_when_the_sweep_runs_then_the_attempt_is_given_up(
    order, payer, settings
):
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, NOWHERE
    with pytest.raises(StripeUnavailable):
        payer.open_page(order)
    settings.STRIPE_API_BASE = address
    # The page would have run out by now; Stripe opens none that ends in the past.
    CheckoutAttempt.objects.update(expires_at=clock.now() - timedelta(minutes=1))

    with later():
        reconcile_attempts(clock.now())

    attempt = CheckoutAttempt.objects.get()
    assert (attempt.status, attempt.session_id) == ("failed", None)
    assert not FinanceTask.objects.exists()
    assert payer.open_page(order).status == "open"


def test_given_stripe_answers_into_the_void_when_payment_starts_then_the_page_is_found_again(
    order, payer
):
    payer.standin.lose_api_answers(3)
    with pytest.raises(StripeUnavailable):
        payer.open_page(order)

    attempt = payer.open_page(order)

    since = clock.now() - timedelta(hours=1)
    assert [s.id for s in gateway.list_checkout_sessions(since=since)] == [attempt.session_id]


def test_given_stripe_is_down_when_an_event_comes_then_it_waits_and_is_handled_later(
    order, payer, settings
):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, NOWHERE
    assert payer.post(completed).status_code == 200
    stored = StripeEvent.objects.get()
    assert (stored.outcome, stored.handled_at) == ("failed", None)
    settings.STRIPE_API_BASE = address

    with later():
        assert sweep_events(clock.now()) == 1

    assert_sold_once(order)


def test_given_no_broker_when_an_event_comes_then_it_is_kept_and_the_sweep_handles_it(
    order, payer, monkeypatch
):
    def down(*_, **__):
        raise ConnectionError("no broker")

    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    with monkeypatch.context() as broken:
        broken.setattr("celery.app.task.Task.apply_async", down)
        assert payer.post(completed).status_code == 200
    assert StripeEvent.objects.get().claimed_at is None

    with later():
        assert sweep_events(clock.now()) == 1

    assert_sold_once(order)


def test_given_a_part_was_lost_everywhere_when_everything_periodic_runs_then_it_ends_well(
    order, payer, customer
):
    attempt = payer.open_page(order)
    start_checkout(order=order, return_path="/another/", actor=person(customer))
    payer.standin.pay(attempt.session_id)

    with later():
        for sweep in PERIODIC:
            sweep(clock.now())

    assert_sold_once(order)
    assert not CheckoutAttempt.objects.filter(status__in=["creating", "open"]).exists()
