"""Each page makes a fixed number of queries, the same with 20 and with 200 rows."""

from typing import ClassVar

from django.test import TestCase

from tests.architecture.pages import (
    ABOVE,
    FEW,
    MANY,
    MOST,
    NOT_READ,
    PRESSED,
    Page,
    World,
    all_pages,
    measure,
)

PAGES = all_pages()


class QueryCountTests(TestCase):
    """Given 20 rows, and then 200, of everything that a page lists."""

    few: ClassVar[dict[str, int | None]]
    many: ClassVar[dict[str, int | None]]

    @classmethod
    def setUpTestData(cls) -> None:
        world = World()
        cls.few = measure(world, PAGES, FEW)
        cls.many = measure(world, PAGES, MANY)

    def test_given_every_page_then_it_was_opened_and_measured(self) -> None:
        unread = {name for name, queries in self.few.items() if queries is None}
        self.assertEqual(unread - NOT_READ - PRESSED, set())

    def test_given_the_price_page_and_the_dashboard_then_at_most_six(self) -> None:
        self.assertLessEqual(self.many["prices"] or 99, MOST)
        self.assertLessEqual(self.many["licensing:dashboard"] or 99, MOST)

    def test_given_a_page_above_the_goal_then_its_most_is_what_it_makes(self) -> None:
        """A page that got better is written down, so that it cannot get worse unseen."""
        allowed = {name: most for name, (most, _why) in ABOVE.items()}
        self.assertEqual({name: self.many[name] for name in allowed}, allowed)


def _test_of(page: Page):  # type: ignore[no-untyped-def]
    def test(self: QueryCountTests) -> None:
        few, many = self.few[page.name], self.many[page.name]
        self.assertEqual(few, many, "the number of rows changes the number of queries")
        self.assertLessEqual(many or 0, page.most)

    return test


for _page in PAGES:
    if _page.name not in NOT_READ | PRESSED:
        _title = "".join(letter if letter.isalnum() else "_" for letter in _page.name)
        setattr(QueryCountTests, f"test_queries_of__{_title}", _test_of(_page))
