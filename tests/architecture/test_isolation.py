"""Nobody sees anything of another organisation: it answers as if it did not exist."""

from collections.abc import Iterator
from itertools import product

from django.test import Client
from django.urls import resolve

from portal.accounts.permissions import role_allows
from tests.architecture.company import Company, browser
from tests.architecture.dataset import (
    METHODS,
    TwoCompanies,
    ask,
    checksums,
    for_each,
    words,
)
from tests.architecture.urls import Kind, Url, urls_of
from tests.billing.pages import SLUG

ORGANISATION_URLS = urls_of(Kind.ORGANISATION)
FOUND, LED_ON, REFUSED, UNKNOWN, WRONG_METHOD = 200, 302, 403, 404, 405


def objects_of(url: Url, company: Company) -> list[dict[str, str]]:
    """Return the arguments, beside the organisation, for each of the company's objects."""
    names = [name for name in url.arguments if name != "organisation"]
    choices = [(SLUG,) if name == "slug" else company.objects[name] for name in names]
    return [dict(zip(names, values, strict=True)) for values in product(*choices)]


def made_up(values: dict[str, str]) -> dict[str, str]:
    """Return ids of the right shape that stand for nothing."""
    return {
        name: value if name == "slug" else f"{value[:4]}{'0' * 26}"
        for name, value in values.items()
    }


def has_objects(url: Url) -> bool:
    return bool(set(url.arguments) - {"organisation", "slug"})


@for_each(ORGANISATION_URLS)
class AnotherOrganisationTests(TwoCompanies):
    """Given an address of an organisation, when somebody asks who is no member of it."""

    def each_given_our_address_when_they_ask_then_it_does_not_exist(self, url: Url) -> None:
        paths = [
            url.path({"organisation": self.ours.organisation, **values})
            for values in objects_of(url, self.ours) + objects_of(url, self.theirs)
        ]
        before = checksums()
        for who, client in self.strangers().items():
            for path, method in product(paths, METHODS):
                self._is_unknown(url, client, method, path, who)
        self.assertEqual(checksums(), before)

    def each_given_their_address_when_it_names_our_objects_then_they_do_not_exist(
        self, url: Url
    ) -> None:
        if not has_objects(url):
            return
        paths = [
            url.path({"organisation": self.theirs.organisation, **values})
            for values in objects_of(url, self.ours)
        ]
        before = checksums()
        for role, session in self.theirs.sessions.items():
            client = browser(session)
            for path, method in product(paths, METHODS):
                if role_allows(role, _permission(path)):
                    self._is_unknown(url, client, method, path, role)
                elif method in self._methods(url):
                    answer = ask(client, method, path)
                    # Refused for the role alone, before anything was looked up.
                    self.assertEqual(answer.status_code, REFUSED, (role, method, path))
                    self.assert_keeps_secrets(answer, self.ours, path)
        self.assertEqual(checksums(), before)

    def each_given_an_owner_of_both_when_objects_are_mixed_up_then_they_do_not_exist(
        self, url: Url
    ) -> None:
        client = browser(self.both)
        before = checksums()
        for here, there in ((self.ours, self.theirs), (self.theirs, self.ours)):
            if has_objects(url):
                for values, method in product(objects_of(url, there), METHODS):
                    path = url.path({"organisation": here.organisation, **values})
                    self._is_unknown(url, client, method, path, "owner of both")
        self.assertEqual(checksums(), before)

    def each_given_ids_that_stand_for_nothing_then_the_answer_is_the_same(self, url: Url) -> None:
        client = browser(self.theirs.sessions["owner"])
        foreign = {"organisation": self.ours.organisation, **objects_of(url, self.ours)[0]}
        inside = {**foreign, "organisation": self.theirs.organisation}
        nothing = {**made_up(foreign), "organisation": self.theirs.organisation}
        for method in self._methods(url):
            real = ask(client, method, url.path(foreign))
            self.assertEqual(real.status_code, UNKNOWN)
            self.assertEqual(words(real), words(ask(client, method, url.path(made_up(foreign)))))
            if has_objects(url):
                mixed = ask(client, method, url.path(inside))
                absent = ask(client, method, url.path(nothing))
                self.assertEqual((mixed.status_code, absent.status_code), (UNKNOWN, UNKNOWN))
                self.assertEqual(words(mixed), words(absent))

    def each_given_a_visitor_then_the_sign_in_comes_first_whether_it_exists_or_not(
        self, url: Url
    ) -> None:
        real = [{"organisation": self.ours.organisation, **v} for v in objects_of(url, self.ours)]
        before = checksums()
        for values, method in product([*real, made_up(real[0])], METHODS):
            path = url.path(values)
            answer = ask(Client(), method, path)
            if method in self._methods(url):
                self.assertEqual(answer.status_code, LED_ON, (method, path))
                self.assertEqual(answer.headers["Location"], f"/accounts/login/?next={path}")
            self.assertEqual(answer.content, b"")
        self.assertEqual(checksums(), before)

    def each_given_our_own_objects_then_the_role_decides(self, url: Url) -> None:
        """Without this, a page that answers 404 to everybody would pass the tests above."""
        for role, client in self.members().items():
            for values in objects_of(url, self.ours):
                path = url.path({"organisation": self.ours.organisation, **values})
                if not role_allows(role, _permission(path)):
                    self._is_refused(url, client, path, role)
                elif "get" in self._methods(url):
                    answer = ask(client, "get", path)
                    self.assertIn(answer.status_code, (FOUND, LED_ON), (role, path))
                    self.assert_keeps_secrets(answer, self.theirs, path)

    def _is_unknown(self, url: Url, client: Client, method: str, path: str, who: str) -> None:
        """404; or, for a method that no such address takes, 405 before anything is looked up."""
        answer = ask(client, method, path)
        expected = UNKNOWN if method in self._methods(url) else WRONG_METHOD
        self.assertEqual(answer.status_code, expected, (who, method, path))
        self.assert_keeps_secrets(answer, self.ours, path) if who != "owner of both" else None

    def _is_refused(self, url: Url, client: Client, path: str, role: str) -> None:
        before = checksums()
        for method in self._methods(url):
            self.assertEqual(ask(client, method, path).status_code, REFUSED, (role, method, path))
        self.assertEqual(checksums(), before)

    def _methods(self, url: Url) -> tuple[str, ...]:
        """The methods that this address takes, as an address that stands for nothing says."""
        values = made_up({"organisation": "org_", **{n: "xxx_" for n in url.arguments[1:]}})
        path = url.path({**values, "slug": SLUG})
        client = browser(self.theirs.sessions["owner"])
        taken = [m for m in METHODS if ask(client, m, path).status_code != WRONG_METHOD]
        self.assertNotEqual(taken, [], url.route)
        return tuple(taken)


def _permission(path: str) -> str:
    return str(resolve(path).func.permission)


def _documents(company: Company) -> Iterator[tuple[str, str]]:
    for order, documents in company.documents_of.items():
        for document in documents:
            yield order, document
