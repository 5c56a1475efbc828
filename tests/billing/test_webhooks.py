"""Stripe's events: only signed ones are kept, each is handled once, in whatever order they come."""

import json
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import stripe
from django.test import Client

from billing.models import FinanceTask, Order, Payment, StripeEvent
from billing.services.checkout import sync_checkout
from billing.services.refunds import request_refund
from billing.stripe.client import API_VERSION, client
from billing.stripe.errors import StripeUnavailable
from billing.webhooks import inbox
from billing.webhooks.reconcile import fetch_events, reconcile_events
from licensing.models import KeyRequest
from portal.audit.services import SYSTEM
from portal.kit import clock
from tests.billing.given import placed
from tests.billing.paying import SECRET, post_event

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/webhooks/stripe/"


@pytest.fixture(autouse=True)
def secret(settings):
    settings.STRIPE_WEBHOOK_SECRET = SECRET


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer)


def event(event_type="checkout.session.completed", object_id="cs_test_unknown", **changes):
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": {"object": {"id": object_id, "object": event_type.rpartition(".")[0]}},
        "livemode": False,
        "pending_webhooks": 1,
        "type": event_type,
        **changes,
    }


def body(**changes) -> bytes:
    return json.dumps(event(**changes)).encode()


def sign(payload: bytes, secret: str = SECRET, at: int | None = None) -> str:
    make = stripe.WebhookSignature.generate_signature_header
    return make(payload.decode(), secret, timestamp=at or int(time.time()))


def post(client, payload: bytes, signature: str | None):
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return client.post(URL, data=payload, content_type="application/json", headers=headers)


REFUSED = {
    "unsigned": (lambda p: (p, None), "no_signature"),
    "forged": (lambda p: (p, sign(p, "whsec_of_somebody_else")), "bad_signature"),
    "changed": (lambda p: (p.replace(b"completed", b"expired"), sign(p)), "bad_signature"),
    "garbled": (lambda p: (p, "t=,v1="), "bad_signature"),
    "old": (lambda p: (p, sign(p, at=int(time.time()) - 301)), "too_old"),
    "future": (lambda p: (p, sign(p, at=int(time.time()) + 360)), "from_the_future"),
    "not json": (lambda _: (b"{", sign(b"{")), "bad_body"),
    "no event": (lambda _: (b"[]", sign(b"[]")), "bad_body"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_given_a_webhook_not_from_stripe_when_it_comes_then_400_with_a_code_and_nothing_kept(
    client, case
):
    make, code = REFUSED[case]

    response = post(client, *make(body()))

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"api_version": "2020-08-27"}, "wrong_api_version"),
        ({"livemode": True}, "wrong_mode"),
    ],
)
def test_given_a_signed_event_of_another_world_when_it_comes_then_it_is_refused(
    client, changes, code
):
    payload = body(**changes)

    response = post(client, payload, sign(payload))

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("secret", ["", "   "])
def test_given_no_secret_when_a_webhook_comes_then_it_is_refused_even_if_signed_with_nothing(
    client, settings, secret
):
    settings.STRIPE_WEBHOOK_SECRET = secret
    payload = body()

    response = post(client, payload, sign(payload, secret))

    assert (response.status_code, response.json()["code"]) == (400, "no_secret")
    assert not StripeEvent.objects.exists()


def test_given_a_huge_body_when_it_comes_then_it_is_refused_unread(client):
    payload = body(padding="x" * 600_000)

    response = post(client, payload, sign(payload))

    assert (response.status_code, response.json()["code"]) == (400, "bad_body")
    assert not StripeEvent.objects.exists()


def test_given_the_address_when_it_is_read_then_only_post_is_allowed(client):
    assert client.get(URL).status_code == 405


def test_given_a_paid_session_when_its_event_comes_then_the_order_is_accepted(order, payer):
    payer.pay(order)

    assert payer.deliver("checkout.session.completed") == [200]

    order.refresh_from_db()
    stored = StripeEvent.objects.get()
    assert (order.status, stored.outcome, stored.attempts) == ("accepted", "applied", 1)
    assert stored.handled_at is not None
    assert KeyRequest.objects.count() == 1


def test_given_an_event_when_it_comes_twice_then_it_is_kept_and_handled_once(order, payer):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")

    assert [payer.post(completed).status_code for _ in range(3)] == [200, 200, 200]

    assert StripeEvent.objects.get().attempts == 1
    assert Payment.objects.count() == KeyRequest.objects.count() == 1


def test_given_all_events_of_a_debit_when_they_come_backwards_then_it_is_paid_once(order, payer):
    attempt = payer.open_page(order)
    payer.standin.start_bank_debit(attempt.session_id)
    payer.standin.settle_bank_debit(attempt.session_id)

    for late in reversed(payer.standin.events()):
        assert payer.post(late).status_code == 200

    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status) == ("accepted", "paid")
    assert Payment.objects.count() == 1


def test_given_a_success_when_an_older_failure_comes_after_it_then_it_stays_paid(order, payer):
    attempt = payer.pay(order, card="4000 0000 0000 0002")
    payer.standin.pay(attempt.session_id)

    payer.deliver("payment_intent.succeeded", "payment_intent.payment_failed")

    attempt.refresh_from_db()
    assert attempt.status == "paid"


def test_given_an_event_that_lies_when_it_comes_then_stripe_is_asked_and_nothing_granted(
    order, payer
):
    attempt = payer.open_page(order)
    lie = event(object_id=attempt.session_id)
    lie["data"]["object"] |= {"status": "complete", "payment_status": "paid"}

    assert payer.post(lie).status_code == 200

    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status) == ("placed", "open")
    assert not Payment.objects.exists()


def test_given_an_unknown_object_when_its_event_comes_then_200_and_staff_can_see_it(payer):
    unknown = event(event_type="checkout.session.expired")

    assert payer.post(unknown).status_code == 200

    stored = StripeEvent.objects.get()
    assert (stored.outcome, stored.object_id) == ("unknown", "cs_test_unknown")
    assert stored.handled_at is not None
    assert not FinanceTask.objects.exists()


def test_given_a_payment_that_is_not_ours_when_its_events_come_then_finance_is_asked_once(
    payer, order
):
    attempt = payer.pay(order)
    foreign = type(attempt).objects.filter(pk=attempt.pk)
    foreign.delete()

    payer.deliver("checkout.session.completed", "payment_intent.succeeded")

    task = FinanceTask.objects.get()
    assert (task.kind, "£2,073.60" in task.note) == ("unknown_stripe", True)
    assert set(StripeEvent.objects.values_list("outcome", flat=True)) == {"unknown"}
    assert not Payment.objects.exists()


def test_given_an_unknown_type_when_it_comes_then_it_is_kept_and_nothing_is_done(payer):
    assert payer.post(event(event_type="customer.created", object_id="cus_1")).status_code == 200

    assert StripeEvent.objects.get().outcome == "nothing"


def test_given_our_own_refund_when_its_events_come_then_nobody_is_asked(order, payer, staff):
    attempt = sync_checkout(attempt=payer.pay(order))
    payment = Payment.objects.get(payment_intent_id=attempt.payment_intent_id)
    request_refund(payment=payment, amount=1, reason="Goodwill", actor=SYSTEM)

    payer.deliver("charge.refunded", "refund.created")

    assert not FinanceTask.objects.exists()
    assert set(StripeEvent.objects.values_list("outcome", flat=True)) == {"nothing", "applied"}


def test_given_a_refund_made_at_stripe_when_its_events_come_then_finance_is_asked_once(
    order, payer
):
    attempt = sync_checkout(attempt=payer.pay(order))
    client().v1.refunds.create({"payment_intent": attempt.payment_intent_id, "amount": 5000})

    payer.deliver("refund.created", "charge.refunded")

    task = FinanceTask.objects.get()
    assert (task.kind, "£50.00" in task.note) == ("unknown_stripe", True)


def test_given_a_dispute_when_its_event_comes_then_finance_is_asked(payer):
    payer.post(event(event_type="charge.dispute.created", object_id="dp_1"))

    assert FinanceTask.objects.get().subject_id == "dp_1"


def test_given_a_handler_that_fails_when_time_passes_then_the_event_is_tried_again(
    order, payer, monkeypatch
):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "apply_event", _down)
        assert payer.post(completed).status_code == 200
    stored = StripeEvent.objects.get()
    assert (stored.outcome, stored.handled_at, stored.attempts) == ("failed", None, 1)
    assert "StripeUnavailable" in stored.error
    assert not Payment.objects.exists()

    assert inbox.sweep_events(clock.now()) == 0
    assert inbox.sweep_events(clock.now() + timedelta(minutes=2)) == 1

    stored.refresh_from_db()
    assert (stored.outcome, stored.error, stored.attempts) == ("applied", "", 2)
    assert Payment.objects.count() == 1


def test_given_an_event_that_always_fails_when_tried_often_enough_then_staff_are_told(
    payer, monkeypatch
):
    monkeypatch.setattr(inbox, "apply_event", _down)
    payer.post(event())
    now = clock.now()
    for day in range(1, 15):
        with clock.pretend(now + timedelta(days=day)):
            inbox.sweep_events(clock.now())

    stored = StripeEvent.objects.get()
    assert (stored.attempts, stored.handled_at) == (inbox.MAXIMUM_ATTEMPTS, None)
    assert FinanceTask.objects.get(kind="event_failed").subject_id == stored.event_id


def test_given_an_event_whose_job_was_lost_when_the_sweep_runs_then_it_is_handled(
    order, payer, monkeypatch
):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    with monkeypatch.context() as lost:
        lost.setattr(inbox, "enqueue", lambda *_: None)
        payer.post(completed)
    assert StripeEvent.objects.get().claimed_at is None

    assert inbox.sweep_events(clock.now()) == 0
    assert inbox.sweep_events(clock.now() + timedelta(minutes=2)) == 1

    assert Payment.objects.count() == 1


def test_given_a_worker_that_holds_an_event_when_another_comes_then_it_leaves_it_alone(
    order, payer
):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    with_held = event(event_type="customer.created")
    payer.post(with_held)
    StripeEvent.objects.update(
        event_id=completed["id"],
        type=completed["type"],
        object_id=completed["data"]["object"]["id"],
        claimed_at=clock.now(),
        handled_at=None,
        outcome="",
    )

    assert inbox.handle_event(completed["id"]) is None
    assert not Payment.objects.exists()

    with clock.pretend(clock.now() + timedelta(minutes=6)):
        assert inbox.sweep_events(clock.now()) == 1
    assert Payment.objects.count() == 1


def test_given_webhooks_that_never_came_when_events_are_fetched_then_they_are_handled(order, payer):
    payer.pay(order)

    fetched = fetch_events(since=clock.now() - timedelta(hours=1))

    order.refresh_from_db()
    assert fetched == StripeEvent.objects.count() == 2
    assert order.status == "accepted"
    assert fetch_events(since=clock.now() - timedelta(hours=1)) == 0


def test_given_the_regular_run_when_events_were_fetched_a_moment_ago_then_stripe_is_not_asked(
    order, payer
):
    payer.pay(order)

    assert reconcile_events(clock.now()) == 2
    StripeEvent.objects.all().delete()
    assert reconcile_events(clock.now()) == 0


def test_given_no_payment_was_ever_started_when_the_regular_run_comes_then_stripe_is_not_asked(
    shop, settings
):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    assert reconcile_events(clock.now()) == 0


def test_given_a_signed_event_when_posted_without_cookies_then_no_csrf_token_is_needed():
    strict = Client(enforce_csrf_checks=True)

    assert post_event(strict, body(event_type="customer.created")).status_code == 200


def _down(_event):
    raise StripeUnavailable("down")
