"""`manage.py verify_licence`: read a key or a licence file, offline; exit code 0 if it is valid."""

import base64
import binascii
import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from licensing.domain.files import BEGIN, MAXIMUM_LENGTH, read_licence_file
from licensing.domain.keys import PREFIX, read_key
from licensing.domain.payload import KeyPayload
from licensing.domain.signing import InvalidSigningKeys
from licensing.services.signing import keyring
from portal.kit.dates import last_day_included
from portal.kit.errors import DomainError

PUBLIC_KEY_BYTES = 32


class Command(BaseCommand):
    help = (
        "Reads a licence key or a .lic file and says what it states. Needs no database and no "
        "network. Exit code 0: valid; 1: forged, changed, expired or not a licence."
    )
    # It must work beside a portal that is half configured, and without one.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="a key or a .lic file; - for standard input")
        parser.add_argument("--key", help="the key's text itself")
        parser.add_argument(
            "--public-key",
            help="the vendor's public key in hex or base64; without it LICENCE_SIGNING_KEYS serves",
        )
        parser.add_argument(
            "--at", metavar="ISO", help="judge at this time instead of now (UTC without a zone)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["key"]) == bool(options["file"]):
            raise CommandError("Give a file, or - for standard input, or --key with the key.")
        text = (options["key"] or _read(options["file"])).strip()
        at = _moment(options["at"])
        try:
            payload = _payload(text, _public_keys(text, options["public_key"]))
        except DomainError as error:
            raise CommandError(f"Not valid. {error.sentence()}") from None
        self._show(payload, at)
        if payload.is_expired(at):
            raise CommandError(f"Not valid. It expired at {payload.expiry:%Y-%m-%d %H:%M} UTC.")

    def _show(self, payload: KeyPayload, at: datetime) -> None:
        state = "expired" if payload.is_expired(at) else "valid"
        last_day = last_day_included(payload.ends_on).isoformat() if payload.ends_on else "no end"
        until = f"{payload.expiry:%Y-%m-%d %H:%M} UTC" if payload.expiry else "no end"
        facts = {
            "State": state,
            "Licence": payload.license_id,
            "Product": payload.product_id,
            "Organisation": f"{payload.organisation_name} ({payload.organisation_id})",
            "Seats": "–" if payload.seats is None else str(payload.seats),
            "Device": payload.device or "–",
            "Support": payload.support or "standard",
            "Last day of term": last_day,
            "Valid until": until,
            "Issued": f"{payload.created:%Y-%m-%d %H:%M} UTC",
            "Signed by": payload.kid,
        }
        for name, fact in facts.items():
            self.stdout.write(f"{name + ':':<18}{fact}")


def _read(name: str) -> str:
    """Return the text of a file or of standard input. Raises CommandError."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return content[: MAXIMUM_LENGTH + 1].decode()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Not valid. {name} cannot be read: {error}") from None


def _payload(text: str, public_keys: Mapping[str, bytes]) -> KeyPayload:
    """Return what a genuine key or file states. Raises InvalidKey and InvalidLicenceFile."""
    if not text.startswith(BEGIN):
        return read_key(text, public_keys)
    file = read_licence_file(text, public_keys)
    return read_key(str(file.licence["attributes"]["key"]), public_keys)


def _public_keys(text: str, given: str | None) -> Mapping[str, bytes]:
    """Return the keys to verify with: the one given, under the name that the licence claims."""
    if given is None:
        try:
            return keyring().public_keys
        except InvalidSigningKeys as error:
            raise CommandError(f"Give --public-key, for {error}.") from None
    return {_claimed_kid(text): _public_key(given)}


def _public_key(text: str) -> bytes:
    for decode in (bytes.fromhex, base64.b64decode):
        try:
            key = decode(text.strip())
        except (ValueError, binascii.Error):
            continue
        if len(key) == PUBLIC_KEY_BYTES:
            return key
    raise CommandError("--public-key takes 32 bytes, in hex or base64.")


def _claimed_kid(text: str) -> str:
    """Return the name of the key that the text says signed it; the signature decides later."""
    try:
        encoded = _key_in(text).strip().removeprefix(PREFIX).partition(".")[0]
        return str(json.loads(base64.urlsafe_b64decode(encoded))["kid"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "?"


def _key_in(text: str) -> str:
    """Return the key itself: the text, or what a licence file's unverified content names."""
    if not text.startswith(BEGIN):
        return text
    body = "".join(text.partition(BEGIN)[2].partition("-----END")[0].split())
    content = json.loads(base64.b64decode(json.loads(base64.b64decode(body))["enc"]))
    return str(content["data"]["attributes"]["key"])


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"not a time in ISO 8601: {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
