"""A company with one row of everything that pages show, in each state that they know.

Only ids, tokens and words are kept: a test that reads rows reads them fresh from the database.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.test.client import ClientHandler

from billing.models import Document, Order
from billing.services.keys import DeclineOutcome, decline_request, issue_key_for_request
from billing.services.links import pay_token
from billing.services.ordering import approve_order, cancel_order
from billing.services.refunds import request_refund
from licensing.models import Agreement, KeyRequest, Licence
from licensing.services.key_requests import request_reissue
from licensing.services.keys import collect_key
from portal.accounts.models import BillingContact, Invitation, Membership, Role, User
from portal.accounts.tokens import hash_token
from portal.kit import clock
from portal.kit.formatting import format_amount
from tests import factories
from tests.architecture.passkeys import add_passkey
from tests.billing.given import draft, person, placed, processing, staff_actor
from tests.billing.pages import with_key
from tests.billing.paying import transfer
from tests.conftest import Customer, Shop

ROLES = tuple(Role)


@dataclass(frozen=True)
class Company:
    """What tests need of one customer; `objects` are the ids that may stand in a URL, by name."""

    organisation: str
    sessions: dict[str, str]
    objects: dict[str, tuple[str, ...]]
    pay_tokens: dict[str, str]
    documents_of: dict[str, tuple[str, ...]]
    invitation_token: str
    owner_email: str
    passkey: int
    # Words that nobody else may ever read.
    secrets: tuple[str, ...] = field(repr=False, default=())


_HANDLER = ClientHandler(enforce_csrf_checks=False)


def session_of(user: User) -> str:
    """Return the cookie of a fresh sign-in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def browser(session: str | None = None) -> Client:
    """Return a browser with this cookie, or of a visitor."""
    client = Client()
    # Each browser would load the middleware anew, which takes longer than a refusal.
    client.handler = _HANDLER
    if session is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def build_company(shop: Shop, staff: User, name: str) -> Company:
    """Sign a company up, let it order in every way, and let staff answer in every way."""
    organisation = factories.OrganisationFactory(legal_name=f"{name} Secret Holdings")
    people = {
        role: factories.MembershipFactory(
            organisation=organisation,
            role=role,
            user=factories.UserFactory(email=f"{role}@{name.lower()}.example"),
        ).user
        for role in ROLES
    }
    owner = people[Role.OWNER]
    for user in people.values():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    customer = Customer(organisation=organisation, owner=owner)
    factories.CreditTermsFactory(organisation=organisation, limit_amount=100_000_000)
    contact = BillingContact.objects.create(
        organisation=organisation, email=f"accounts@{name.lower()}.example"
    )
    token = f"{name}-invitation-token"
    invitation = _invite(customer, name, token)
    _orders(shop, customer, staff)
    rows = _rows_of(organisation)
    return Company(
        organisation=organisation.public_id,
        sessions={role: session_of(user) for role, user in people.items()},
        objects={
            **{kind: tuple(row.public_id for row in found) for kind, found in rows.items()},
            "contact": (contact.public_id,),
            "invitation": (invitation.public_id,),
            "person": tuple(user.public_id for user in people.values()),
        },
        pay_tokens={order.public_id: pay_token(order) for order in rows["order"]},
        documents_of={
            order.public_id: tuple(d.public_id for d in rows["document"] if d.order_id == order.pk)
            for order in rows["order"]
        },
        invitation_token=token,
        owner_email=owner.email,
        passkey=add_passkey(owner, f"{name} passkey").pk,
        secrets=(
            organisation.legal_name,
            contact.email,
            invitation.email,
            f"{name} passkey",
            *(user.email for user in people.values()),
            *(licence.key for licence in rows["licence"]),
            *(document.number for document in rows["document"] if document.number),
        ),
    )


def _invite(customer: Customer, name: str, token: str) -> Invitation:
    return Invitation.objects.create(
        organisation=customer.organisation,
        email=f"invited@{name.lower()}.example",
        role=Role.MEMBER,
        token_hash=hash_token(token),
        invited_by=customer.owner,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=14),
    )


def _orders(shop: Shop, customer: Customer, staff: User) -> None:
    """One order for each state, each under an agreement of its own label."""
    actor = staff_actor(staff)
    draft(shop, customer, label="Draft")
    placed(shop, customer, label="Card")
    processing(placed(shop, customer, label="Debit on its way"))
    placed(shop, customer, label="Transfer", pay_by="transfer")
    cancelled = placed(shop, customer, label="Cancelled", pay_by="transfer")
    cancel_order(order=cancelled, reason="Not needed", actor=actor)
    accepted = placed(shop, customer, label="Approved", pay_by="transfer")
    approve_order(order=accepted, staff=staff, actor=actor)
    _decline(_paid(shop, customer, staff, "Returned"), DeclineOutcome.RETURN, actor)
    _decline(_paid(shop, customer, staff, "Declined"), DeclineOutcome.REFUND, actor)
    on_account = placed(shop, customer, label="Account", pay_by="on_account")
    issue_key_for_request(key_request=_request(on_account), staff=staff, actor=actor)
    licence = with_key(placed(shop, customer, pay_by="transfer"), staff)
    collect_key(licence=licence, actor=person(customer))
    again = request_reissue(
        agreement=licence.agreement, reason="Lost", person=customer.owner, actor=person(customer)
    )
    issue_key_for_request(key_request=again, staff=staff, actor=actor)
    payment = customer.organisation.payments.order_by("pk").last()
    request_refund(payment=payment, amount=100, reason="Goodwill", actor=actor)


def _paid(shop: Shop, customer: Customer, staff: User, label: str) -> Order:
    order = placed(shop, customer, label=label, pay_by="transfer")
    transfer(order, format_amount(order.gross_amount, order.currency), staff)
    return order


def _request(order: Order) -> KeyRequest:
    return KeyRequest.objects.get(order_id=order.public_id)


def _decline(order: Order, outcome: DeclineOutcome, actor: Any) -> None:
    decline_request(
        key_request=_request(order), outcome=outcome, reason="Which entity?", actor=actor
    )


def _rows_of(organisation: Any) -> dict[str, list[Any]]:
    return {
        "order": list(Order.objects.filter(organisation=organisation)),
        "document": list(Document.objects.filter(organisation=organisation)),
        "agreement": list(Agreement.objects.filter(organisation=organisation)),
        "key_request": list(KeyRequest.objects.filter(agreement__organisation=organisation)),
        "licence": list(Licence.objects.filter(agreement__organisation=organisation)),
    }


def owner_of_both(first: Company, second: Company) -> str:
    """Return the cookie of somebody who owns both companies."""
    user = factories.UserFactory(email="both@everywhere.example")
    for company in (first, second):
        Membership.objects.create(
            organisation=Membership.objects.get(user__email=company.owner_email).organisation,
            user=user,
            role=Role.OWNER,
        )
    return session_of(user)
