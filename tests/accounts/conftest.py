"""What the tests of people and organisations start from."""

import re

import pytest
from allauth.account.models import EmailAddress

from portal.accounts.access import person_actor
from portal.accounts.models import Role, User
from portal.accounts.services.invitations import invite_member
from portal.audit.services import Actor
from portal.notifications.models import Mail
from tests.factories import MembershipFactory, UserFactory


@pytest.fixture(autouse=True)
def _urls(settings):
    settings.ROOT_URLCONF = "tests.accounts.urls"


@pytest.fixture
def actor(customer) -> Actor:
    return person_actor(customer.owner, "192.0.2.1")


@pytest.fixture
def second_owner(customer) -> User:
    return MembershipFactory(organisation=customer.organisation, role=Role.OWNER).user


@pytest.fixture
def confirmed():
    """Make a person whose address is confirmed."""

    def make(email: str) -> User:
        user = UserFactory(email=email)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user

    return make


@pytest.fixture
def invite(customer, actor):
    """Send an invitation, and return it with the token of its mail."""

    def send(email: str = "new@partner.example", role: str = Role.MEMBER):
        invitation = invite_member(
            organisation=customer.organisation,
            email=email,
            role=role,
            invited_by=customer.owner,
            actor=actor,
        )
        return invitation, token_of(Mail.objects.get(subject_id=invitation.public_id))

    return send


def token_of(mail: Mail) -> str:
    return re.search(r"/invitations/([\w-]+)/", mail.text)[1]


def code_of(mail: Mail) -> str:
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.text, re.MULTILINE)[0]
