"""Objects go through the states that Stripe documents."""

import re

import pytest
import stripe

from tests.stripe_standin.process import (
    CARD_3DS,
    CARD_DECLINED,
    CARD_NO_FUNDS,
    CARD_PAYS,
    StandinError,
)


def events_of(standin):
    return [event["type"] for event in standin.events()]


@pytest.fixture
def session(stripe_client, order):
    return stripe_client.v1.checkout.sessions.create(order())


def fetch(stripe_client, session):
    return stripe_client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )


def test_given_a_new_session_then_it_is_open_and_unpaid_without_an_intent(session, standin):
    assert re.fullmatch(r"cs_test_[A-Za-z0-9]{58}", session.id)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert session.url == f"{standin.base_url}/c/pay/{session.id}"
    assert (session.amount_total, session.currency) == (172800, "gbp")
    assert session.client_reference_id == "ord_test"
    assert session.livemode is False
    assert events_of(standin) == []


def test_given_a_good_card_when_paid_then_complete_paid_and_back_at_the_shop(
    stripe_client, standin, session
):
    outcome = standin.pay(session.id, card=CARD_PAYS)

    assert outcome.returned_to == f"http://127.0.0.1:9/done?session={session.id}"
    paid = fetch(stripe_client, session)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.payment_intent.status == "succeeded"
    assert paid.payment_intent.amount_received == 172800
    assert paid.payment_intent.metadata["order"] == "ord_test"
    assert paid.payment_intent.latest_charge.status == "succeeded"
    assert paid.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert events_of(standin) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("card", "decline_code", "sentence"),
    [
        (CARD_DECLINED, "generic_decline", "Your card was declined."),
        (CARD_NO_FUNDS, "insufficient_funds", "Your card has insufficient funds."),
    ],
)
def test_given_a_declined_card_then_the_session_stays_open_and_says_why(
    stripe_client, standin, session, card, decline_code, sentence
):
    outcome = standin.pay(session.id, card=card)

    assert (outcome.status, outcome.error, outcome.returned_to) == (402, sentence, "")
    still = fetch(stripe_client, session)
    assert (still.status, still.payment_status) == ("open", "unpaid")
    assert still.payment_intent.status == "requires_payment_method"
    assert still.payment_intent.last_payment_error.code == "card_declined"
    assert still.payment_intent.last_payment_error.decline_code == decline_code
    assert events_of(standin) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_given_a_declined_card_when_another_pays_then_the_same_intent_succeeds(
    stripe_client, standin, session
):
    standin.pay(session.id, card=CARD_DECLINED)
    first = fetch(stripe_client, session).payment_intent.id
    standin.pay(session.id, card=CARD_PAYS)

    paid = fetch(stripe_client, session)
    assert paid.payment_intent.id == first
    assert paid.payment_intent.last_payment_error is None
    assert len(stripe_client.v1.charges.list({"payment_intent": first}).data) == 2


def test_given_3d_secure_then_action_is_required_until_the_payer_answers(
    stripe_client, standin, session
):
    outcome = standin.pay(session.id, card=CARD_3DS, authentication="leave")

    assert outcome.challenged
    waiting = fetch(stripe_client, session)
    assert (waiting.status, waiting.payment_intent.status) == ("open", "requires_action")

    outcome = standin.authenticate(session.id, outcome="complete")
    assert outcome.returned_to.endswith(session.id)
    assert fetch(stripe_client, session).payment_status == "paid"


def test_given_3d_secure_when_it_fails_then_nothing_was_charged(stripe_client, standin, session):
    outcome = standin.pay(session.id, card=CARD_3DS, authentication="fail")

    assert outcome.error.startswith("We are unable to authenticate your payment method.")
    still = fetch(stripe_client, session)
    assert (still.status, still.payment_intent.status) == ("open", "requires_payment_method")
    assert still.payment_intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert still.payment_intent.latest_charge is None


def test_given_a_bank_debit_when_the_bank_pays_then_unpaid_becomes_paid(
    stripe_client, standin, session
):
    outcome = standin.start_bank_debit(session.id)

    assert outcome.returned_to.endswith(session.id)
    waiting = fetch(stripe_client, session)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert waiting.payment_intent.latest_charge.status == "pending"

    standin.settle_bank_debit(session.id)
    paid = fetch(stripe_client, session)
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert paid.payment_intent.status == "succeeded"
    assert events_of(standin) == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_given_a_bank_debit_when_the_bank_returns_it_then_complete_and_unpaid(
    stripe_client, standin, session
):
    standin.start_bank_debit(session.id)
    standin.fail_bank_debit(session.id)

    failed = fetch(stripe_client, session)
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment_intent.status == "requires_payment_method"
    assert failed.payment_intent.latest_charge.status == "failed"
    assert events_of(standin)[-1] == "checkout.session.async_payment_failed"
    with pytest.raises(StandinError):
        standin.settle_bank_debit(session.id)


def test_given_an_open_session_when_expired_then_nobody_can_pay(stripe_client, standin, session):
    standin.pay(session.id, card=CARD_DECLINED)
    expired = stripe_client.v1.checkout.sessions.expire(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    assert standin.pay(session.id).returned_to == ""
    after = fetch(stripe_client, session)
    assert (after.status, after.payment_status) == ("expired", "unpaid")
    assert after.payment_intent.status == "canceled"
    assert events_of(standin)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


@pytest.mark.parametrize("end", ["pay", "expire"])
def test_given_a_session_that_is_not_open_then_expiring_is_refused(
    stripe_client, standin, session, end
):
    getattr(standin, end)(session.id)
    before = events_of(standin)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        stripe_client.v1.checkout.sessions.expire(session.id)
    assert events_of(standin) == before


def test_given_its_time_is_over_then_a_session_expires_by_itself(stripe_client, standin, session):
    standin.advance_clock(3599 - 5)
    assert fetch(stripe_client, session).status == "open"
    standin.advance_clock(10)
    assert fetch(stripe_client, session).status == "expired"
    assert events_of(standin) == ["checkout.session.expired"]


def test_given_a_paid_session_when_paid_again_then_nothing_is_charged(
    stripe_client, standin, session
):
    standin.pay(session.id)
    outcome = standin.pay(session.id)

    assert outcome.returned_to == ""
    assert len(stripe_client.v1.charges.list().data) == 1


def test_given_a_number_that_is_no_test_card_then_it_is_declined_and_not_kept(
    stripe_client, standin, session
):
    outcome = standin.pay(session.id, card="5105105105105100")

    assert outcome.status == 402
    error = fetch(stripe_client, session).payment_intent.last_payment_error
    assert error.decline_code == "test_mode_live_card"
    assert b"5105105105105100" not in standin.state.read_bytes()


def test_given_a_mistyped_number_then_no_attempt_is_made(stripe_client, standin, session):
    outcome = standin.pay(session.id, card="4242 4242 4242 4241")

    assert outcome.status == 422
    assert fetch(stripe_client, session).payment_intent is None


def test_given_refunds_then_the_charge_holds_what_is_left(stripe_client, standin, session):
    standin.pay(session.id)
    intent = fetch(stripe_client, session).payment_intent

    refund = stripe_client.v1.refunds.create({"payment_intent": intent.id, "amount": 72800})
    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 72800, "gbp")
    charge = stripe_client.v1.charges.retrieve(intent.latest_charge.id)
    assert (charge.amount_refunded, charge.refunded) == (72800, False)
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        stripe_client.v1.refunds.create({"payment_intent": intent.id, "amount": 100001})
    assert too_much.value.param == "amount"

    rest = stripe_client.v1.refunds.create({"payment_intent": intent.id})
    assert rest.amount == 100000
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        stripe_client.v1.refunds.create({"payment_intent": intent.id})
    assert nothing_left.value.code == "charge_already_refunded"
    assert events_of(standin)[-4:] == ["refund.created", "charge.refunded"] * 2


def test_given_a_slow_refund_then_it_is_pending_until_settled_or_failed(
    stripe_client, standin, session
):
    standin.pay(session.id, card="4000 0000 0000 7726")
    intent = fetch(stripe_client, session).payment_intent
    first = stripe_client.v1.refunds.create({"payment_intent": intent.id, "amount": 800})
    second = stripe_client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    assert (first.status, second.status) == ("pending", "pending")

    standin.settle_refund(first.id)
    standin.fail_refund(second.id)
    assert stripe_client.v1.refunds.retrieve(first.id).status == "succeeded"
    failed = stripe_client.v1.refunds.retrieve(second.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert stripe_client.v1.charges.retrieve(intent.latest_charge.id).amount_refunded == 800
    assert events_of(standin)[-1] == "refund.failed"


def test_given_an_unpaid_intent_then_there_is_nothing_to_refund(stripe_client, standin, session):
    standin.pay(session.id, card=CARD_DECLINED)
    intent = fetch(stripe_client, session).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        stripe_client.v1.refunds.create({"payment_intent": intent.id})
    assert stripe_client.v1.refunds.list().data == []
