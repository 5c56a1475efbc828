"""`manage.py run_due`: all periodic work that is due, once."""

import time
from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from portal.desk.due import run_due
from portal.kit import clock


class Command(BaseCommand):
    help = "Runs all periodic work that is due, once. Exit code 1 if any of it failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at",
            metavar="ISO",
            help="pretend this time, such as 2026-11-24T09:00Z (UTC without a zone); "
            "refused in production",
        )

        parser.add_argument(
            "--every",
            metavar="SECONDS",
            type=int,
            help="keep running, so often, until ended; prints only what failed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"]:
            self._keep_running(options["every"])
        pretended = _moment(options["at"]) if options["at"] else None
        with clock.pretend(pretended) if pretended else nullcontext():
            failed = self._run_once(quiet=False)
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}")

    def _run_once(self, *, quiet: bool) -> list[str]:
        failed = []
        for result in run_due(clock.now()):
            if result.error:
                failed.append(result.name)
            if result.error or not quiet:
                outcome = f"failed: {result.error}" if result.error else str(result.count)
                self.stdout.write(f"{result.name}: {outcome}")
        return failed

    def _keep_running(self, seconds: int) -> NoReturn:
        while True:
            self._run_once(quiet=True)
            close_old_connections()
            time.sleep(seconds)


def _moment(text: str) -> datetime:
    """Read the time to pretend. Raises CommandError for production and for what is no time."""
    if not settings.DEMO:
        raise CommandError("--at is only for the demo: in production the clock is the real one.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"not a time in ISO 8601: {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
