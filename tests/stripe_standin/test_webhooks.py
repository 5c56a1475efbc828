"""Webhooks: signed, after the answer, again until received; and every mischief on demand."""

import sqlite3
import time
from contextlib import closing

import pytest
import stripe

from tests.stripe_standin.conftest import SECRET
from tests.stripe_standin.process import StandinProcess
from tests.stripe_standin.world import API_VERSION

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


@pytest.fixture
def session(stripe_client, order, receiver):
    return stripe_client.v1.checkout.sessions.create(order())


def test_given_a_payment_then_signed_events_arrive_in_their_order(standin, session, receiver):
    standin.pay(session.id)
    standin.wait_until_delivered()

    assert receiver.types == PAID
    for item in receiver.received:
        event = stripe.Webhook.construct_event(item.payload, item.signature, SECRET)
        assert (event.object, event.api_version, event.livemode) == ("event", API_VERSION, False)
        assert event.pending_webhooks == 1
        assert abs(event.created - time.time()) < 60
    completed = receiver.received[-1].event
    assert completed["data"]["object"]["id"] == session.id
    assert completed["data"]["object"]["payment_status"] == "paid"
    assert completed["request"] == {"id": None, "idempotency_key": None}
    assert not any(name.startswith("_") for name in completed["data"]["object"])


def test_given_another_secret_then_the_signature_does_not_hold(standin, session, receiver):
    standin.pay(session.id)
    standin.wait_until_delivered()
    first = receiver.received[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(first.payload, first.signature, "whsec_other")


def test_given_an_api_request_causes_an_event_then_it_names_the_request(
    stripe_client, standin, session, receiver
):
    done = stripe_client.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "k-9"})
    standin.wait_until_delivered()

    event = receiver.received[0].event
    assert event["type"] == "checkout.session.expired"
    assert event["request"]["idempotency_key"] == "k-9"
    assert event["request"]["id"] == done.last_response.headers["Request-Id"]


def test_given_a_receiver_that_hangs_then_the_answer_does_not_wait_for_it(
    stripe_client, standin, session, receiver
):
    receiver.gate.clear()
    expired = stripe_client.v1.checkout.sessions.expire(session.id)
    # The receiver can ask back while it holds the webhook: what it is told is already true.
    asked = stripe_client.v1.checkout.sessions.retrieve(session.id)
    assert (expired.status, asked.status) == ("expired", "expired")
    assert [row["status"] for row in standin.deliveries()] == ["due"]

    receiver.gate.set()
    standin.wait_until_delivered()
    assert receiver.types == ["checkout.session.expired"]


def test_given_a_receiver_that_fails_then_the_event_comes_again(standin, session, receiver):
    receiver.answers[:] = [500, 302]
    standin.expire(session.id)
    standin.wait_until_delivered()

    assert receiver.types == ["checkout.session.expired"] * 3
    (delivery,) = standin.deliveries()
    assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == (
        "delivered",
        3,
        200,
    )
    assert standin.events()[0]["pending_webhooks"] == 0


def test_given_a_receiver_that_always_fails_then_the_delivery_fails(standin, session, receiver):
    receiver.answers[:] = [500] * 9
    standin.expire(session.id)
    standin.wait_until_delivered()

    (delivery,) = standin.deliveries()
    assert (delivery["status"], delivery["attempts"]) == ("failed", 4)
    assert standin.events()[0]["pending_webhooks"] == 1


def test_given_a_repetition_then_the_same_event_arrives_again(standin, session, receiver):
    standin.pay(session.id)
    standin.repeat("checkout.session.completed", times=2)
    standin.wait_until_delivered()

    assert receiver.types == [*PAID, PAID[-1], PAID[-1]]
    assert len({item.event["id"] for item in receiver.received[3:]}) == 1


def test_given_events_are_held_then_they_arrive_in_the_order_of_the_release(
    standin, session, receiver
):
    standin.hold()
    standin.pay(session.id)
    standin.wait_until_delivered()
    assert receiver.types == []

    standin.release(["checkout.session.completed", "charge.succeeded"])
    standin.wait_until_delivered()
    assert receiver.types == [PAID[3], PAID[1], PAID[0], PAID[2]]


def test_given_events_are_held_then_they_can_come_reversed(standin, session, receiver):
    standin.hold()
    standin.pay(session.id)
    standin.release("reversed")
    standin.wait_until_delivered()
    assert receiver.types == list(reversed(PAID))


def test_given_the_next_two_are_dropped_then_only_the_others_arrive(standin, session, receiver):
    standin.drop_next(2)
    standin.pay(session.id)
    standin.wait_until_delivered()

    assert receiver.types == PAID[2:]
    assert [row["status"] for row in standin.deliveries()][:2] == ["dropped", "dropped"]


def test_given_all_are_dropped_then_the_objects_still_tell(
    stripe_client, standin, session, receiver
):
    standin.drop_all()
    standin.pay(session.id)
    standin.wait_until_delivered()

    assert receiver.received == []
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert len(stripe_client.v1.events.list().data) == 4


def test_given_a_delay_then_events_come_later(standin, session, receiver):
    standin.delay(0.6)
    started = time.monotonic()
    standin.expire(session.id)
    standin.wait_until_delivered()
    assert receiver.received[0].at - started >= 0.6


def test_given_a_kill_then_state_answers_and_undelivered_events_survive(tmp_path, order, receiver):
    process = StandinProcess(
        state=tmp_path / "state.db", webhook_url=receiver.url, webhook_secret=SECRET
    )
    with process as standin:
        standin.set_retries(60)
        receiver.answers[:] = [503] * 4
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": standin.base_url})
        params, options = order(), {"idempotency_key": "once"}
        session = client.v1.checkout.sessions.create(params, options)
        standin.hold()
        standin.pay(session.id)
        standin.kill()
        receiver.clear()

        standin.start()
        again = client.v1.checkout.sessions.create(params, options)
        assert again.id == session.id
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        standin.release()
        standin.wait_until_delivered()
        assert receiver.types == PAID


@pytest.mark.parametrize("reached", ["new", "due"])
def test_given_a_kill_before_the_delivery_then_a_restart_delivers(
    tmp_path, order, receiver, reached
):
    """`new` is what a kill between the commit and the answer leaves, `due` one after it."""
    state = tmp_path / "state.db"
    with StandinProcess(state=state, webhook_secret=SECRET) as standin:
        standin.set_webhook(receiver.url)
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": standin.base_url})
        session = client.v1.checkout.sessions.create(order())
        standin.delay(0.5)
        standin.expire(session.id)
        standin.kill()
        with closing(sqlite3.connect(state)) as database, database:
            database.execute("UPDATE deliveries SET status = ?", (reached,))
        assert receiver.received == []

        standin.start()
        standin.wait_until_delivered()
        assert receiver.types == ["checkout.session.expired"]
        assert receiver.received[0].event["data"]["object"]["id"] == session.id
