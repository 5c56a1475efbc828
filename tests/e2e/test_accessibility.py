"""Every page in a real browser: no WCAG A or AA violation found by axe, narrow and wide, light and
dark; whole at 320 px; one h1, a main, a language and a title; no policy violation."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.axe import SCHEMES, WIDTHS, faults_of, load_axe
from tests.e2e.conftest import People
from tests.e2e.live import ROOT, LivePortal

NEW_PASSWORD = "another 88 lanterns"


@pytest.fixture(scope="module")
def states(portal: LivePortal) -> dict[str, Any]:
    """Addresses of a company's orders, keys and requests in every state."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.states"],
        cwd=ROOT,
        env=portal.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


@pytest.fixture
def reader(people: People) -> Page:
    """Somebody whose pages are checked."""
    page = people.someone()
    load_axe(page)
    return page


def faults_at(
    page: Page, paths: Iterable[str], *, check: Callable[[Page], list[str]] = faults_of
) -> list[str]:
    """Open each path and return what is wrong there."""
    found: list[str] = []
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"
        found += check(page)
    return found


def said(faults: list[str]) -> str:
    """Return the faults as a list that a test's failure can show."""
    return "\n".join([f"{len(faults)} faults:", *faults])


def test_given_faulty_markup_when_checked_then_it_is_said(reader: Page) -> None:
    reader.goto("/help/")
    reader.evaluate("""() => {
        const text = document.createElement('p');
        text.textContent = 'too pale to read';
        text.style.color = 'rgb(190, 190, 190)';
        const wide = document.createElement('div');
        wide.style.width = '400px';
        wide.textContent = 'wide';
        document.querySelector('main').append(text, document.createElement('h1'), wide);
        document.querySelector('main').append(document.createElement('button'));
        for (const name of ['one', 'two']) {
            const small = document.createElement('a');
            small.href = '#' + name;
            small.setAttribute('aria-label', name);
            Object.assign(small.style, {display: 'block', width: '9px', height: '9px'});
            wide.append(small);
        }
    }""")

    faults = faults_of(reader)

    assert any("2 h1 elements" in fault for fault in faults)
    assert any("at 320: " in fault and "wider than the window" in fault for fault in faults)
    assert any("1280, light: color-contrast" in fault for fault in faults)
    assert any("320, dark: button-name" in fault for fault in faults)
    # A rule that axe runs only when asked.
    assert any("1280, light: target-size" in fault for fault in faults)


def test_given_a_visitor_when_reading_then_every_page_is_accessible(reader: Page) -> None:
    buy = "/buy/distribution-engine/"
    paths = [
        "/",
        "/?currency=USD",
        "/?currency=XXX",
        buy,
        f"{buy}?quantity=24&currency=EUR&billing_period=annual&support_plan=premier",
        f"{buy}?quantity=five&currency=GBP&billing_period=monthly",
        "/buy/amphis-customer/",
        "/help/",
        "/help/licences/",
        "/help/buying/",
        "/help/paying/",
        "/help/keys/",
        "/help/contact/",
        "/help/contact/sent/",
        "/styleguide/",
    ]

    faults = faults_at(reader, paths)

    reader.goto("/help/contact/")
    reader.locator("main form").evaluate("form => { form.noValidate = true; }")
    reader.get_by_role("button", name="Send").click()
    expect(reader.locator(".field-error").first).to_be_visible()
    faults += faults_of(reader)
    assert not faults, said(faults)


def test_given_no_such_page_when_asked_for_then_the_error_page_is_accessible(
    reader: Page, states: dict[str, Any]
) -> None:
    answer = reader.goto("/nowhere/")
    assert answer is not None
    assert answer.status == 404
    faults = faults_of(reader)
    for path, status in (("/pay/wrong-token/", 404), ("/invitations/wrong-token/", 404)):
        answer = reader.goto(path)
        assert answer is not None
        assert answer.status == status
        faults += faults_of(reader)
    steps.sign_in(reader, "member@harbour.example")
    for path in (f"{states['home']}orders/", f"{states['home']}members/"):
        answer = reader.goto(path)
        assert answer is not None
        assert answer.status == 403
        faults += faults_of(reader)
    assert not faults, said(faults)


def test_given_a_stranger_when_signing_up_and_in_then_every_page_is_accessible(
    reader: Page, portal: LivePortal
) -> None:
    faults = faults_at(
        reader,
        [
            "/accounts/login/",
            "/accounts/signup/",
            "/accounts/password/reset/",
            "/accounts/login/code/",
            "/accounts/inactive/",
            "/accounts/3rdparty/login/cancelled/",
        ],
    )
    reader.goto("/accounts/login/")
    reader.get_by_label("E-mail address").fill("nobody@nowhere.example")
    reader.get_by_label("Password", exact=True).fill("wrong")
    reader.get_by_role("button", name="Sign in", exact=True).click()
    expect(reader.get_by_text("not correct").first).to_be_visible()
    faults += faults_of(reader)

    reader.goto("/accounts/signup/")
    reader.get_by_label("E-mail address").fill("anna@axe.example")
    reader.get_by_label("Password", exact=True).fill("short")
    reader.locator("main form").evaluate("form => { form.noValidate = true; }")
    reader.get_by_role("button", name="Create the account").click()
    expect(reader.locator(".field-error").first).to_be_visible()
    faults += faults_of(reader)

    reader.goto("/accounts/password/reset/")
    reader.get_by_label("E-mail address").fill("owner@harbour.example")
    reader.get_by_role("main").get_by_role("button").first.click()
    reader.wait_for_url(lambda url: not url.endswith("/password/reset/"))
    faults += faults_of(reader)
    mail = portal.wait_for_mail(to="owner@harbour.example", containing="password")
    link = next(word for word in mail.split() if "/password/reset/key/" in word)
    reader.goto("/" + link.split("/", 3)[3])
    faults += faults_of(reader)
    faults += faults_at(reader, ["/accounts/password/reset/key/done/"])

    reader.goto("/accounts/login/code/")
    reader.get_by_label("E-mail").fill("einkauf@bergmann.example")
    reader.get_by_role("main").get_by_role("button").first.click()
    expect(reader.get_by_label("Code")).to_be_visible()
    faults += faults_of(reader)
    assert not faults, said(faults)


def test_given_an_owner_when_at_work_then_every_page_is_accessible(
    reader: Page, states: dict[str, Any]
) -> None:
    steps.sign_in(reader, "owner@harbour.example")
    home = states["home"]
    buy = f"{home}buy/distribution-engine/"
    paths = [
        "/",
        "/buy/distribution-engine/",
        home,
        f"{home}agreements/",
        *states["agreements"].values(),
        f"{home}licences/",
        *states["licences"].values(),
        *states["requests"].values(),
        buy,
        f"{buy}?separate=1&quantity=24",
        f"{home}orders/",
        f"{states['orders']['draft']}review/",
        *(path for name, path in states["orders"].items() if name != "draft"),
        f"{home}documents/",
        f"{home}settings/",
        f"{home}settings/contacts/{states['contact']}/remove/",
        f"{home}members/",
        f"{home}members/{states['member']}/role/",
        f"{home}members/{states['member']}/remove/",
        f"{home}members/leave/",
        "/profile/",
        "/o/new/",
    ]

    faults = faults_at(reader, paths)

    reader.goto(f"{states['orders']['draft']}review/")
    reader.get_by_role("button", name="Place the order").click()
    expect(reader.locator(".field-error").first).to_be_visible()
    faults += faults_of(reader)
    reader.goto(f"{buy}?separate=1&quantity=4")
    faults += faults_of(reader)
    reader.goto(states["orders"]["placed"])
    reader.get_by_role("button", name="Cancel this order").click()
    expect(reader.get_by_role("dialog")).to_be_visible()
    faults += faults_of(reader)
    reader.goto(home)
    reader.locator("summary", has_text="Account").click()
    faults += faults_of(reader)
    assert not faults, said(faults)


def test_given_a_key_when_it_is_shown_then_its_page_is_accessible(
    reader: Page, states: dict[str, Any]
) -> None:
    steps.sign_in(reader, "manager@harbour.example")
    reader.goto(states["licences"]["ready"])
    faults = faults_of(reader)
    reader.get_by_role("button", name="Show the key").click()
    reader.get_by_role("button", name="Copy").first.click()
    expect(reader.get_by_text("Copied.")).to_be_visible()
    faults += faults_of(reader)
    assert not faults, said(faults)


@pytest.mark.parametrize(
    ("person", "refused"),
    [
        ("clerk@harbour.example", {"licences"}),
        ("manager@harbour.example", {"orders", "documents", "buy"}),
    ],
)
def test_given_a_role_when_at_work_then_its_pages_are_accessible(
    reader: Page, states: dict[str, Any], person: str, refused: set[str]
) -> None:
    steps.sign_in(reader, person)
    home = states["home"]
    pages = {
        "home": home,
        "agreement": states["agreements"]["oldest"],
        "request": states["requests"]["asked"],
        "buy": f"{home}buy/distribution-engine/",
        "licences": f"{home}licences/",
        "orders": f"{home}orders/",
        "documents": f"{home}documents/",
    }
    faults: list[str] = []
    for name, path in pages.items():
        answer = reader.goto(path)
        assert answer is not None
        assert (answer.status == 403) == (name in refused), f"{path} answered {answer.status}"
        faults += faults_of(reader)
    assert not faults, said(faults)


def test_given_a_payment_link_when_followed_then_its_page_is_accessible(
    reader: Page, states: dict[str, Any]
) -> None:
    paths = [path for name, path in states["pay"].items() if name != "draft"]

    faults = faults_at(reader, paths)

    assert not faults, said(faults)


def test_given_an_invitation_when_followed_then_its_page_is_accessible(
    reader: Page, states: dict[str, Any], portal: LivePortal
) -> None:
    mail = portal.wait_for_mail(to="new@harbour.example", containing="/invitations/")
    link = next(word for word in mail.split() if "/invitations/" in word)
    path = "/" + link.split("/", 3)[3]

    faults = faults_at(reader, [path])
    steps.sign_in(reader, "partners@fenwick.example")
    faults += faults_at(reader, [path])

    assert not faults, said(faults)


def test_given_a_person_when_caring_for_the_account_then_every_page_is_accessible(
    reader: Page, people: People
) -> None:
    steps.sign_in(reader, "office@lakeland.example")
    faults = faults_at(reader, ["/accounts/reauthenticate/"])
    reader.goto("/accounts/2fa/totp/activate/")
    steps.confirm_identity(reader)
    faults += faults_at(
        reader,
        [
            "/accounts/email/",
            "/accounts/password/change/",
            "/accounts/sessions/",
            "/accounts/2fa/",
            "/accounts/2fa/totp/activate/",
            "/accounts/2fa/webauthn/",
            "/accounts/2fa/webauthn/add/",
            "/accounts/logout/",
        ],
    )
    steps.set_up_authenticator_app(reader)
    faults += faults_of(reader)
    faults += faults_at(
        reader,
        [
            "/accounts/2fa/",
            "/accounts/2fa/recovery-codes/",
            "/accounts/2fa/recovery-codes/generate/",
            "/accounts/2fa/totp/deactivate/",
            "/accounts/2fa/reauthenticate/",
        ],
    )
    again = people.someone()
    load_axe(again)
    again.goto("/accounts/login/")
    again.get_by_label("E-mail address").fill("office@lakeland.example")
    again.get_by_label("Password", exact=True).fill(steps.DEMO_PASSWORD)
    again.get_by_role("button", name="Sign in", exact=True).click()
    again.wait_for_url("**/2fa/authenticate/**")
    faults += faults_of(again)
    assert not faults, said(faults)


def test_given_staff_when_at_work_then_their_pages_are_accessible(
    reader: Page, states: dict[str, Any]
) -> None:
    steps.sign_in(reader, "admin@northwind.example")
    request = _public_id(states["requests"]["accepted"])
    waiting = _public_id(states["requests"]["asked"])
    order = _public_id(states["orders"]["placed"])
    paths = [
        "/admin/",
        "/admin/licensing/keyrequest/",
        f"/admin/licensing/keyrequest/{request}/change/",
        f"/admin/licensing/keyrequest/{request}/do/ask/",
        f"/admin/licensing/keyrequest/{request}/do/decline/",
        f"/admin/licensing/keyrequest/{waiting}/do/record_answer/",
        "/admin/customers/",
        "/admin/customers/?q=Harbour",
        f"/admin/customers/{_public_id(states['home'])}/",
        "/admin/billing/order/",
        f"/admin/billing/order/{order}/change/",
        f"/admin/billing/order/{order}/do/record_transfer/",
        f"/admin/billing/order/{order}/do/approve/",
        "/admin/notifications/mail/",
        "/admin/audit/auditevent/",
    ]

    faults: list[str] = []
    for scheme in SCHEMES:
        # Unfold looks at the scheme when a page is opened.
        reader.emulate_media(color_scheme=scheme)
        faults += faults_at(reader, paths, check=partial(_staff_faults, scheme))

    assert not faults, said(faults)


def _staff_faults(scheme: str, page: Page) -> list[str]:
    expect(page.locator("html")).to_have_class(
        re.compile(r"\bdark\b") if scheme == "dark" else re.compile(r"^(?!.*\bdark\b)")
    )
    return faults_of(page, schemes=(scheme,))


def _public_id(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def test_given_the_sizes_and_schemes_of_the_promise_then_each_is_checked() -> None:
    assert (WIDTHS, SCHEMES) == ((320, 1280), ("light", "dark"))
