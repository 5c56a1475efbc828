"""Signing keys: Ed25519 seeds with a name (`kid`), as the environment gives them."""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES: Final = 32
_KID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


class InvalidSigningKeys(ValueError):
    """The setting with the signing keys cannot be read; the text never repeats a seed."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its name. Its text form hides the seed."""

    kid: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KID.fullmatch(self.kid):
            raise InvalidSigningKeys("a signing key's name is 1 to 32 letters, digits, - . or _")
        if len(self.seed) != SEED_BYTES:
            raise InvalidSigningKeys(f"the seed of signing key {self.kid!r} is not 32 bytes long")

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that products ship with to verify."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message`."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def new_signing_key(kid: str) -> SigningKey:
    """Return a fresh random key named `kid`. Raises InvalidSigningKeys for a bad name."""
    return SigningKey(kid, secrets.token_bytes(SEED_BYTES))


def parse_signing_keys(text: str) -> tuple[SigningKey, ...]:
    """Read `kid=base64(seed),kid2=…`; the first signs new keys, the others verify older ones.

    Raises InvalidSigningKeys with one sentence that says what is wrong, without the seed.
    """
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if not entries:
        raise InvalidSigningKeys("there is no signing key; give kid=base64(32-byte seed)")
    keys = tuple(_parse_entry(entry, place) for place, entry in enumerate(entries, start=1))
    if len({key.kid for key in keys}) < len(keys):
        raise InvalidSigningKeys("two signing keys have the same name")
    return keys


def format_signing_keys(keys: Iterable[SigningKey]) -> str:
    """Return the text that `parse_signing_keys` reads. It is secret."""
    return ",".join(f"{key.kid}={base64.b64encode(key.seed).decode()}" for key in keys)


def public_keys(keys: Iterable[SigningKey]) -> dict[str, bytes]:
    """Return each key's 32 public bytes by its name."""
    return {key.kid: key.public_key for key in keys}


def signer_of(message: bytes, signature: bytes, keys: Mapping[str, bytes]) -> str | None:
    """Return the name of the public key that verifies `signature`, None if none does."""
    for kid, public_key in keys.items():
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except InvalidSignature:
            continue
        return kid
    return None


def _parse_entry(entry: str, place: int) -> SigningKey:
    kid, equals, encoded = entry.partition("=")
    if not equals:
        raise InvalidSigningKeys(f"signing key number {place} is not of the form kid=base64(seed)")
    try:
        seed = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSigningKeys(f"the seed of signing key number {place} is not base64") from None
    return SigningKey(kid.strip(), seed)
