"""What the tests of isolation share: two companies, browsers, and a checksum of every table."""

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client, TestCase

from tests import factories
from tests.architecture.company import (
    Company,
    browser,
    build_company,
    owner_of_both,
    session_of,
)
from tests.architecture.urls import Url
from tests.conftest import open_shop

METHODS = ("get", "post")
# What the forms of all pages ask for, so that a refusal is never for a missing field.
SENT = {
    "answer": "An answer",
    "reason": "A reason",
    "role": "member",
    "email": "somebody@new.example",
    "pay_by": "transfer",
    "intent": "review",
    "quantity": "12",
    "currency": "GBP",
    "billing_period": "annual",
    "form_token": "opened-form-1",
    "second_factor_required": "on",
    "action": "delete_selected",
}
# A session notes that somebody was there, also where the page refused.
NOTES = {"django_session", "usersessions_usersession"}
_MADE_ANEW = re.compile(
    r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|\b[a-z]{3}_[0-9a-z]{26}\b'
)


class TwoCompanies(TestCase):
    """Ours and theirs, each with people in every role; made once for a class of tests."""

    ours: ClassVar[Company]
    theirs: ClassVar[Company]
    both: ClassVar[str]
    homeless: ClassVar[str]

    @classmethod
    def setUpTestData(cls) -> None:
        shop = open_shop(factories.VendorFactory())
        staff = factories.StaffFactory()
        cls.ours = build_company(shop, staff, "Ours")
        cls.theirs = build_company(shop, staff, "Theirs")
        cls.both = owner_of_both(cls.ours, cls.theirs)
        cls.homeless = session_of(factories.UserFactory(email="homeless@nowhere.example"))

    def strangers(self) -> dict[str, Client]:
        """Their people in each role, and somebody without a company."""
        sessions = {**self.theirs.sessions, "no company": self.homeless}
        return {who: browser(session) for who, session in sessions.items()}

    def members(self) -> dict[str, Client]:
        return {role: browser(session) for role, session in self.ours.sessions.items()}

    def assert_keeps_secrets(self, answer: HttpResponse, company: Company, where: str) -> None:
        """No word of the company stands in the answer or in where it leads."""
        text = answer.getvalue().decode(errors="replace") + str(answer.headers)
        told = [secret for secret in company.secrets if secret in text]
        self.assertEqual(told, [], where)


def for_each(urls: Iterable[Url]) -> Callable[[type[TwoCompanies]], type[TwoCompanies]]:
    """Make each method `each_…(url)` of a class one test for each URL."""

    def decorate(case: type[TwoCompanies]) -> type[TwoCompanies]:
        listed = list(urls)
        for name in [name for name in vars(case) if name.startswith("each_")]:
            check = getattr(case, name)
            for number, url in enumerate(listed):
                title = f"test_{name.removeprefix('each_')}__{number:03}_{url.title}"
                setattr(case, title, _test_of(check, url))
        return case

    return decorate


def _test_of(check: Callable[[Any, Url], None], url: Url) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        check(self, url)

    test.__doc__ = f"/{url.route}"
    return test


def ask(client: Client, method: str, path: str) -> Any:
    """Send a request as a page would; a POST carries what forms of all pages ask for."""
    return getattr(client, method)(path, SENT if method == "post" else {})


def words(answer: HttpResponse) -> str:
    """Return the body without what is made anew for each answer, and without ids."""
    return _MADE_ANEW.sub("", answer.getvalue().decode())


def checksums() -> dict[str, str]:
    """Return a checksum of each table's rows, so that a refused request can be seen to do nothing.

    Read table by table in the order of the primary key; notes that somebody was there do not count.
    """
    tables = [model._meta for model in apps.get_models(include_auto_created=True)]
    return {
        meta.db_table: _checksum(meta.db_table, meta.pk.column)
        for meta in tables
        if meta.managed and meta.db_table not in NOTES
    }


def changed_since(before: dict[str, str]) -> list[str]:
    """Return the tables that are not as they were."""
    return [table for table, checksum in checksums().items() if checksum != before[table]]


def _checksum(table: str, key: str) -> str:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {quote(table)} ORDER BY {quote(key)}")
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
