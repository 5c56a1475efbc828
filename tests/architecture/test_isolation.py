"""Nobody sees anything of another organisation: it answers as if it did not exist."""

from itertools import product

from django.test import Client
from django.urls import resolve

from portal.accounts.models import Role
from portal.accounts.permissions import role_allows
from tests.architecture.company import Company, browser
from tests.architecture.dataset import (
    METHODS,
    TwoCompanies,
    ask,
    changed_since,
    checksums,
    for_each,
    words,
)
from tests.architecture.urls import Kind, Url, urls_of
from tests.billing.pages import SLUG

FOUND, LED_ON, REFUSED, UNKNOWN, WRONG_METHOD = 200, 302, 403, 404, 405


@for_each(urls_of(Kind.ORGANISATION))
class AnotherOrganisationTests(TwoCompanies):
    """Given an address of an organisation, when somebody asks who is no member of it."""

    def each_given_our_address_when_they_ask_then_it_does_not_exist(self, url: Url) -> None:
        paths = [_path(url, self.ours, _first(url, named)) for named in (self.ours, self.theirs)]
        before = checksums()
        for (who, client), path, method in product(self.strangers().items(), paths, METHODS):
            self._is_unknown(url, client, method, path, who)
        self.assertEqual(changed_since(before), [])

    def each_given_their_address_when_it_names_our_objects_then_they_do_not_exist(
        self, url: Url
    ) -> None:
        if not _has_objects(url):
            return
        before = checksums()
        for role, session in self.theirs.sessions.items():
            every = _objects(url, self.ours)
            for values in every if role == Role.OWNER else every[:1]:
                path = _path(url, self.theirs, values)
                if role_allows(role, _permission(path)):
                    for method in METHODS:
                        self._is_unknown(url, browser(session), method, path, role)
                else:
                    # For the role alone, before anything is looked up.
                    self._is_refused(url, browser(session), path, role)
        self.assertEqual(changed_since(before), [])

    def each_given_an_owner_of_both_when_objects_are_mixed_up_then_they_do_not_exist(
        self, url: Url
    ) -> None:
        if not _has_objects(url):
            return
        before = checksums()
        for values, method in product(_objects(url, self.ours), _methods(url)):
            path = _path(url, self.theirs, values)
            answer = ask(browser(self.both), method, path)
            self.assertEqual(answer.status_code, UNKNOWN, (method, path))
        self.assertEqual(changed_since(before), [])

    def each_given_ids_that_stand_for_nothing_then_the_answer_is_the_same(self, url: Url) -> None:
        client = browser(self.theirs.sessions[Role.OWNER])
        values = _first(url, self.ours)
        foreign, nowhere = _path(url, self.ours, values), url.path(_nothing(url))
        inside = _path(url, self.theirs, values)
        absent = _path(url, self.theirs, _nothing(url))
        for method in _methods(url):
            real = ask(client, method, foreign)
            self.assertEqual(real.status_code, UNKNOWN)
            self.assertEqual(words(real), words(ask(client, method, nowhere)))
            if _has_objects(url):
                mixed = ask(client, method, inside)
                self.assertEqual(mixed.status_code, UNKNOWN)
                self.assertEqual(words(mixed), words(ask(client, method, absent)))

    def each_given_a_visitor_then_the_sign_in_comes_first_whether_it_exists_or_not(
        self, url: Url
    ) -> None:
        before = checksums()
        paths = (_path(url, self.ours, _first(url, self.ours)), url.path(_nothing(url)))
        for path, method in product(paths, _methods(url)):
            answer = ask(browser(), method, path)
            self.assertEqual(answer.status_code, LED_ON, (method, path))
            self.assertEqual(answer.headers["Location"], f"/accounts/login/?next={path}")
            self.assertEqual(answer.content, b"")
        self.assertEqual(changed_since(before), [])

    def each_given_our_own_objects_then_the_role_decides(self, url: Url) -> None:
        """Without this, a page that answers 404 to everybody would pass the tests above."""
        for role, client in self.members().items():
            every = _objects(url, self.ours)
            for values in every if role == Role.OWNER else every[:1]:
                path = _path(url, self.ours, values)
                if not role_allows(role, _permission(path)):
                    self._is_refused(url, client, path, role)
                elif "get" in _methods(url):
                    answer = ask(client, "get", path)
                    self.assertIn(answer.status_code, (FOUND, LED_ON), (role, path))
                    self.assert_keeps_secrets(answer, self.theirs, path)

    def _is_unknown(self, url: Url, client: Client, method: str, path: str, who: str) -> None:
        """404; or, for a method that no such address takes, 405 before anything is looked up."""
        answer = ask(client, method, path)
        expected = UNKNOWN if method in _methods(url) else WRONG_METHOD
        self.assertEqual(answer.status_code, expected, (who, method, path))
        self.assert_keeps_secrets(answer, self.ours, path)

    def _is_refused(self, url: Url, client: Client, path: str, role: str) -> None:
        """403, and nothing of another company in it; nothing happens."""
        before = checksums()
        for method in _methods(url):
            answer = ask(client, method, path)
            self.assertEqual(answer.status_code, REFUSED, (role, method, path))
            strange = self.ours if self.theirs.organisation in path else self.theirs
            self.assert_keeps_secrets(answer, strange, path)
        self.assertEqual(changed_since(before), [])


def _objects(url: Url, company: Company) -> list[dict[str, str]]:
    """Return the arguments, beside the organisation, for each of the company's objects."""
    names = [name for name in url.arguments if name != "organisation"]
    choices = [(SLUG,) if name == "slug" else company.objects[name] for name in names]
    return [dict(zip(names, values, strict=True)) for values in product(*choices)]


def _first(url: Url, company: Company) -> dict[str, str]:
    return _objects(url, company)[0]


def _path(url: Url, company: Company, values: dict[str, str]) -> str:
    return url.path({**values, "organisation": company.organisation})


def _nothing(url: Url) -> dict[str, str]:
    """Return ids of the right shape that stand for nothing."""
    return {name: SLUG if name == "slug" else f"{name[:3]}_{'0' * 26}" for name in url.arguments}


def _has_objects(url: Url) -> bool:
    return bool(set(url.arguments) - {"organisation", "slug"})


def _permission(path: str) -> str:
    return str(resolve(path).func.permission)


def _methods(url: Url) -> tuple[str, ...]:
    """Return the methods that an address takes, as its own answer to a visitor says."""
    if url.route not in _TAKEN:
        path = url.path(_nothing(url))
        taken = [m for m in METHODS if ask(browser(), m, path).status_code != WRONG_METHOD]
        assert taken, url.route
        _TAKEN[url.route] = tuple(taken)
    return _TAKEN[url.route]


_TAKEN: dict[str, tuple[str, ...]] = {}
