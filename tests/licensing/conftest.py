"""Fixtures of licensing: an accepted order's grant, and what follows from it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from licensing.models import KeyRequest, Licence
from licensing.services.agreements import open_agreement
from licensing.services.keys import issue_key
from portal.accounts.models import Role
from portal.audit.services import Actor
from portal.kit import clock
from tests import factories

# Monday, in working hours.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PERSON = Actor(kind="person", id="usr_1", name="ann@customer.example")
STAFF = Actor(kind="staff", id="usr_2", name="desk@northwind.example")


@pytest.fixture
def now():
    """Given Monday 2026-11-23 10:00 in London."""
    with clock.pretend(NOW):
        yield NOW


@pytest.fixture
def grant(shop, customer, now) -> Callable[..., KeyRequest]:
    """Open an agreement as an accepted order does: 12 seats with premier support, from today."""

    def open_it(**changes) -> KeyRequest:
        arguments = {
            "organisation": customer.organisation,
            "product": shop.product,
            "label": "",
            "currency": "GBP",
            "starts_on": date(2026, 11, 23),
            "quantity": 12,
            "support": "premier",
            "order_id": "ord_1",
            "requested_by": customer.owner.email,
            "at": now,
            "actor": PERSON,
            **changes,
        }
        return open_agreement(**arguments)

    return open_it


@pytest.fixture
def key_request(grant) -> KeyRequest:
    """Given an open request for the first key, 12 seats."""
    return grant()


@pytest.fixture
def licence(key_request) -> Licence:
    """Given its key, issued at once."""
    return issue_key(key_request=key_request, issued_by="Desk", actor=STAFF)


@pytest.fixture
def colleague(customer):
    """Add a member of the customer's organisation with a role."""

    def join(role: Role, email: str):
        user = factories.UserFactory(email=email)
        factories.MembershipFactory(organisation=customer.organisation, user=user, role=role)
        return user

    return join
