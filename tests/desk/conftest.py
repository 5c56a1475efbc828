"""Staff in their groups, and what lands on their desks."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from billing.models import Order
from licensing.models import KeyRequest
from portal.accounts.models import User
from portal.desk.groups import write_groups
from portal.kit import clock
from tests import factories
from tests.billing.conftest import books_hold, payer, running_standin, standin
from tests.billing.given import MONDAY, placed

# Staff move money too: the books are checked after each of these tests as well.
__all__ = ["books_hold", "payer", "running_standin", "standin"]


@pytest.fixture
def now() -> Iterator[None]:
    """Given Monday 2026-11-23, 10:00 in London."""
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def groups(db) -> None:
    """Given the groups, which the suite's migrations may not have made."""
    write_groups()


@pytest.fixture
def member_of(groups) -> Callable[[str], User]:
    """Make a member of staff in one group."""

    def make(name: str) -> User:
        user = factories.StaffFactory(is_superuser=False)
        user.groups.add(Group.objects.get(name=name))
        return user

    return make


@pytest.fixture
def desk(member_of) -> User:
    return member_of("Licence desk")


@pytest.fixture
def sales(member_of) -> User:
    return member_of("Sales")


@pytest.fixture
def finance(member_of) -> User:
    return member_of("Finance")


@pytest.fixture
def support(member_of) -> User:
    return member_of("Support")


@pytest.fixture
def as_staff() -> Callable[[User], Client]:
    """Sign somebody in and return their browser."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def order(shop, customer, now) -> Order:
    """Given a placed order of 12 seats with premier support, to be paid by transfer: £2,073.60."""
    return placed(shop, customer, pay_by="transfer")


@pytest.fixture
def key_request(shop, customer, now) -> KeyRequest:
    """Given an order on account of 12 seats, whose key is asked for now."""
    factories.CreditTermsFactory(organisation=customer.organisation)
    order = placed(shop, customer, pay_by="on_account")
    return KeyRequest.objects.get(order_id=order.public_id)
