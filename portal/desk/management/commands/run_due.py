"""`manage.py run_due`: all periodic work that is due, once."""

from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

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

    def handle(self, *args: Any, **options: Any) -> None:
        pretended = _moment(options["at"]) if options["at"] else None
        failed = []
        with clock.pretend(pretended) if pretended else nullcontext():
            for result in run_due(clock.now()):
                outcome = f"failed: {result.error}" if result.error else str(result.count)
                self.stdout.write(f"{result.name}: {outcome}")
                if result.error:
                    failed.append(result.name)
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}")


def _moment(text: str) -> datetime:
    """Read the time to pretend. Raises CommandError for production and for what is no time."""
    if not settings.DEMO:
        raise CommandError("--at is only for the demo: in production the clock is the real one.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"not a time in ISO 8601: {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
