"""`manage.py check_books`: exit 0 where every invariant of money, keys and numbers holds."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from billing.services.books import check_books


class Command(BaseCommand):
    help = "Check every invariant of money, keys and numbers; prints what is broken and exits 1."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = check_books()
        for finding in findings:
            self.stdout.write(f"{finding.code}\t{finding.subject}\t{finding.detail}")
        if findings:
            self.stderr.write(f"{len(findings)} broken.")
            sys.exit(1)
        self.stdout.write("The books hold.")
