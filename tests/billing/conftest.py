"""Fixtures of billing's tests; the books are checked after every one that buys something."""

from collections.abc import Iterator

import pytest

from billing.domain.orders import OrderStatus
from billing.models import Order
from billing.services.books import check_books
from tests.billing.paying import SECRET, Payer
from tests.stripe_standin.process import StandinProcess


@pytest.fixture(autouse=True)
def books_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Given a test that buys something, when it is done, then every invariant holds."""
    uses_database = {"db", "transactional_db"} & set(request.fixturenames)
    if not uses_database and request.node.get_closest_marker("django_db") is None:
        yield
        return
    # Asked for first, so that the rows are still there when this fixture looks at them.
    request.getfixturevalue("db")
    yield
    if Order.objects.exclude(status__in=[OrderStatus.DRAFT, OrderStatus.DISCARDED]).exists():
        assert check_books() == []


@pytest.fixture(scope="session")
def running_standin() -> Iterator[StandinProcess]:
    with StandinProcess(webhook_secret=SECRET) as process:
        yield process


@pytest.fixture
def standin(running_standin: StandinProcess, settings) -> StandinProcess:
    """Given Stripe's stand-in with nothing in it; its events wait until a test delivers them."""
    running_standin.set_webhook("")
    running_standin.reset()
    settings.STRIPE_SECRET_KEY = "sk_test_suite"
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = running_standin.base_url
    return running_standin


@pytest.fixture
def payer(standin: StandinProcess, client) -> Payer:
    """Given somebody in front of Stripe's page, and Stripe's events at hand."""
    return Payer(standin=standin, client=client)
