"""Fixtures of licensing: an accepted order's grant, and what follows from it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from billing.models import Order
from billing.services.ordering import place_order, prepare_order
from licensing.models import KeyRequest, Licence
from licensing.services.agreements import open_agreement
from licensing.services.keys import issue_key
from portal.accounts.models import Role, User
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


@pytest.fixture
def sign_in(customer, colleague) -> Callable[..., Client]:
    """Return the browser of a member with a role, or of a person who is named."""

    people = {Role.OWNER: customer.owner}

    def browser_of(role: Role = Role.OWNER, *, person: User | None = None) -> Client:
        if person is None and role not in people:
            people[role] = colleague(role, f"{role}@customer.example")
        client = Client()
        client.force_login(person or people[role])
        return client

    return browser_of


@pytest.fixture
def order(shop, customer, now) -> Callable[..., Order]:
    """Place an order of the customer's owner, on account unless told otherwise."""
    factories.CreditTermsFactory(organisation=customer.organisation)

    def place(*, quantity: int = 12, pay_by: str = "on_account", label: str = "") -> Order:
        draft = prepare_order(
            organisation=customer.organisation,
            person=customer.owner,
            product=shop.product,
            quantity=quantity,
            support_plan=None,
            currency="GBP",
            wanted_start=None,
            label=label,
            form_token=f"form-{label}-{quantity}-{pay_by}",
            actor=PERSON,
        )
        if pay_by == "nothing yet":
            return draft
        return place_order(
            order=draft,
            seen_gross=draft.gross_amount,
            seen_net=draft.net_amount,
            terms_version="2026-01",
            pay_by=pay_by,
            purchase_order="",
            person=customer.owner,
            actor=PERSON,
        )

    return place
