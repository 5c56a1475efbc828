"""Encryption of licence files: AES-256-GCM under the SHA-256 of the licence key, as Keygen's."""

import base64
import hashlib
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class CannotUnseal(ValueError):
    """The text is not sealed, or with another secret."""


def seal(content: bytes, secret: str) -> str:
    """Return `ciphertext.iv.tag`, each in base64, with a fresh nonce."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(secret)).encrypt(nonce, content, None)
    parts = (sealed[:-_TAG_BYTES], nonce, sealed[-_TAG_BYTES:])
    return ".".join(base64.b64encode(part).decode() for part in parts)


def unseal(text: str, secret: str) -> bytes:
    """Return the content. Raises CannotUnseal for a wrong secret or a broken text."""
    try:
        ciphertext, nonce, tag = (base64.b64decode(part, validate=True) for part in text.split("."))
        if len(nonce) != _NONCE_BYTES or len(tag) != _TAG_BYTES:
            raise CannotUnseal("a nonce of 12 and a tag of 16 bytes are needed")
        return AESGCM(_key(secret)).decrypt(nonce, ciphertext + tag, None)
    except (InvalidTag, ValueError):
        raise CannotUnseal("this cannot be decrypted with this secret") from None


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
