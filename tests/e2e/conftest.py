"""A served portal and a real browser, which fails a test on any script error or CSP violation."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.e2e.live import LivePortal, serve

# Steps of an errand are photographed here, for a person to look at.
PICTURES = Path(__file__).resolve().parents[2] / "test-pictures"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("the browser tests need Chromium: apt-get install chromium")
    return {
        "executable_path": chromium,
        "args": [
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    with serve(tmp_path_factory.mktemp("portal")) as served:
        yield served


class People:
    """Separate browser sessions: each person has cookies of their own."""

    def __init__(self, browser: Browser, portal: LivePortal, pictures: Path) -> None:
        self._browser = browser
        self._portal = portal
        self._pictures = pictures
        self._contexts: list[BrowserContext] = []
        self._shots = 0
        self.faults: list[str] = []

    def someone(self, *, width: int = 1280, dark: bool = False, javascript: bool = True) -> Page:
        """Return a page of a new person who is not signed in."""
        context = self._browser.new_context(
            base_url=self._portal.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        return page

    def picture(self, page: Page, name: str) -> None:
        """Keep a picture of a step."""
        self._shots += 1
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = self._pictures / f"{self._shots:02}-{name}.png"
        page.screenshot(path=path, full_page=True)

    def picture_all(self, name: str) -> None:
        """Keep a picture of where everybody ended; of a failed test, where it stood still."""
        for context in self._contexts:
            for page in context.pages:
                self.picture(page, name)

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note_console(self, message: ConsoleMessage) -> None:
        text = message.text
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.faults.append(f"{message.location}: {text}")


@pytest.fixture
def people(
    browser: Browser, portal: LivePortal, request: pytest.FixtureRequest
) -> Iterator[People]:
    made = People(browser, portal, PICTURES / request.node.name)
    yield made
    made.picture_all("end")
    made.close()
    assert made.faults == []


@pytest.fixture
def books_hold(portal: LivePortal) -> Iterator[None]:
    """Given a test that buys something, when it is done, then every invariant holds."""
    yield
    checked = portal.manage("check_books")
    assert checked.returncode == 0, checked.stdout + checked.stderr
