"""What the stand-in will not do: real money, other machines, other sites."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.stripe_standin.process import ROOT

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "0.0.0.0"], "serves on loopback only"),
        (["--secret-key", "sk_live_x"], "refuses live keys"),
        (["--webhook-url", "http://192.0.2.1/", "--webhook-secret", "x"], "to loopback only"),
        (["--webhook-url", "http://127.0.0.1/"], "needs a webhook secret"),
    ],
)
def test_given_unsafe_arguments_then_it_does_not_start(tmp_path, arguments, sentence):
    state = tmp_path / "state.db"
    command = [sys.executable, "-m", "tests.stripe_standin", "--state", str(state), *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert not state.exists()


def test_given_another_host_name_then_nothing_is_served(standin):
    answer = requests.get(f"{standin.base_url}/_control/", headers={"Host": "evil.test"}, timeout=5)
    assert answer.status_code == 400


def test_given_a_form_of_another_site_then_the_controls_refuse(standin, stripe_client, order):
    session = stripe_client.v1.checkout.sessions.create(order())
    url = f"{standin.base_url}/_control/sessions/{session.id}/expire"
    refused = requests.post(url, headers={"Origin": "http://evil.test"}, data={"a": 1}, timeout=5)
    assert refused.status_code == 403
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).status == "open"

    own = {"Origin": standin.base_url}
    done = requests.post(url, headers=own, data={"a": 1}, timeout=5, allow_redirects=False)
    assert (done.status_code, done.headers["Location"]) == (303, "/_control/")
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_given_markup_in_what_the_shop_sends_then_the_page_shows_it_as_text(
    standin, stripe_client, order
):
    params = order(client_reference_id="<script>alert(1)</script>")
    params["line_items"][0]["price_data"]["product_data"]["name"] = "<b>$merchant & co</b>"
    session = stripe_client.v1.checkout.sessions.create(params)
    page = requests.get(session.url, timeout=5).text
    assert "<script>" not in page
    assert "&lt;b&gt;$merchant &amp; co&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"expiry": "01 / 20"}, "this date is in the past"),
        ({"expiry": "13 / 34"}, "Enter the month and the year"),
        ({"cvc": "12"}, "Enter the 3 or 4 digits"),
        ({"email": "nobody"}, "Enter your email address"),
        ({"number": "four"}, "Your card number is incorrect."),
    ],
)
def test_given_a_form_with_a_mistake_then_the_page_names_it_and_nothing_is_tried(
    standin, stripe_client, order, changes, sentence
):
    session = stripe_client.v1.checkout.sessions.create(order())
    form = {
        "method": "card",
        "email": "payer@example.com",
        "number": "4242424242424242",
        "expiry": "12/34",
        "cvc": "123",
        **changes,
    }
    answer = requests.post(session.url, data=form, timeout=5)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert standin.events() == []


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_given_the_stand_in_then_it_imports_nothing_of_the_product():
    for path in HERE.glob("*.py"):
        for module in imported_modules(path):
            assert module.partition(".")[0] not in {"portal", "licensing", "billing", "django"}


def test_given_the_product_then_it_never_imports_the_stand_in():
    for package in ("portal", "licensing", "billing"):
        for path in (ROOT / package).rglob("*.py"):
            for module in imported_modules(path):
                assert not module.startswith("tests"), path
