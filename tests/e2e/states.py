"""Orders, keys and requests of one demo company in every state a page can show.

Run beside a served demo, with its environment: `python -m tests.e2e.states` prints the addresses
as JSON. Everything goes through the portal's own services, and through the payment page.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.urls import reverse  # noqa: E402

from billing.models import Order  # noqa: E402
from billing.services.checkout import start_checkout, sync_checkout  # noqa: E402
from billing.services.closing import approve_order, cancel_order, expire_order  # noqa: E402
from billing.services.drafts import prepare_order  # noqa: E402
from billing.services.keys import (  # noqa: E402
    DeclineOutcome,
    decline_request,
    issue_key_for_request,
)
from billing.services.links import pay_url  # noqa: E402
from billing.services.payments import record_transfer  # noqa: E402
from billing.services.placing import place_order  # noqa: E402
from licensing.models import KeyRequest, Licence, Product  # noqa: E402
from licensing.services.key_requests import request_reissue, wait_for_customer  # noqa: E402
from licensing.services.keys import revoke_licence  # noqa: E402
from portal.accounts.models import Organisation, User  # noqa: E402
from portal.accounts.services.invitations import invite_member  # noqa: E402
from portal.audit.models import AuditEvent  # noqa: E402
from portal.audit.services import Actor  # noqa: E402
from portal.kit import clock  # noqa: E402

COMPANY = "Harbour Logistics Ltd"
LONG_AGO = timedelta(days=60)
DECLINED_CARD = {"method": "card", "number": "4000 0000 0000 0002", "cvc": "123"}
BANK_DEBIT = {"method": "bank_debit"}


class States:
    """One order for each state, each for an agreement of its own name."""

    def __init__(self) -> None:
        self.organisation = Organisation.objects.get(legal_name=COMPANY)
        self.owner = User.objects.get(email="owner@harbour.example")
        self.staff = User.objects.get(email="admin@northwind.example")
        self.product = Product.objects.get(slug="distribution-engine")
        self.buyer = _actor(self.owner, AuditEvent.ActorKind.PERSON)
        self.desk = _actor(self.staff, AuditEvent.ActorKind.STAFF)
        self.orders: dict[str, Order] = {}
        self.requests: dict[str, KeyRequest] = {}

    def draft(self, name: str) -> Order:
        order = prepare_order(
            organisation=self.organisation,
            person=self.owner,
            product=self.product,
            quantity=24,
            support_plan=self.product.support_plans.get(),
            currency="GBP",
            wanted_start=None,
            label=f"Depot {name}",
            form_token=f"state-{name}",
            actor=self.buyer,
        )
        self.orders[name] = order
        return order

    def placed(self, name: str, pay_by: str = "transfer") -> Order:
        order = self.draft(name)
        self.orders[name] = place_order(
            order=order,
            seen_gross=order.gross_amount,
            seen_net=order.net_amount,
            terms_version=self.product.terms_versions.get().version,
            pay_by=pay_by,
            purchase_order="PO-4711",
            person=self.owner,
            actor=self.buyer,
        )
        return self.orders[name]

    def paid_online(self, name: str, form: dict[str, str]) -> str:
        """Send the payment page once, learn what came of it, and return the session's id."""
        order = self.placed(name, pay_by="card")
        path = reverse("billing:order", args=[self.organisation.public_id, order.public_id])
        url = start_checkout(order=order, return_path=path, actor=self.buyer)
        payer = {"email": "owner@harbour.example", "expiry": "12 / 34", "name": "Olivia Grant"}
        _send(url, payer | form)
        return url.rsplit("/", 1)[-1].split("?")[0]

    def control(self, name: str, session: str, act: str) -> None:
        """Let the bank act, and learn of it."""
        attempt = self.orders[name].checkout_attempts.get()
        parts = urllib.parse.urlsplit(attempt.url)
        _send(f"{parts.scheme}://{parts.netloc}/_control/sessions/{session}/{act}", None)
        sync_checkout(attempt=attempt)

    def transfer(self, name: str, amount: str) -> None:
        record_transfer(
            order=self.placed(name),
            amount_text=amount,
            currency="GBP",
            received_on=clock.now().date(),
            reference="STATE",
            staff=self.staff,
            form_token=f"state-money-{name}",
            actor=self.desk,
        )

    def accepted(self, name: str) -> KeyRequest:
        order = approve_order(order=self.placed(name), staff=self.staff, actor=self.desk)
        self.requests[name] = KeyRequest.objects.get(order_id=order.public_id)
        return self.requests[name]

    def issued(self, name: str) -> Licence:
        request = self.accepted(name)
        return issue_key_for_request(key_request=request, staff=self.staff, actor=self.desk)

    def refused(self, name: str, outcome: DeclineOutcome) -> None:
        request = self.accepted(name)
        reason = "The legal name on the order is not the one on the register. Which is right?"
        decline_request(key_request=request, outcome=outcome, reason=reason, actor=self.desk)


def write() -> dict[str, Any]:
    """Make every state once, and return where each can be seen."""
    states = States()
    with clock.pretend(clock.now() - LONG_AGO):
        states.placed("expired")
    expire_order(order=states.orders["expired"], at=clock.now())
    states.draft("draft")
    states.placed("placed")
    states.transfer("partly-paid", "1000.00")
    _online(states)
    states.accepted("accepted")
    asked = states.accepted("asked")
    wait_for_customer(
        key_request=asked, question="Which server does the key go to?", actor=states.desk
    )
    states.refused("returned", DeclineOutcome.RETURN)
    states.refused("declined", DeclineOutcome.REFUND)
    cancel_order(order=states.placed("cancelled"), reason="Ordered twice", actor=states.buyer)
    ready, revoked = states.issued("ready"), states.issued("revoked")
    revoke_licence(licence=revoked, reason="A test of a revoked key", actor=states.desk)
    return _addresses(states, ready, revoked)


def _online(states: States) -> None:
    states.paid_online("card-declined", DECLINED_CARD)
    attempt = states.orders["card-declined"].checkout_attempts.get()
    sync_checkout(attempt=attempt)
    states.paid_online("debit-processing", BANK_DEBIT)
    sync_checkout(attempt=states.orders["debit-processing"].checkout_attempts.get())
    failed = states.paid_online("debit-failed", BANK_DEBIT)
    states.control("debit-failed", failed, "fail")
    over = states.paid_online("page-expired", DECLINED_CARD)
    states.control("page-expired", over, "expire")


def _addresses(states: States, ready: Licence, revoked: Licence) -> dict[str, Any]:
    home = f"/o/{states.organisation.public_id}/"
    old = Licence.objects.filter(agreement__organisation=states.organisation).earliest("issued_at")
    reissue = request_reissue(
        agreement=old.agreement, reason="Lost", person=states.owner, actor=states.buyer
    )
    invite_member(
        organisation=states.organisation,
        email="new@harbour.example",
        role="billing",
        invited_by=states.owner,
        actor=states.buyer,
    )
    requests = states.requests | {"reissue": reissue}
    return {
        "home": home,
        "member": User.objects.get(email="member@harbour.example").public_id,
        "contact": states.organisation.billing_contacts.earliest("pk").public_id,
        "agreements": {
            "oldest": f"{home}agreements/{old.agreement.public_id}/",
            "ready": f"{home}agreements/{ready.agreement.public_id}/",
            "asked": f"{home}agreements/{requests['asked'].agreement.public_id}/",
        },
        "licences": {
            "collected": f"{home}licences/{old.public_id}/",
            "ready": f"{home}licences/{ready.public_id}/",
            "revoked": f"{home}licences/{revoked.public_id}/",
        },
        "orders": {n: f"{home}orders/{o.public_id}/" for n, o in states.orders.items()},
        "requests": {n: f"{home}requests/{r.public_id}/" for n, r in requests.items()},
        "pay": {n: urllib.parse.urlsplit(pay_url(o)).path for n, o in states.orders.items()},
    }


def _actor(user: User, kind: str) -> Actor:
    return Actor(kind=kind, id=user.public_id, name=user.email, address="127.0.0.1")


def _send(url: str, form: dict[str, str] | None) -> None:
    """Send a form of the payment page (its refusal of a card is an answer too), or a control."""
    content = json.dumps({}) if form is None else urllib.parse.urlencode(form)
    kind = "application/json" if form is None else "application/x-www-form-urlencoded"
    request = urllib.request.Request(url, content.encode(), {"Content-Type": kind}, method="POST")
    try:
        urllib.request.build_opener(_StayHere).open(request, timeout=20).close()
    except urllib.error.HTTPError as answer:
        if answer.code not in (302, 303, 402):
            raise


class _StayHere(urllib.request.HTTPRedirectHandler):
    """The way back to the shop is the browser's."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


if __name__ == "__main__":
    print(json.dumps(write()))
