"""`make test`: run every test that this machine can, and say loudly which it could not.

Each phase runs pytest once, on SQLite or on servers that start for this run alone (see
tests/services.py). Nothing is left out in silence: with CI=true a test that was left out or
skipped is a failure. `--on-services` runs the whole suite on PostgreSQL, Redis and a real Celery
worker instead, which is what CI does besides.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests import services
from tests.services import Missing

ROOT = Path(__file__).resolve().parents[1]
PLAIN = "not postgres and not worker and not browser"
WORKERS = ("-n", str(min(os.cpu_count() or 1, 8)))
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|errors?)\b")
# What each service is needed for, as the last lines of the run name it.
POSTGRES_TESTS = "the tests of row locks and of the Celery worker"


@dataclass
class Tally:
    """What ran, what failed, what was left out and how to get it."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failed_phases: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, title: str, closing_line: str, exit_code: int, seconds: float) -> None:
        """Add the counts of pytest's closing line; any exit code but 0 is a failed phase."""
        self.seconds[title] = seconds
        for count, word in COUNTED.findall(closing_line):
            if word == "passed":
                self.passed += int(count)
            elif word in ("skipped", "xfailed"):
                self.skipped += int(count)
            else:
                self.failed += int(count)
        if exit_code != 0:
            self.failed_phases.append(title)

    def exit_code(self, *, strict: bool) -> int:
        """0 where all is well; `strict` (CI) leaves nothing out."""
        if self.failed or self.failed_phases or not self.passed:
            return 1
        return 1 if strict and (self.left_out or self.skipped) else 0


def say(sentence: str) -> None:
    print(f"\n→ {sentence}", flush=True)


def run_phase(tally: Tally, title: str, *options: str, **environment: str) -> None:
    """Run pytest once and add its counts to the tally."""
    say(title)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *options],
        cwd=ROOT,
        env={**clean_environment(), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    closing = ""
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        closing = line if COUNTED.search(line) else closing
    tally.add(title, closing, process.wait(), time.monotonic() - began)


def clean_environment() -> dict[str, str]:
    """What the shell has, without what would point the suite at somebody's own data."""
    ours = ("_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "DEMO_DIR", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.endswith(ours)}
    return {**kept, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}


def own_database(server: str) -> str:
    """Return a URL whose test databases no other run has: test_portal_<process id>…"""
    return urlunsplit(urlsplit(server)._replace(path=f"/portal_{os.getpid()}"))


@contextmanager
def available(
    tally: Tally, tests: str, *needed: Callable[[], Any]
) -> Iterator[Sequence[Any] | None]:
    """Yield what is needed for some tests; or None, and note that they are left out and why."""
    with ExitStack() as stack:
        try:
            found = [
                stack.enter_context(made) if hasattr(made, "__enter__") else made
                for made in (need() for need in needed)
            ]
        except Missing as missing:
            tally.left_out.append(f"{tests}: needs {missing}")
            found = None
        yield found


def run_everything_here(tally: Tally) -> None:
    """`make test`: SQLite with nothing else running, then whatever this machine has besides."""
    run_phase(tally, "The suite on SQLite", "-m", PLAIN, *WORKERS)
    with available(tally, "the browser tests", services.browser) as found:
        if found:
            run_phase(tally, "The browser tests on the demo's SQLite", "-m", "browser")
    with available(tally, POSTGRES_TESTS, services.postgres, services.redis) as found:
        if found:
            run_service_phases(tally, *found)


def run_on_services(tally: Tally) -> None:
    """What only CI does: the same suite on PostgreSQL, with Redis and a real Celery worker."""
    needed = (services.postgres, services.redis, services.browser)
    with available(tally, "everything on PostgreSQL and Redis", *needed) as found:
        if not found:
            return
        server, broker, _ = found
        urls = {"DATABASE_URL": own_database(server), "REDIS_URL": broker}
        run_phase(tally, "The suite on PostgreSQL", "-m", PLAIN, *WORKERS, **urls)
        title = "The browser tests on PostgreSQL, Redis and a Celery worker"
        run_phase(tally, title, "-m", "browser", DATABASE_URL=server, REDIS_URL=broker)


def run_service_phases(tally: Tally, server: str, broker: str) -> None:
    urls = {"DATABASE_URL": own_database(server), "REDIS_URL": broker}
    run_phase(tally, "Row locks, on PostgreSQL", "-m", "postgres", **urls)
    run_phase(tally, "A real Celery worker, on PostgreSQL and Redis", "-m", "worker", **urls)


def report(tally: Tally, *, strict: bool) -> int:
    code = tally.exit_code(strict=strict)
    say("Phases")
    for title, seconds in tally.seconds.items():
        mark = "FAILED" if title in tally.failed_phases else "ok"
        print(f"  {mark:<7}{seconds:6.0f} s  {title}")
    if tally.left_out:
        print("\n" + "=" * 78 + "\nNOT RUN on this machine:")
        for item in tally.left_out:
            print(f"  - {item}")
        print("=" * 78)
    print(f"\n{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    if strict and (tally.left_out or tally.skipped):
        print("CI leaves nothing out: this run failed because something was.")
    return code


def main() -> int:
    tally = Tally()
    if "--on-services" in sys.argv[1:]:
        run_on_services(tally)
    else:
        run_everything_here(tally)
    return report(tally, strict=os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())
