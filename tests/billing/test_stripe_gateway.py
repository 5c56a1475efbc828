"""The gateway against the stand-in, through the real library; its units; its webhooks."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from billing.stripe import gateway
from billing.stripe.client import API_VERSION, client, is_live_mode
from billing.stripe.errors import (
    AmountNotChargeable,
    BadWebhook,
    StripeRefused,
    StripeUnavailable,
)
from billing.stripe.mapping import from_stripe_amount, to_stripe_amount
from billing.stripe.types import (
    CheckoutStatus,
    IntentStatus,
    PaymentError,
    PaymentStatus,
    RefundStatus,
    StripeEventEnvelope,
)
from billing.stripe.webhook import verify_webhook
from portal.kit.money import UnknownCurrency
from tests.stripe_standin.process import CARD_3DS, CARD_DECLINED, StandinProcess

SECRET = "whsec_gateway"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running():
    with StandinProcess(webhook_secret=SECRET) as process:
        yield process


@pytest.fixture
def standin(running, settings):
    running.reset()
    settings.STRIPE_SECRET_KEY = "sk_test_gateway"
    settings.STRIPE_API_BASE = running.base_url
    return running


@pytest.fixture
def open_session(standin):
    """Opens the payment page of an order of £1,728.00; parameters can be changed."""
    expires_at = datetime.now(UTC) + timedelta(hours=2)

    def create(**changes):
        return gateway.create_checkout_session(
            **{
                "amount": 172800,
                "currency": "GBP",
                "description": "Distribution Engine: 12 seats",
                "order_public_id": "ord_1",
                "success_url": "http://testserver/done?session={CHECKOUT_SESSION_ID}",
                "cancel_url": "http://testserver/back",
                "customer_email": "clerk@example.com",
                "expires_at": expires_at,
                "idempotency_key": "att_1",
                "metadata": {"order": "ord_1", "attempt": "att_1"},
                **changes,
            }
        )

    return create


def verdicts(session):
    """Paid, under way, failed."""
    return session.is_paid, session.is_processing, session.has_failed


def test_given_an_order_when_a_session_is_created_then_it_is_read_into_our_terms(open_session):
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    session = open_session(expires_at=expires_at, statement_descriptor_suffix="LICENCES")

    assert session.status is CheckoutStatus.OPEN
    assert session.payment_status is PaymentStatus.UNPAID
    assert (session.amount_total, session.currency) == (172800, "GBP")
    assert session.client_reference_id == "ord_1"
    assert session.customer_email == "clerk@example.com"
    assert session.expires_at == expires_at
    assert session.metadata == {"order": "ord_1", "attempt": "att_1"}
    assert (session.payment_intent_id, session.payment_intent) == (None, None)
    assert session.livemode is False
    assert session.url is not None
    assert verdicts(session) == (False, False, False)


def test_given_no_address_then_the_session_is_created_without_one(open_session):
    assert open_session(customer_email="").customer_email is None


def test_given_a_retry_after_a_crash_then_the_same_session_comes_back(open_session):
    assert open_session().id == open_session().id
    since = datetime.now(UTC) - timedelta(minutes=5)
    assert len(list(gateway.list_checkout_sessions(since=since))) == 1


def test_given_the_same_key_for_another_amount_then_it_is_refused(open_session):
    open_session()
    with pytest.raises(StripeRefused) as caught:
        open_session(amount=999)
    assert caught.value.reason == "idempotency_error"
    assert caught.value.http_status == 400


def test_given_a_paid_session_when_fetched_then_it_is_paid_with_its_intent(standin, open_session):
    session = open_session()
    standin.pay(session.id, card=CARD_3DS)
    paid = gateway.retrieve_checkout_session(session.id)

    assert verdicts(paid) == (True, False, False)
    assert paid.url is None
    assert paid.payment_intent_status is IntentStatus.SUCCEEDED
    intent = gateway.retrieve_payment_intent(paid.payment_intent_id)
    assert intent == paid.payment_intent
    assert (intent.amount, intent.amount_received, intent.currency) == (172800, 172800, "GBP")
    assert intent.metadata == {"order": "ord_1", "attempt": "att_1"}
    assert intent.last_error is None


def test_given_a_declined_card_when_fetched_then_open_with_the_reason(standin, open_session):
    session = open_session()
    standin.pay(session.id, card=CARD_DECLINED)
    declined = gateway.retrieve_checkout_session(session.id)

    assert declined.status is CheckoutStatus.OPEN
    assert declined.last_error == PaymentError(
        "card_declined", "generic_decline", "Your card was declined."
    )
    assert verdicts(declined) == (False, False, False)


def test_given_a_bank_debit_then_processing_and_later_paid(standin, open_session):
    session = open_session()
    standin.start_bank_debit(session.id)
    waiting = gateway.retrieve_checkout_session(session.id)
    assert verdicts(waiting) == (False, True, False)

    standin.settle_bank_debit(session.id)
    assert gateway.retrieve_checkout_session(session.id).is_paid


def test_given_a_bank_debit_that_is_returned_then_failed_and_never_paid(standin, open_session):
    session = open_session()
    standin.start_bank_debit(session.id)
    standin.fail_bank_debit(session.id)
    failed = gateway.retrieve_checkout_session(session.id)

    assert failed.status is CheckoutStatus.COMPLETE
    assert verdicts(failed) == (False, False, True)
    assert failed.last_error.decline_code == "insufficient_funds"


def test_given_an_open_session_when_expired_then_closed_and_a_second_time_refused(open_session):
    session = open_session()
    assert gateway.expire_checkout_session(session.id).status is CheckoutStatus.EXPIRED
    with pytest.raises(StripeRefused) as caught:
        gateway.expire_checkout_session(session.id)
    assert caught.value.http_status == 400
    assert not caught.value.is_missing


def test_given_a_payment_when_refunded_then_the_refund_is_read(standin, open_session):
    session = open_session()
    standin.pay(session.id)
    intent_id = gateway.retrieve_checkout_session(session.id).payment_intent_id
    refund = gateway.create_refund(
        payment_intent=intent_id,
        amount=10001,
        currency="GBP",
        idempotency_key="ref_1",
        metadata={"refund": "ref_1"},
    )

    assert refund.status is RefundStatus.SUCCEEDED
    assert (refund.amount, refund.currency) == (10001, "GBP")
    assert refund.payment_intent_id == intent_id
    assert refund.metadata == {"refund": "ref_1"}
    assert gateway.retrieve_refund(refund.id) == refund

    standin.fail_refund(refund.id)
    failed = gateway.retrieve_refund(refund.id)
    assert failed.status is RefundStatus.FAILED
    assert failed.failure_reason == "expired_or_canceled_card"


def test_given_events_when_listed_then_only_the_types_asked_for_oldest_first(standin, open_session):
    first, second = open_session(), open_session(idempotency_key="att_2")
    standin.pay(first.id)
    standin.pay(second.id, card=CARD_DECLINED)
    standin.expire(second.id)
    since = datetime.now(UTC) - timedelta(minutes=5)
    events = gateway.list_events(
        since=since, types=["checkout.session.completed", "checkout.session.expired"]
    )

    assert [(event.type, event.object_id) for event in events] == [
        ("checkout.session.completed", first.id),
        ("checkout.session.expired", second.id),
    ]
    assert {event.object_type for event in events} == {"checkout.session"}
    assert {event.api_version for event in events} == {API_VERSION}
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert gateway.list_events(since=later, types=["checkout.session.completed"]) == ()


def test_given_more_than_a_page_of_sessions_then_every_one_is_listed(
    standin, open_session, monkeypatch
):
    monkeypatch.setattr(gateway, "PAGE_SIZE", 2)
    made = [open_session(idempotency_key=f"att_{place}").id for place in range(5)]
    since = datetime.now(UTC) - timedelta(minutes=5)
    listed = [session.id for session in gateway.list_checkout_sessions(since=since)]
    assert listed == list(reversed(made))


def test_given_an_unknown_id_then_refused_as_missing(standin):
    with pytest.raises(StripeRefused) as caught:
        gateway.retrieve_checkout_session("cs_test_unknown")
    assert caught.value.is_missing
    assert (caught.value.http_status, caught.value.status) == (404, 502)


def test_given_a_parameter_that_stripe_refuses_then_the_refusal_names_it(open_session):
    with pytest.raises(StripeRefused) as caught:
        open_session(amount=29)
    assert (caught.value.reason, caught.value.param) == ("amount_too_small", "line_items")


def test_given_a_wrong_key_then_refused_and_not_retried(standin, settings, open_session):
    settings.STRIPE_SECRET_KEY = "sk_live_never"
    with pytest.raises(StripeRefused) as caught:
        open_session()
    assert caught.value.http_status == 401


def test_given_no_key_then_refused_before_anything_is_sent(settings):
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(StripeRefused) as caught:
        gateway.retrieve_payment_intent("pi_1")
    assert caught.value.reason == "no_secret_key"


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)


@pytest.mark.parametrize("status", [429, 500, 503, 409])
def test_given_stripe_stumbles_for_long_then_unavailable_and_nothing_made(
    standin, open_session, no_waiting, status
):
    standin.fail_api(3, status=status)
    with pytest.raises(StripeUnavailable) as caught:
        open_session()
    assert caught.value.http_status == status
    standin.fail_api(0)
    since = datetime.now(UTC) - timedelta(minutes=5)
    assert list(gateway.list_checkout_sessions(since=since)) == []


def test_given_stripe_stumbles_once_then_the_call_succeeds(standin, open_session, no_waiting):
    standin.fail_api(1, status=500)
    assert open_session().status is CheckoutStatus.OPEN


def test_given_an_answer_is_lost_then_the_retry_finds_the_session_made(
    standin, open_session, no_waiting
):
    standin.lose_api_answers(1)
    session = open_session()
    since = datetime.now(UTC) - timedelta(minutes=5)
    assert [found.id for found in gateway.list_checkout_sessions(since=since)] == [session.id]


def test_given_nobody_listens_then_unavailable(settings, no_waiting):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(StripeUnavailable) as caught:
            gateway.retrieve_payment_intent("pi_1")
    assert caught.value.http_status is None
    assert caught.value.status == 503


def test_given_a_proxy_in_the_environment_then_the_loopback_is_reached_without_it(
    monkeypatch, open_session
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert open_session().status is CheckoutStatus.OPEN


def test_given_the_settings_change_then_so_does_the_client(settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    first = client()
    assert client() is first
    settings.STRIPE_SECRET_KEY = "sk_test_other"
    assert client() is not first


def test_given_the_installed_library_then_it_speaks_the_version_that_we_pinned():
    assert API_VERSION == stripe.api_version == "2026-10-28.endive"


@pytest.mark.parametrize(
    ("key", "live"), [("sk_live_x", True), ("rk_live_x", True), ("sk_test_x", False)]
)
def test_given_a_key_then_its_mode_is_known(settings, key, live):
    settings.STRIPE_SECRET_KEY = key
    assert is_live_mode() is live


@pytest.mark.parametrize(
    ("minor", "currency", "at_stripe"),
    [
        (172800, "GBP", 172800),
        (1, "EUR", 1),
        (6875, "JPY", 6875),
        (500, "ISK", 50000),
        (500, "UGX", 50000),
        (12300, "MGA", 123),
        (5120, "KWD", 5120),
        (10000, "HUF", 10000),
        (80000, "TWD", 80000),
        (0, "USD", 0),
    ],
)
def test_given_an_amount_then_it_maps_to_stripes_units_and_back(minor, currency, at_stripe):
    assert to_stripe_amount(minor, currency) == at_stripe
    assert from_stripe_amount(at_stripe, currency.lower()) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "reason"),
    [
        (5125, "KWD", "last_digit_not_zero"),
        (12345, "MGA", "fraction_of_unit"),
        (1000, "IQD", "currency_not_supported"),
        (1000, "CLF", "currency_not_supported"),
        (-1, "GBP", "negative_amount"),
    ],
)
def test_given_an_amount_that_stripe_cannot_take_then_it_is_refused(minor, currency, reason):
    with pytest.raises(AmountNotChargeable) as caught:
        to_stripe_amount(minor, currency)
    assert caught.value.reason == reason
    assert caught.value.status == 422


def test_given_half_a_krona_from_stripe_then_it_is_refused_and_not_rounded():
    with pytest.raises(AmountNotChargeable):
        from_stripe_amount(150, "isk")


def test_given_an_unknown_currency_then_it_is_refused():
    with pytest.raises(UnknownCurrency):
        to_stripe_amount(100, "XXZ")


def body(**changes):
    event = {
        "id": "evt_1",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(NOW.timestamp()),
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
        "livemode": False,
        "type": "checkout.session.completed",
        **changes,
    }
    return json.dumps(event)


def signed(text, *, age=0, secret=SECRET):
    timestamp = int(NOW.timestamp()) - age
    return stripe.WebhookSignature.generate_signature_header(text, secret, timestamp)


def verify(text, signature=None, secret=SECRET):
    return verify_webhook(
        payload=text.encode(),
        signature=signed(text) if signature is None else signature,
        secret=secret,
        now=NOW,
    )


def test_given_a_signed_fresh_event_then_its_envelope_is_returned():
    assert verify(body()) == StripeEventEnvelope(
        id="evt_1",
        type="checkout.session.completed",
        created=NOW,
        api_version=API_VERSION,
        object_id="cs_test_1",
        object_type="checkout.session",
        livemode=False,
    )


def test_given_an_object_without_an_id_then_the_envelope_has_none():
    assert verify(body(data={"object": {"object": "balance"}})).object_id == ""


@pytest.mark.parametrize("age", [0, 300, -300])
def test_given_an_age_within_five_minutes_then_the_event_is_believed(age):
    assert verify(body(), signed(body(), age=age)).id == "evt_1"


def test_given_two_signatures_during_a_change_of_secret_then_one_is_enough():
    header = signed(body(), secret="whsec_old") + "," + signed(body()).split(",")[1]
    assert verify(body(), header).id == "evt_1"


@pytest.mark.parametrize(
    ("signature", "secret", "code"),
    [
        (None, "", "no_secret"),
        (None, "  ", "no_secret"),
        ("", SECRET, "no_signature"),
        ("nonsense", SECRET, "bad_signature"),
        ("t=now,v1=00", SECRET, "bad_signature"),
        (f"t={int(NOW.timestamp())}", SECRET, "bad_signature"),
        (f"t={int(NOW.timestamp())},v1=é", SECRET, "bad_signature"),
        (signed(body(), secret="whsec_forged"), SECRET, "bad_signature"),
        (signed(body(id="evt_2")), SECRET, "bad_signature"),
        (signed(body()).replace("v1=", "v0="), SECRET, "bad_signature"),
        (signed(body(), secret=""), "", "no_secret"),
        (signed(body(), age=301), SECRET, "too_old"),
        (signed(body(), age=-301), SECRET, "from_the_future"),
    ],
)
def test_given_a_signature_that_does_not_hold_then_the_webhook_is_bad(signature, secret, code):
    with pytest.raises(BadWebhook) as caught:
        verify(body(), signature, secret)
    assert (caught.value.code, caught.value.status) == (code, 400)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", "bad_body"),
        ("[]", "bad_body"),
        ("null", "bad_body"),
        ("{}", "bad_body"),
        ("[" * 100_000, "bad_body"),
        (body(object="v2.core.event"), "bad_body"),
        (body(id=""), "bad_body"),
        (body(id=7), "bad_body"),
        (body(created="today"), "bad_body"),
        (body(created=10**30), "bad_body"),
        (body(data={}), "bad_body"),
        (body(data={"object": []}), "bad_body"),
        (body(api_version="2020-08-27"), "wrong_api_version"),
        (body(api_version=None), "wrong_api_version"),
        (body(livemode=True), "wrong_mode"),
    ],
)
def test_given_a_signed_body_that_we_do_not_understand_then_the_webhook_is_bad(text, code):
    with pytest.raises(BadWebhook) as caught:
        verify(text)
    assert caught.value.code == code


def test_given_bytes_that_are_not_text_then_the_webhook_is_bad():
    with pytest.raises(BadWebhook) as caught:
        verify_webhook(payload=b"\xff\xfe", signature="t=1,v1=00", secret=SECRET, now=NOW)
    assert caught.value.code == "bad_body"


def test_given_a_live_key_then_a_test_event_is_refused_and_a_live_one_believed(settings):
    settings.STRIPE_SECRET_KEY = "sk_live_x"
    with pytest.raises(BadWebhook) as caught:
        verify(body())
    assert caught.value.code == "wrong_mode"
    assert verify(body(livemode=True)).livemode is True
