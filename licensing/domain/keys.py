"""Licence keys: `key/` + payload + `.` + Ed25519 signature, as Keygen's ED25519_SIGN.

The signed bytes are the text before the dot. Base64 is URL-safe and padded.
"""

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from licensing.domain.payload import KeyPayload, MalformedPayload, from_json, to_json
from licensing.domain.signing import SigningKey, signer_of
from portal.kit.errors import Invalid, gettext_noop

SCHEME: Final = "ED25519_SIGN"
PREFIX: Final = "key/"
# Ours have some 800 characters; whatever is far longer need not be decoded to be refused.
MAXIMUM_LENGTH: Final = 16_384


class KeyFault(StrEnum):
    """Why a key is not genuine."""

    FORMAT = "format"
    SIGNATURE = "signature"
    PAYLOAD = "payload"


_SENTENCES: Final[Mapping[KeyFault, str]] = {
    KeyFault.FORMAT: gettext_noop("This is not a licence key, or a part of it is missing."),
    KeyFault.SIGNATURE: gettext_noop("This key was changed, or was not signed by us."),
    KeyFault.PAYLOAD: gettext_noop("This key is signed, but its content cannot be read."),
}


class InvalidKey(Invalid):
    """The text is not a genuine key. `reason` says why; the code is `invalid_key`."""

    code = "invalid_key"

    def __init__(self, reason: KeyFault) -> None:
        super().__init__(_SENTENCES[reason], data={"reason": str(reason)})
        self.reason = reason


def sign_key(payload: KeyPayload, signing_key: SigningKey) -> str:
    """Return the key that states `payload`, signed. Raises ValueError if its `kid` is another's."""
    if payload.kid != signing_key.kid:
        raise ValueError(f"the payload names {payload.kid!r}, not {signing_key.kid!r}")
    signed = PREFIX + base64.urlsafe_b64encode(to_json(payload)).decode()
    signature = signing_key.sign(signed.encode())
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode()}"


def read_key(text: str, public_keys: Mapping[str, bytes]) -> KeyPayload:
    """Return what a genuine key states; white space around it is ignored.

    `public_keys` gives 32 bytes by `kid`. Nothing inside the key is looked at before a signature
    has proved it. Whether it is expired, superseded or revoked is not asked here. Raises
    InvalidKey, and nothing else, for any other text.
    """
    key = text.strip()
    signed, dot, encoded_signature = key.partition(".")
    if not dot or not key.startswith(PREFIX) or len(key) > MAXIMUM_LENGTH:
        raise InvalidKey(KeyFault.FORMAT)
    content = _decode(signed.removeprefix(PREFIX))
    kid = signer_of(signed.encode(), _decode(encoded_signature), public_keys)
    if kid is None:
        raise InvalidKey(KeyFault.SIGNATURE)
    try:
        payload = from_json(content)
    except MalformedPayload:
        raise InvalidKey(KeyFault.PAYLOAD) from None
    if payload.kid != kid:
        raise InvalidKey(KeyFault.PAYLOAD)
    return payload


def _decode(encoded: str) -> bytes:
    """Decode base64 that is written in the one canonical way, so that no key has two texts."""
    try:
        data = base64.urlsafe_b64decode(encoded.encode("ascii"))
    except (binascii.Error, ValueError):
        raise InvalidKey(KeyFault.FORMAT) from None
    if base64.urlsafe_b64encode(data).decode() != encoded:
        raise InvalidKey(KeyFault.FORMAT)
    return data
