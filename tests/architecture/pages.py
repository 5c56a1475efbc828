"""Each page that can be opened, who opens it, and how many queries it may make at most."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.services.links import pay_token
from licensing.models import Agreement
from portal.accounts.models import Organisation, User
from tests import factories
from tests.architecture.company import browser, build_company, session_of
from tests.architecture.rows import grow, paid_order
from tests.conftest import open_shop

FEW, MANY = 20, 200

VISITOR, OWNER, STAFF = "visitor", "owner", "staff"


@dataclass(frozen=True)
class Page:
    """`path` has names in braces, which `World.values` fills."""

    name: str
    who: str
    path: str
    most: int


ORGANISATION: Final = "/o/{organisation}/"

# What each page makes, sessions and everything included. The goal is six; every page of the
# customer's area needs four before its own: the session, the person, their memberships with the
# organisations, and the vendor. What is above six has a reason beside it.
PAGES: Final[tuple[Page, ...]] = (Page("prices", VISITOR, "/", 6),)


class World:
    """One company, its owner, a member of staff, and a page's address for each of its rows."""

    def __init__(self) -> None:
        shop = open_shop(factories.VendorFactory())
        self.staff = factories.StaffFactory()
        self.company = build_company(shop, self.staff, "Ours")
        self.organisation = Organisation.objects.get(public_id=self.company.organisation)
        self.owner = User.objects.get(email=self.company.owner_email)
        self.sessions = {OWNER: self.company.sessions["owner"], STAFF: session_of(self.staff)}
        self.rows = 0

    def grow_to(self, rows: int) -> None:
        grow(self.organisation, self.owner, self.rows + 1, rows)
        self.rows = rows

    def client(self, who: str) -> Client:
        return browser(self.sessions.get(who))

    def path(self, page: Page) -> str:
        return page.path.format(**self.values)

    @property
    def values(self) -> dict[str, str]:
        """The ids of the rows that have a page, each with many rows below it."""
        agreement = Agreement.objects.get(organisation=self.organisation, label="")
        order = paid_order(self.organisation)
        return {
            "organisation": self.organisation.public_id,
            "agreement": agreement.public_id,
            "licence": agreement.licences.earliest("pk").public_id,
            "request": agreement.key_requests.earliest("pk").public_id,
            "order": order.public_id,
            "draft": self.organisation.orders.get(label="Draft").public_id,
            "placed": self.organisation.orders.get(label="Transfer").public_id,
            "document": order.documents.earliest("pk").public_id,
            "contact": self.company.objects["contact"][0],
            "person": self.company.objects["person"][1],
            "invitation": self.company.invitation_token,
            "token": pay_token(order),
        }


def count_queries(client: Client, path: str) -> int:
    """Return how many queries a page makes for somebody who was there a moment before."""
    first = client.get(path)
    assert first.status_code == 200, (path, first.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def measure(world: World, pages: Iterable[Page], rows: int) -> dict[str, int]:
    """Return each page's queries with so many rows of everything below it."""
    world.grow_to(rows)
    return {page.name: count_queries(world.client(page.who), world.path(page)) for page in pages}
