"""What tests of the buyer's pages share: signed-in people, what a form sends, many rows."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Document, DocumentLine, Order, OrderLine
from billing.services.drafts import digest_of
from billing.services.keys import issue_key_for_request
from licensing.models import KeyRequest, Licence
from portal.accounts.models import Organisation
from portal.kit.formatting import format_amount
from portal.kit.ids import new_public_id
from tests import factories
from tests.billing.given import staff_actor
from tests.billing.paying import transfer

SLUG = "distribution-engine"


def colleague(organisation: Organisation, role: str) -> Client:
    """Return the browser of another member with this role."""
    membership = factories.MembershipFactory(organisation=organisation, role=role)
    client = Client()
    client.force_login(membership.user)
    return client


def signed_in(customer: Any) -> Client:
    """Return the owner's browser."""
    client = Client()
    client.force_login(customer.owner)
    return client


def with_key(order: Order, staff: Any) -> Licence:
    """Pay an order in full by transfer and issue its key."""
    order.refresh_from_db()
    transfer(order, format_amount(order.gross_amount, order.currency), staff)
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    return issue_key_for_request(key_request=key_request, staff=staff, actor=staff_actor(staff))


def at(name: str, customer: Any, *args: str) -> str:
    return reverse(f"billing:{name}", args=[customer.organisation.public_id, *args])


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def choice(**changes: str) -> dict[str, str]:
    """Return what the buy page sends for 12 seats with premier support in GBP."""
    sent = {
        "quantity": "12",
        "currency": "GBP",
        "billing_period": "annual",
        "support_plan": "premier",
        "starts_on": "",
        "form_token": "opened-form-1",
        "intent": "review",
    }
    return sent | changes


def confirmation(order: Order, **changes: Any) -> dict[str, Any]:
    """Return what the review page of this order sends."""
    sent = {
        "seen_net": order.net_amount,
        "seen_gross": order.gross_amount,
        "seen_draft": digest_of(order),
        "terms_version": "2026-01",
        "terms": "on",
        "pay_by": "transfer",
        "purchase_order": "",
    }
    return sent | changes


def count_queries(client: Client, url: str) -> int:
    """Return how many queries a page makes for somebody whose session is warm."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def multiply_orders(order: Order, times: int) -> None:
    """Write as many closed copies of an order as it takes to have `times` orders, with lines."""
    lines = list(order.lines.all())
    copies = []
    for number in range(times - Order.objects.filter(organisation=order.organisation).count()):
        copy = Order.objects.get(pk=order.pk)
        copy.pk, copy.public_id, copy.status = None, new_public_id("ord"), "cancelled"
        copy.form_token = f"copy-{times}-{number}"
        copies.append(copy)
    for copy in Order.objects.bulk_create(copies):
        OrderLine.objects.bulk_create(_copies(lines, order=copy))


def multiply_documents(document: Document, times: int) -> None:
    """Give each of the organisation's orders without documents a copy of this pro forma."""
    lines = list(document.lines.all())
    without = Order.objects.filter(organisation=document.organisation, documents=None)
    copies = []
    for order in without[: times - Document.objects.count()]:
        copy = Document.objects.get(pk=document.pk)
        copy.pk, copy.public_id, copy.order = None, new_public_id("inv"), order
        copies.append(copy)
    for copy in Document.objects.bulk_create(copies):
        DocumentLine.objects.bulk_create(_copies(lines, document=copy))


def _copies(lines: list[Any], **parent: Any) -> list[Any]:
    made = []
    for line in lines:
        fields = {f.attname: getattr(line, f.attname) for f in line._meta.concrete_fields}
        fields.pop("id")
        for name in parent:
            fields.pop(f"{name}_id")
        made.append(type(line)(**fields, **parent))
    return made
