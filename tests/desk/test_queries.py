"""Lists, the home page and a customer's page make as many queries for 20 rows as for 60."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from licensing.models import KeyRequest
from tests import factories
from tests.billing.given import draft, pay, place
from tests.desk.pages import list_of, page_of

LISTS = (
    "licensing_keyrequest",
    "licensing_agreement",
    "licensing_seatledgerentry",
    "billing_order",
    "billing_document",
    "billing_payment",
    "billing_ledgerentry",
    "accounts_organisation",
    "accounts_user",
    "audit_auditevent",
    "notifications_mail",
)


class Buyer:
    def __init__(self) -> None:
        membership = factories.MembershipFactory()
        self.organisation, self.owner = membership.organisation, membership.user


def sell(shop, staff, count: int) -> None:
    """Sell so many times, each to a new customer by a transfer that came."""
    for _ in range(count):
        buyer = Buyer()
        pay(place(draft(shop, buyer), buyer, pay_by="transfer"), staff, "2073.60")
    KeyRequest.objects.update(taken_by=staff)


def queries(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_given_three_times_the_rows_when_lists_are_opened_then_the_queries_are_the_same(
    as_staff, staff, shop, now
):
    client = as_staff(staff)
    pages = {name: list_of(name) for name in LISTS} | {"home": reverse("admin:index")}
    client.get(pages["home"])
    sell(shop, staff, 20)
    with_20 = {name: queries(client, url) for name, url in pages.items()}

    sell(shop, staff, 40)

    assert {name: queries(client, url) for name, url in pages.items()} == with_20
    assert max(with_20.values()) <= 16


def test_given_more_history_when_one_customer_is_opened_then_the_queries_are_the_same(
    as_staff, staff, shop, customer, now
):
    client = as_staff(staff)
    page = reverse("admin:customer", args=[customer.organisation.public_id])

    def buy(label: str) -> None:
        order = place(draft(shop, customer, label=label), customer, pay_by="transfer")
        pay(order, staff, "2073.60")

    buy("one")
    client.get(page)  # The first page of a session writes that it was seen.
    with_one = queries(client, page)
    for label in ("two", "three", "four"):
        buy(label)

    assert queries(client, page) == with_one


def test_given_more_lines_when_one_request_is_opened_then_it_has_few_queries(
    as_staff, staff, key_request
):
    client = as_staff(staff)
    client.get(reverse("admin:index"))

    assert queries(client, page_of("licensing_keyrequest", key_request)) <= 26
