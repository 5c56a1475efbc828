"""Write the demo's vendor, catalogue, people and purchases; keep what is there."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Write the demo data through the portal's own services (demo settings only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo writes into the demo only, never beside real customers.")
        from portal.desk.demo.logins import announce
        from portal.desk.demo.seed import seed

        seed()
        if options["verbosity"] > 0:
            self.stdout.write(announce(url=settings.PUBLIC_URL, with_logins=True))
