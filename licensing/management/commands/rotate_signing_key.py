"""`manage.py rotate_signing_key`: a new key that signs, the old ones kept to verify."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from licensing.domain.signing import (
    InvalidSigningKeys,
    SigningKey,
    format_signing_keys,
    new_signing_key,
    parse_signing_keys,
)
from portal.kit import clock

SETTING = "LICENCE_SIGNING_KEYS"


class Command(BaseCommand):
    help = (
        "Makes a new signing key. The demo stores it; elsewhere the new value of "
        "LICENCE_SIGNING_KEYS is printed: keep it secret."
    )
    # In production it makes the very first key, before the settings are complete.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kid", help="the new key's name; made from the date without it")
        parser.add_argument(
            "--list",
            action="store_true",
            help="change nothing: print the public key of each, to ship in a product",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            old = parse_signing_keys(settings.LICENCE_SIGNING_KEYS.strip() or "")
        except InvalidSigningKeys as error:
            if settings.LICENCE_SIGNING_KEYS.strip():
                raise CommandError(f"{SETTING} cannot be read: {error}.") from None
            old = ()
        if options["list"]:
            for key in old:
                self.stdout.write(f"{key.kid} {key.public_key.hex()}")
            return
        new = _new_key(options["kid"], old)
        value = format_signing_keys([new, *old])
        stored_in = _demo_file()
        if stored_in is not None:
            _store(stored_in, value)
            self.stdout.write(f"Stored in {stored_in}. Restart the demo to sign with it.")
        else:
            self._print_guidance(value, old)
        self.stdout.write(f"New key:     {new.kid}")
        self.stdout.write(f"Public key:  {new.public_key.hex()}")

    def _print_guidance(self, value: str, old: Sequence[SigningKey]) -> None:
        self.stdout.write("Set this in the environment of every process, then restart them all:\n")
        self.stdout.write(f"{SETTING}={value}\n")
        if old:
            self.stdout.write(
                f"Keep {', '.join(key.kid for key in old)} in it as long as a licence signed with "
                "it lives. Ship the new public key in your product before you rotate."
            )


def _new_key(kid: str | None, old: Sequence[SigningKey]) -> SigningKey:
    """Make a key under a name that no old one has. Raises CommandError."""
    taken = {key.kid for key in old}
    if kid in taken:
        raise CommandError(f"There is a key named {kid!r} already.")
    try:
        return new_signing_key(kid or _free_name(taken))
    except InvalidSigningKeys as error:
        raise CommandError(f"{error}.") from None


def _free_name(taken: set[str]) -> str:
    base = f"{clock.now():%Y-%m-%d}"
    names = (base, *(f"{base}.{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _demo_file() -> Path | None:
    """Return the demo's own file of secrets, unless the environment gives the keys."""
    path: Path | None = getattr(settings, "DEMO_SECRETS_FILE", None)
    if not settings.DEMO or path is None or not path.exists():
        return None
    stored = json.loads(path.read_text()).get(SETTING)
    return path if stored == settings.LICENCE_SIGNING_KEYS else None


def _store(path: Path, value: str) -> None:
    """Replace the file in one step, readable by its owner alone: a crash leaves the old one."""
    made = {**json.loads(path.read_text()), SETTING: value}
    beside = path.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(made, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
