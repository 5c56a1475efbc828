"""The frame of every page, error pages, the style guide, and what our policy forbids in markup."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.accounts.models import Membership, Role
from tests import factories

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if "email" not in path.parts]
EXECUTABLE = re.compile(
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", re.IGNORECASE
)
INLINE = re.compile(
    r"<style\b|\sstyle=|\son[a-z]+=[\"']|href=[\"']javascript:|hx-on|js:", re.IGNORECASE
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_has_inline_script_or_style(page: Path) -> None:
    text = re.sub(
        r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", page.read_text(), flags=re.DOTALL
    )
    assert not EXECUTABLE.search(text)
    assert not INLINE.search(text)


def test_the_style_guide_shows_every_component(client: Client, db) -> None:
    answer = client.get(reverse("styleguide"))
    assert answer.status_code == 200
    source = (TEMPLATES / "styleguide" / "index.html").read_text()
    helpers = {"nav-link", "due-time-words", "sum-step", "sum-step-words", "form-errors"}
    names = {path.stem for path in (TEMPLATES / "components").glob("*.html")} - helpers
    assert {name for name in names if f"<c-{name}" not in source} == set()


def test_given_no_demo_when_the_style_guide_is_asked_for_then_it_does_not_exist(
    client: Client, db, settings
) -> None:
    settings.DEMO = False
    assert client.get(reverse("styleguide")).status_code == 404


def test_given_an_unknown_address_when_opened_then_the_404_page_is_ours(
    client: Client, vendor
) -> None:
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()
    assert vendor.legal_name in answer.content.decode()


def test_given_a_broken_database_when_the_500_page_is_made_then_it_asks_it_nothing(
    django_assert_num_queries, db
) -> None:
    with django_assert_num_queries(0):
        html = render_to_string("500.html")
    assert "Something went wrong on our side" in html


@pytest.mark.parametrize("name", ["403", "404", "429", "403_csrf"])
def test_error_pages_render_without_a_vendor(db, name: str) -> None:
    assert "<h1>" in render_to_string(f"{name}.html", request=_request())


def test_a_refused_rule_shows_its_sentence_and_code(db) -> None:
    html = render_to_string(
        "error.html", {"sentence": "At least 5.", "code": "minimum"}, _request()
    )
    assert "At least 5." in html
    assert "<code>minimum</code>" in html


def _request():
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


def _bar(membership: Membership) -> str:
    request = _request()
    request.user = membership.user
    request.membership = membership
    return render_to_string("layouts/workspace.html", {}, request)


@pytest.mark.urls("tests.kit.frame_urls")
@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.OWNER, ["billing:orders", "billing:documents", "accounts:members"], []),
        (Role.BILLING, ["billing:orders", "billing:documents"], ["accounts:members"]),
        (Role.MEMBER, [], ["billing:orders", "billing:documents", "accounts:members"]),
    ],
)
def test_the_bar_offers_what_the_role_may_do(vendor, role: Role, shown, hidden) -> None:
    membership = factories.MembershipFactory(role=role)
    html = _bar(membership)
    organisation = membership.organisation.public_id
    assert all(f'href="{reverse(name, args=[organisation])}"' in html for name in shown)
    assert not any(f'href="{reverse(name, args=[organisation])}"' in html for name in hidden)


@pytest.mark.urls("tests.kit.frame_urls")
def test_given_two_organisations_when_the_bar_shows_then_one_can_switch_to_the_other_only(
    vendor,
) -> None:
    here = factories.MembershipFactory()
    there = factories.MembershipFactory(user=here.user)
    foreign = factories.MembershipFactory()
    html = _bar(here)
    assert f'href="{reverse("licensing:dashboard", args=[there.organisation.public_id])}"' in html
    assert foreign.organisation.public_id not in html


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_signup", "account_reset_password", "account_request_login_code"],
)
def test_the_entrance_pages_have_one_heading_and_labelled_fields(
    client: Client, vendor, name: str
) -> None:
    html = client.get(reverse(name)).content.decode()
    assert html.count("<h1") == 1
    ids = re.findall(r'<input type="(?!hidden)[a-z]+"[^>]*\bid="([^"]+)"', html)
    assert ids
    assert all(f'for="{each}"' in html for each in ids)


def test_the_theme_script_runs_before_the_first_paint_and_nothing_else_blocks(
    client: Client, vendor
) -> None:
    html = client.get(reverse("help:index")).content.decode()
    scripts = re.findall(r"<script[^>]*>", html)
    blocking = [tag for tag in scripts if "defer" not in tag and "module" not in tag]
    assert blocking == ['<script src="/static/js/theme.js">']
