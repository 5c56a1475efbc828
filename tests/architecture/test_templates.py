"""Pages as they are rendered: one heading, a language, a main part, and nothing inline."""

import re
from html.parser import HTMLParser
from typing import ClassVar

from django.test import TestCase

from tests.architecture.pages import NOT_READ, PRESSED, STAFF, Page, World, all_pages

# What is read by programs or saved as a file.
NO_PAGES = {
    "healthz",
    "readyz",
    "licensing:licence_file",
    "billing:document_pdf",
    "pay:document_pdf",
}
PAGES = [
    page
    for page in all_pages()
    if page.who != STAFF and page.name not in NOT_READ | PRESSED | NO_PAGES
]
EVENTS = re.compile(r"^(on[a-z]+|hx-on.*|x-.*|style)$")
DATA_TYPES = {"application/json", "importmap"}


class Outline(HTMLParser):
    """What a page has of the things that are counted or forbidden."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings = self.mains = 0
        self.language = ""
        self.titles = 0
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.headings += tag == "h1"
        self.mains += tag == "main"
        self.titles += tag == "title"
        if tag == "html":
            self.language = named.get("lang") or ""
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "style" or (tag == "script" and self._is_inline(named)):
            self.inline.append(tag)
        for name, value in attrs:
            if EVENTS.match(name) or (value or "").strip().lower().startswith("javascript:"):
                self.inline.append(f"{tag} {name}")

    @staticmethod
    def _is_inline(script: dict[str, str | None]) -> bool:
        return "src" not in script and script.get("type") not in DATA_TYPES


class RenderedPageTests(TestCase):
    """Given a company with something of everything, when a page is opened."""

    pages: ClassVar[dict[str, str]]

    @classmethod
    def setUpTestData(cls) -> None:
        world = World()
        values = world.values
        cls.pages = {
            page.name: world.client(page.who).get(page.path.format(**values)).content.decode()
            for page in PAGES
        }


def _test_of(page: Page):  # type: ignore[no-untyped-def]
    def test(self: RenderedPageTests) -> None:
        outline = Outline(self.pages[page.name])
        self.assertEqual(outline.headings, 1, "h1")
        self.assertEqual(outline.mains, 1, "main")
        self.assertEqual(outline.titles, 1, "title")
        self.assertEqual(outline.language, "en-gb")
        self.assertEqual(outline.inline, [])
        doubled = {name for name in outline.ids if outline.ids.count(name) > 1}
        self.assertEqual(doubled, set())

    return test


for _page in PAGES:
    _title = "".join(letter if letter.isalnum() else "_" for letter in _page.name)
    setattr(RenderedPageTests, f"test_page__{_title}", _test_of(_page))
