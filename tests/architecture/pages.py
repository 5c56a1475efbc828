"""Each page that can be opened, who opens it, and how many queries it may make at most.

The pages come from the URL table, so that a new one is measured without being written here.
"""

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
from tests.architecture.urls import Kind, Url, urls_of
from tests.conftest import open_shop
from tests.factories import PASSWORD

FEW: Final = 20
MANY: Final = 200
# The goal for everybody's pages. A page of a customer's area makes four before its own: the
# session, the person, the memberships with their organisations, and the vendor.
MOST: Final = 6
# Staff's lists: session, person, the badges of the sidebar, the vendor, the filters, the rows.
MOST_OF_STAFF: Final = 11

VISITOR: Final = "visitor"
OWNER: Final = "owner"
STAFF: Final = "staff"

_PASSKEYS: Final = "the library reads the passkeys twice and writes its challenge to the session"
# What is above the goal, and why.
ABOVE: Final[dict[str, tuple[int, str]]] = {
    "licensing:agreement": (10, "terms, seats, keys, requests and their keys: one read each"),
    "billing:buy": (10, "product, currencies, plans, price, tiers, tax rules: one read each"),
    "billing:order": (14, "lines, documents, payments, attempts, sums, request, key, refunds"),
    "billing:order, placed": (10, "lines, documents, payments, attempts, sums: one read each"),
    "billing:review": (16, "the order with its lines, credit and what is owed, bank, terms"),
    "pay:show": (8, "lines, documents, payments, attempts, sums, key request: one read each"),
    "account_email": (7, "the library counts the addresses that it has just read"),
    "account_reauthenticate": (9, "the library asks for each kind of second factor"),
    "mfa_activate_totp": (12, "the library writes a new secret to the session"),
    "mfa_generate_recovery_codes": (8, "the library asks for each kind of second factor"),
    "mfa_add_webauthn": (13, _PASSKEYS),
    "mfa_reauthenticate_webauthn": (13, _PASSKEYS),
    "mfa_remove_webauthn": (8, "the library asks whether the person typed the password lately"),
    "mfa_edit_webauthn": (8, "the library asks whether the person typed the password lately"),
    "socialaccount_connections": (7, "the library asks for the person's accounts elsewhere"),
    "admin:index": (13, "what waits for desk, finance and sales: one read each"),
    "admin:customer": (21, "everything about one customer: a read for each of its tables"),
    "admin:licensing_keyrequest_change": (17, "what is needed to decide, money and credit too"),
    "admin:billing_order_change": (29, "Django asks for a column's value again for each use"),
}

# Addresses that lead on, are for a moment of a sign-in only, or are pressed as buttons.
NOT_READ = frozenset(
    {
        "continue_buying",
        "home_for_person",
        "favicon",
        "admin:vendor_vendorprofile_changelist",
        "billing:checkout_return",
        "pay:back",
        "account_logout",
        "account_email_verification_sent",
        "account_confirm_login_code",
        "account_set_password",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_login_webauthn",
        "socialaccount_login_error",
        "socialaccount_signup",
        "openid_connect_login",
        "openid_connect_callback",
        "",
    }
)
PRESSED = frozenset(
    {
        "licensing:reissue",
        "licensing:show_key",
        "licensing:answer",
        "billing:pay_order",
        "billing:cancel_order",
        "billing:answer_order",
        "accounts:add_contact",
        "accounts:sign_in_policy",
        "accounts:invite",
        "accounts:withdraw",
        "accounts:resend",
        "pay:card",
    }
)


@dataclass(frozen=True)
class Page:
    """A page's address has names in braces, which `World.values` fills; `why` it is above six."""

    name: str
    who: str
    path: str
    most: int
    why: str = ""


def all_pages() -> list[Page]:
    """Return every page that answers with something to read, in the order of the URL table."""
    visitors = urls_of(Kind.PUBLIC, Kind.ENTRANCE, Kind.TOKEN)
    members = urls_of(Kind.PERSON, Kind.ORGANISATION)
    further = [
        _page("prices, signed in", OWNER, "/"),
        _page("billing:order, placed", OWNER, "/o/{organisation}/orders/{placed}/"),
    ]
    staff = [url for url in urls_of(Kind.STAFF) if _is_a_list(url) or url.name in ABOVE]
    pages = [
        *(_page(url.name, VISITOR, _pattern(url)) for url in visitors),
        *(_page(url.name, OWNER, _pattern(url)) for url in members),
        *further,
        *(_page(url.name, STAFF, _pattern(url), MOST_OF_STAFF) for url in staff),
    ]
    # An address of ours that stands before a library's is in the table twice.
    return list(dict.fromkeys(pages))


def _is_a_list(url: Url) -> bool:
    return url.name.endswith("_changelist") or url.name == "admin:customers"


def _page(name: str, who: str, path: str, goal: int = MOST) -> Page:
    most, why = ABOVE.get(name, (goal, ""))
    return Page(name, who, path, most, why)


def _pattern(url: Url) -> str:
    """Return the route with its arguments in braces, where their name alone does not say which."""
    named = {name: f"{{{name}}}" for name in url.arguments}
    if url.name == "billing:review":
        named["order"] = "{draft}"
    if url.name == "invitation":
        named["token"] = "{invitation_token}"
    if url.name.endswith("_change"):
        named["object_id"] = "{key_request}" if "keyrequest" in url.name else "{order}"
    return url.path(named)


class World:
    """One company, its owner, a member of staff, and the ids of rows that have pages."""

    def __init__(self) -> None:
        shop = open_shop(factories.VendorFactory())
        self.staff = factories.StaffFactory()
        self.company = build_company(shop, self.staff, "Ours")
        self.organisation = Organisation.objects.get(public_id=self.company.organisation)
        self.owner = User.objects.get(email=self.company.owner_email)
        self.sessions = {OWNER: self.company.sessions["owner"], STAFF: session_of(self.staff)}
        # Some of a person's pages ask for the password first.
        self.client(OWNER).post("/accounts/reauthenticate/", {"password": PASSWORD})
        self.rows = 0

    def grow_to(self, rows: int) -> None:
        """Have at least so many rows of each kind that a page lists."""
        grow(self.organisation, self.owner, self.rows + 1, rows)
        self.rows = rows

    def client(self, who: str) -> Client:
        return browser(self.sessions.get(who))

    @property
    def values(self) -> dict[str, str]:
        """The ids of the rows that have a page, those with many rows below them first."""
        agreement = Agreement.objects.get(organisation=self.organisation, label="")
        order = paid_order(self.organisation)
        return {
            "organisation": self.organisation.public_id,
            "agreement": agreement.public_id,
            "licence": agreement.licences.earliest("pk").public_id,
            "key_request": agreement.key_requests.earliest("pk").public_id,
            "order": order.public_id,
            "draft": self.organisation.orders.get(label="Draft").public_id,
            "placed": self.organisation.orders.get(label="Transfer").public_id,
            "document": order.documents.earliest("pk").public_id,
            "contact": self.company.objects["contact"][0],
            "person": self.company.objects["person"][1],
            "invitation": self.company.objects["invitation"][0],
            "invitation_token": self.company.invitation_token,
            "token": pay_token(order),
            "slug": "distribution-engine",
            "pk": str(self.company.passkey),
            "uidb36": "1",
            "key": "x",
            "provider_id": "x",
        }


def count_queries(client: Client, path: str) -> int | None:
    """Return how many queries a page makes for somebody who was there a moment before.

    None where there is nothing to read: the address leads on, takes no GET, or is not there.
    """
    if client.get(path).status_code != 200:
        return None
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def measure(world: World, pages: Iterable[Page], rows: int) -> dict[str, int | None]:
    """Return each page's queries with so many rows of everything below it."""
    world.grow_to(rows)
    values = world.values
    return {
        page.name: count_queries(world.client(page.who), page.path.format(**values))
        for page in pages
    }
