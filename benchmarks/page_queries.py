"""How many queries each page makes, with 20 and with 200 rows: `python -m benchmarks.page_queries`.

Measures on a database of its own (SQLite in memory, or a test database where DATABASE_URL names a
PostgreSQL server) and prints the table of benchmarks/README.md. The suite asserts the same numbers
in tests/architecture/test_query_counts.py. `rows` are those of every kind that a page lists:
agreements, keys, requests, orders, documents, payments, members, products, tax rules and so on.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
django.setup()

import structlog  # noqa: E402 (the settings come first)
from django.test.utils import (  # noqa: E402
    setup_databases,
    setup_test_environment,
    teardown_databases,
)

from portal.desk.groups import write_groups  # noqa: E402
from tests.architecture.pages import FEW, MANY, World, all_pages, measure  # noqa: E402


def main() -> int:
    structlog.configure(processors=[_silence])
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        write_groups()
        world, pages = World(), all_pages()
        few = measure(world, pages, FEW)
        many = measure(world, pages, MANY)
    finally:
        teardown_databases(databases, verbosity=0)
    print(f"| page | seen by | {FEW} rows | {MANY} rows | above six because |")
    print("| --- | --- | ---: | ---: | --- |")
    for page in pages:
        if None not in (few[page.name], many[page.name]):
            row = (page.name, page.who, few[page.name], many[page.name], page.why)
            print(f"| {' | '.join(str(cell) for cell in row)} |")
    return 0


def _silence(logger: object, name: str, event: dict[str, object]) -> dict[str, object]:
    raise structlog.DropEvent


if __name__ == "__main__":
    sys.exit(main())
