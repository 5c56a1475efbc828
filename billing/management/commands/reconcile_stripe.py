"""`manage.py reconcile_stripe`: ask Stripe about everything that is not settled, now."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.services.reconcile import reconcile_attempts, sweep_refunds
from billing.stripe.errors import StripeRefused, StripeUnavailable
from billing.webhooks.inbox import sweep_events
from billing.webhooks.reconcile import KEPT, fetch_events
from portal.kit import clock


class Command(BaseCommand):
    help = "Fetch events that never came, and sync open payments and refunds with Stripe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=3,
            help="How far back to look for events, at most 30 days (default 3).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        days = timedelta(days=options["days"])
        if not timedelta(0) < days <= KEPT:
            raise CommandError("--days is a number from 1 to 30.")
        try:
            fetched = fetch_events(since=now - days)
        except (StripeUnavailable, StripeRefused) as error:
            raise CommandError(f"Stripe: {error.detail}") from error
        self.stdout.write(f"events fetched: {fetched}")
        self.stdout.write(f"events handled again: {sweep_events(now)}")
        self.stdout.write(f"payments synced: {reconcile_attempts(now)}")
        self.stdout.write(f"refunds synced: {sweep_refunds(now)}")
