"""Every URL is classified, so that the tests of who sees what reach it."""

import pytest

from portal.accounts.permissions import Permission
from tests.architecture.urls import ARGUMENTS, PREFIXES, Kind, Url, all_urls, urls_of


def test_given_every_url_then_each_is_in_a_class() -> None:
    assert [url.route for url in all_urls() if url.kind is None] == []


def test_given_every_url_then_each_argument_is_one_that_the_tests_can_fill() -> None:
    unknown = {url.route: url.unknown_arguments for url in all_urls() if url.unknown_arguments}
    assert unknown == {}


def test_given_a_new_url_when_nobody_classified_it_then_it_is_found() -> None:
    assert Url("reports/<str:report>/", "report", ("report",)).kind is None
    added = Url("o/<str:organisation>/reports/<str:report>/", "r", ("organisation", "report"))
    assert added.kind is Kind.ORGANISATION
    assert added.unknown_arguments == {"report"}


def test_given_an_address_under_accounts_that_is_no_entrance_then_it_is_a_persons() -> None:
    assert Url("accounts/loginless/", "new").kind is Kind.PERSON


@pytest.mark.parametrize("prefix", [prefix for prefix, _ in PREFIXES])
def test_given_a_prefix_then_some_url_has_it(prefix: str) -> None:
    first = [
        next(known for known, _ in PREFIXES if url.route.startswith(known))
        for url in all_urls()
        if url.route
    ]
    assert prefix in first


@pytest.mark.parametrize("kind", list(Kind))
def test_given_a_known_argument_then_some_url_takes_it(kind: Kind) -> None:
    taken = {argument for url in urls_of(kind) for argument in url.arguments}
    assert taken == ARGUMENTS[kind]


def test_given_a_url_of_an_organisation_then_its_view_is_behind_the_gate_of_a_permission() -> None:
    gated = {url.name: getattr(url.view, "permission", None) for url in urls_of(Kind.ORGANISATION)}
    assert [name for name, permission in gated.items() if permission not in Permission] == []
    assert len(gated) >= 30
