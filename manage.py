#!/usr/bin/env python
"""Run a management command; without DJANGO_SETTINGS_MODULE it acts on the demo's data."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.demo")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
