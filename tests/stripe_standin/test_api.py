"""The API judges requests as Stripe does: keys, parameters, idempotency, lists."""

import time

import pytest
import requests
import stripe

from tests.stripe_standin.world import API_VERSION


def refusal(stripe_client, params, error=stripe.InvalidRequestError):
    with pytest.raises(error) as caught:
        stripe_client.v1.checkout.sessions.create(params)
    assert stripe_client.v1.checkout.sessions.list().data == []
    return caught.value


def changed_line(order, **changes):
    params = order()
    params["line_items"][0]["price_data"].update(changes)
    return params


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ({"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
        ({"mode": "gift"}, None, "mode"),
        ({"mode": "subscription"}, "standin_unsupported", "mode"),
        ({"automatic_tax": {"enabled": True}}, "standin_unsupported", "automatic_tax"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
        ({"customer_email": ""}, "parameter_invalid_empty", "customer_email"),
        ({"success_url": "/done"}, "url_invalid", "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "url_invalid", "cancel_url"),
        ({"success_url": "http://shop.test/\r\nSet-Cookie: a=b"}, "url_invalid", "success_url"),
        ({"expires_at": int(time.time()) + 29 * 60}, None, "expires_at"),
        ({"expires_at": int(time.time()) + 25 * 3600}, None, "expires_at"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"expand": ["shop"]}, None, "expand"),
        ({"amount": 29}, "amount_too_small", "line_items"),
        ({"amount": 100_000_000}, "amount_too_large", "line_items"),
        ({"currency": "kwd", "amount": 1005}, None, "line_items"),
        ({"currency": "isk", "amount": 50050}, None, "line_items"),
        ({"currency": "xau"}, None, "line_items[0][price_data][currency]"),
    ],
)
def test_given_a_bad_parameter_then_400_names_it_and_nothing_is_made(
    stripe_client, order, changes, code, param
):
    error = refusal(stripe_client, order(**changes))
    assert error.http_status == 400
    assert error.param == param
    if code:
        assert error.code == code


def test_given_an_unknown_nested_parameter_then_its_whole_path_is_named(stripe_client, order):
    error = refusal(stripe_client, changed_line(order, colour="red"))
    assert error.code == "parameter_unknown"
    assert error.param == "line_items[0][price_data][colour]"


def test_given_a_missing_nested_parameter_then_its_whole_path_is_named(stripe_client, order):
    params = order()
    del params["line_items"][0]["price_data"]["currency"]
    error = refusal(stripe_client, params)
    assert error.code == "parameter_missing"
    assert error.param == "line_items[0][price_data][currency]"


def client_with(standin, key, **options):
    return stripe.StripeClient(
        key, base_addresses={"api": standin.base_url}, max_network_retries=0, **options
    )


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc", "pk_test_abc", "some nonsense"])
def test_given_a_key_that_is_no_test_key_then_401(standin, key):
    with pytest.raises(stripe.AuthenticationError) as caught:
        client_with(standin, key).v1.events.list()
    assert caught.value.http_status == 401
    assert key not in str(caught.value)


def test_given_no_key_then_401(standin):
    assert requests.get(f"{standin.base_url}/v1/events", timeout=5).status_code == 401


def test_given_another_api_version_then_400(standin):
    with pytest.raises(stripe.InvalidRequestError, match=API_VERSION):
        client_with(standin, "sk_test_x", stripe_version="2020-08-27").v1.events.list()


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        ("payment_intents", "payment_intent"),
        ("refunds", "refund"),
        ("charges", "charge"),
        ("events", "event"),
    ],
)
def test_given_an_unknown_id_then_404(stripe_client, service, kind):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        getattr(stripe_client.v1, service).retrieve("xx_unknown")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert f"No such {kind}" in str(caught.value)


def test_given_an_endpoint_that_is_not_served_then_404(stripe_client):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        stripe_client.v1.customers.list()


def test_given_the_same_key_and_parameters_then_the_same_session_and_a_mark(stripe_client, order):
    params, options = order(), {"idempotency_key": "order-1-attempt-1"}
    first = stripe_client.v1.checkout.sessions.create(params, options)
    again = stripe_client.v1.checkout.sessions.create(params, options)

    assert again.id == first.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    original = first.last_response.headers["Request-Id"]
    assert again.last_response.headers["Original-Request"] == original
    assert len(stripe_client.v1.checkout.sessions.list().data) == 1


def test_given_the_same_key_and_other_parameters_then_it_is_refused(stripe_client, order):
    options = {"idempotency_key": "order-1-attempt-1"}
    stripe_client.v1.checkout.sessions.create(order(), options)
    with pytest.raises(stripe.IdempotencyError) as caught:
        stripe_client.v1.checkout.sessions.create(order(amount=999), options)
    assert caught.value.http_status == 400
    assert len(stripe_client.v1.checkout.sessions.list().data) == 1


def test_given_parameters_were_refused_then_the_key_is_still_unused(stripe_client, order):
    options = {"idempotency_key": "order-1-attempt-1"}
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.checkout.sessions.create(order(mode="gift"), options)
    made = stripe_client.v1.checkout.sessions.create(order(), options)
    assert made.status == "open"


def test_given_a_refusal_of_the_act_itself_then_the_key_repeats_it(standin, stripe_client, order):
    session = stripe_client.v1.checkout.sessions.create(order())
    standin.pay(session.id)
    messages = []
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stripe_client.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "e-1"})
        messages.append((caught.value.user_message, caught.value.headers))
    assert messages[0][0] == messages[1][0]
    assert messages[1][1]["Idempotent-Replayed"] == "true"


def test_given_a_lost_answer_then_the_library_repeats_and_one_session_exists(standin, order):
    client = stripe.StripeClient(
        "sk_test_x", base_addresses={"api": standin.base_url}, max_network_retries=1
    )
    standin.lose_api_answers(1)
    made = client.v1.checkout.sessions.create(order())
    assert made.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_given_a_fault_of_the_server_then_nothing_happened(standin, stripe_client, order):
    standin.fail_api(1, status=503)
    with pytest.raises(stripe.APIError):
        stripe_client.v1.checkout.sessions.create(order())
    assert stripe_client.v1.checkout.sessions.list().data == []


def test_given_many_sessions_then_pages_are_newest_first_and_complete(stripe_client, order):
    made = [stripe_client.v1.checkout.sessions.create(order()).id for _ in range(5)]

    page = stripe_client.v1.checkout.sessions.list({"limit": 2})
    assert [item.id for item in page.data] == [made[4], made[3]]
    assert page.has_more
    everything = [item.id for item in page.auto_paging_iter()]
    assert everything == list(reversed(made))
    before = stripe_client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[0]})
    assert [item.id for item in before.data] == [made[2], made[1]]


def test_given_filters_then_lists_hold_what_matches(standin, stripe_client, order):
    paid = stripe_client.v1.checkout.sessions.create(order()).id
    still_open = stripe_client.v1.checkout.sessions.create(order()).id
    standin.pay(paid)
    sessions = stripe_client.v1.checkout.sessions

    found = sessions.list({"status": "complete", "expand": ["data.payment_intent"]}).data
    assert [item.id for item in found] == [paid]
    assert found[0].payment_intent.status == "succeeded"
    assert [item.id for item in sessions.list({"status": "open"}).data] == [still_open]
    by_intent = sessions.list({"payment_intent": found[0].payment_intent.id}).data
    assert [item.id for item in by_intent] == [paid]
    assert sessions.list({"created": {"gt": int(time.time()) + 5}}).data == []
    completed = stripe_client.v1.events.list({"types": ["checkout.session.completed"]}).data
    assert [event.data.object.id for event in completed] == [paid]
    assert len(stripe_client.v1.events.list({"type": "payment_intent.*"}).data) == 2


def test_given_line_items_are_expanded_then_they_come_with_the_session(stripe_client, order):
    session = stripe_client.v1.checkout.sessions.create(order(expand=["line_items"]))
    assert session.line_items.data[0].description == "Distribution Engine, 12 seats"
    assert session.line_items.data[0].amount_total == 172800
    plain = stripe_client.v1.checkout.sessions.retrieve(session.id)
    assert "line_items" not in plain
