"""Addresses that are secrets do not reach the log."""

import pytest

from portal.settings.log import hide_tokens, without_secret_address, without_tokens


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        ("GET /pay/ord_1-1.sIgN_x/", "GET /pay/…/"),
        ("GET /pay/ord_1-1.sIgN/documents/inv_1/pdf/", "GET /pay/…/documents/inv_1/pdf/"),
        ("POST /invitations/abc-DEF_1/", "POST /invitations/…/"),
        ("GET /accounts/signup/?invitation=abc-1&x=1", "GET /accounts/signup/?invitation=…&x=1"),
        (
            "GET /accounts/login/?next=%2Finvitations%2Fabc-1%2F",
            "GET /accounts/login/?next=%2Finvitations%2F…%2F",
        ),
        (
            "GET /accounts/password/reset/key/1-abc-123/",
            "GET /accounts/password/reset/key/…/",
        ),
        ("GET /o/org_1/orders/ord_1/pay/", "GET /o/org_1/orders/ord_1/pay/"),
        ("GET /help/paying/", "GET /help/paying/"),
    ],
)
def test_given_an_address_with_a_secret_when_logged_then_the_secret_is_left_out(line, logged):
    assert without_tokens(line) == logged


def test_given_an_event_when_logged_then_every_text_of_it_is_cleaned():
    event = {"event": "Not Found: /pay/abc.def/", "request": "GET /pay/abc.def/", "code": 404}
    assert hide_tokens(None, "info", event) == {
        "event": "Not Found: /pay/…/",
        "request": "GET /pay/…/",
        "code": 404,
    }


def test_given_a_fault_reported_to_sentry_then_the_address_of_the_request_is_cleaned():
    event = {"request": {"url": "https://portal.example/pay/abc.def/", "query_string": ""}}
    assert without_secret_address(event, {})["request"]["url"] == "https://portal.example/pay/…/"
    assert without_secret_address({"message": "no request"}, {}) == {"message": "no request"}
