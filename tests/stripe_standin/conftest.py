"""One stand-in process and one receiver for this folder's tests, both empty for each test."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import stripe

from tests.stripe_standin.process import StandinProcess
from tests.stripe_standin.receiver import Receiver

SECRET = "whsec_of_this_test"


@pytest.fixture(scope="session")
def _running() -> Iterator[StandinProcess]:
    with StandinProcess(webhook_secret=SECRET) as process:
        yield process


@pytest.fixture(scope="session")
def _listening() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def standin(_running: StandinProcess, _listening: Receiver) -> StandinProcess:
    """A stand-in that knows nothing yet."""
    _running.set_webhook("")
    _running.reset()
    _running.set_retries(0.05, 0.05, 0.05)
    _listening.clear()
    return _running


@pytest.fixture
def receiver(standin: StandinProcess, _listening: Receiver) -> Receiver:
    """Where this stand-in's webhooks arrive."""
    standin.set_webhook(_listening.url)
    return _listening


@pytest.fixture
def stripe_client(standin: StandinProcess) -> Iterator[stripe.StripeClient]:
    """The real library, pointed at the stand-in."""
    with requests.Session() as session:
        session.trust_env = False
        yield stripe.StripeClient(
            "sk_test_suite",
            base_addresses={"api": standin.base_url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(session=session),
        )


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    """Parameters of a session for 12 seats at £1,728.00, with changes by name."""

    def build(**changes: Any) -> dict[str, Any]:
        line = {
            "quantity": 1,
            "price_data": {
                "currency": changes.pop("currency", "gbp"),
                "unit_amount": changes.pop("amount", 172800),
                "product_data": {"name": "Distribution Engine, 12 seats"},
            },
        }
        return {
            "mode": "payment",
            "line_items": [line],
            "client_reference_id": "ord_test",
            "success_url": "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:9/back",
            "expires_at": int(time.time()) + 3600,
            "metadata": {"order": "ord_test"},
            "payment_intent_data": {"metadata": {"order": "ord_test"}},
            **changes,
        }

    return build
