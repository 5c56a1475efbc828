"""Licence files: a signed snapshot of a licence for offline use, in Keygen's format.

A block between BEGIN and END holds base64 of JSON `{enc, sig, alg}`; the signed bytes are
`license/` + enc. The file as downloaded is the block, then the licence key on the last line.
"""

import base64
import binascii
import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from licensing.domain.keys import InvalidKey, read_key
from licensing.domain.payload import parse_timestamp, timestamp
from licensing.domain.resources import Resource
from licensing.domain.sealing import CannotUnseal, seal, unseal
from licensing.domain.signing import SigningKey, signer_of
from portal.kit.errors import Invalid, gettext_noop

BEGIN: Final = "-----BEGIN LICENSE FILE-----"
END: Final = "-----END LICENSE FILE-----"
SIGNING_PREFIX: Final = "license/"
MAXIMUM_LENGTH: Final = 131_072
_LINE_LENGTH: Final = 64


class FileAlgorithm(StrEnum):
    """How the content is written; the reader says which it expects, never the file."""

    PLAIN = "base64+ed25519"
    ENCRYPTED = "aes-256-gcm+ed25519"


class FileFault(StrEnum):
    """Why a licence file is refused."""

    FORMAT = "format"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    WRONG_KEY = "wrong_key"
    CONTENT = "content"
    KEY = "key"


_SENTENCES: Final[Mapping[FileFault, str]] = {
    FileFault.FORMAT: gettext_noop("This is not a licence file, or a part of it is missing."),
    FileFault.ALGORITHM: gettext_noop("This licence file is of another kind than expected."),
    FileFault.SIGNATURE: gettext_noop("This licence file was changed, or was not signed by us."),
    FileFault.WRONG_KEY: gettext_noop(
        "This licence file cannot be decrypted with this licence key."
    ),
    FileFault.CONTENT: gettext_noop("This licence file is signed, but cannot be read."),
    FileFault.KEY: gettext_noop("The key at the end of this licence file does not belong to it."),
}


class InvalidLicenceFile(Invalid):
    """The text is not a genuine licence file. `reason` says why."""

    code = "invalid_licence_file"

    def __init__(self, reason: FileFault) -> None:
        super().__init__(_SENTENCES[reason], data={"reason": str(reason)})
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LicenceFile:
    """What a genuine file holds. `expiry` is the file's own (None: no end), not the licence's."""

    kid: str
    licence: Resource
    issued: datetime
    expiry: datetime | None
    ttl: int | None
    key: str | None

    def is_expired(self, at: datetime) -> bool:
        """Say whether the file, as opposed to the licence, has run out at `at`."""
        return self.expiry is not None and at >= self.expiry


def build_licence_file(
    licence: Resource,
    signing_key: SigningKey,
    *,
    issued: datetime,
    ttl: timedelta | None = None,
    licence_key: str | None = None,
) -> str:
    """Return the signed block; encrypted with `licence_key` if one is given.

    `licence` is the resource of `licence_resource`. Without `ttl` the file itself never expires.
    """
    content = json.dumps({"data": licence, "meta": _meta(issued, ttl)}).encode()
    encrypted = licence_key is not None
    enc = seal(content, licence_key) if licence_key is not None else _b64(content)
    algorithm = FileAlgorithm.ENCRYPTED if encrypted else FileAlgorithm.PLAIN
    sig = _b64(signing_key.sign((SIGNING_PREFIX + enc).encode()))
    body = _b64(json.dumps({"enc": enc, "sig": sig, "alg": algorithm.value}).encode())
    return "\n".join([BEGIN, *textwrap.wrap(body, _LINE_LENGTH), END, ""])


def with_key(block: str, key: str) -> str:
    """Return the file as customers download it: the block, ending with the key."""
    return f"{block.rstrip()}\n{key}\n"


def block_of(text: str) -> str:
    """Return the block alone, as other readers of the format want it.

    Raises InvalidLicenceFile (`format`).
    """
    block, _ = _split(text)
    return f"{block}\n"


def read_licence_file(
    text: str,
    public_keys: Mapping[str, bytes],
    *,
    algorithm: FileAlgorithm = FileAlgorithm.PLAIN,
    licence_key: str | None = None,
) -> LicenceFile:
    """Return what a genuine licence file holds, bare or ending with its key.

    The caller fixes the algorithm; an encrypted file needs its `licence_key`. A key at the end
    must be genuine and the one the file speaks of. Raises InvalidLicenceFile, and nothing else.
    """
    block, key = _split(text)
    enc, signature, written = _certificate(block)
    if written != algorithm.value:
        raise InvalidLicenceFile(FileFault.ALGORITHM)
    kid = signer_of((SIGNING_PREFIX + enc).encode(), signature, public_keys)
    if kid is None:
        raise InvalidLicenceFile(FileFault.SIGNATURE)
    content = _content(enc, algorithm, licence_key)
    file = _file(content, kid, key)
    if key is not None:
        _check_key(file, key, public_keys)
    return file


def _split(text: str) -> tuple[str, str | None]:
    """Part a file into the block and the key after it, if there is one."""
    file = text.strip()
    end = file.find(END)
    if not file.startswith(BEGIN) or end < 0 or len(file) > MAXIMUM_LENGTH:
        raise InvalidLicenceFile(FileFault.FORMAT)
    rest = file[end + len(END) :].strip()
    return file[: end + len(END)], rest or None


def _certificate(block: str) -> tuple[str, bytes, str]:
    body = "".join(block.removeprefix(BEGIN).removesuffix(END).split())
    try:
        certificate = json.loads(_unb64(body))
        enc, sig, alg = certificate["enc"], certificate["sig"], certificate["alg"]
        if set(certificate) != {"enc", "sig", "alg"} or not isinstance(enc, str):
            raise InvalidLicenceFile(FileFault.FORMAT)
        enc.encode("ascii")
        return enc, _unb64(sig), alg
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidLicenceFile(FileFault.FORMAT) from None


def _content(enc: str, algorithm: FileAlgorithm, licence_key: str | None) -> bytes:
    try:
        if algorithm is FileAlgorithm.PLAIN:
            return _unb64(enc)
        return unseal(enc, licence_key or "")
    except CannotUnseal:
        raise InvalidLicenceFile(FileFault.WRONG_KEY) from None
    except ValueError:
        raise InvalidLicenceFile(FileFault.CONTENT) from None


def _file(content: bytes, kid: str, key: str | None) -> LicenceFile:
    try:
        document: dict[str, Any] = json.loads(content)
        meta, licence = document["meta"], document["data"]
        issued, expiry, ttl = meta["issued"], meta["expiry"], meta["ttl"]
        if not isinstance(licence, dict) or not isinstance(ttl, int | None):
            raise InvalidLicenceFile(FileFault.CONTENT)
        return LicenceFile(
            kid=kid,
            licence=licence,
            issued=parse_timestamp(issued),
            expiry=parse_timestamp(expiry) if expiry is not None else None,
            ttl=ttl,
            key=key,
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise InvalidLicenceFile(FileFault.CONTENT) from None


def _check_key(file: LicenceFile, key: str, public_keys: Mapping[str, bytes]) -> None:
    """Refuse a key that is not genuine, or not the one that the file speaks of."""
    try:
        payload = read_key(key, public_keys)
        stated = (file.licence["id"], file.licence["attributes"]["key"])
    except (InvalidKey, TypeError, KeyError):
        raise InvalidLicenceFile(FileFault.KEY) from None
    if stated != (payload.license_id, key):
        raise InvalidLicenceFile(FileFault.KEY)


def _meta(issued: datetime, ttl: timedelta | None) -> dict[str, str | int | None]:
    return {
        "issued": timestamp(issued),
        "expiry": timestamp(issued + ttl) if ttl is not None else None,
        "ttl": int(ttl.total_seconds()) if ttl is not None else None,
    }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    """Decode canonical base64. Raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if _b64(data) != text:
        raise binascii.Error("base64 that is not canonical")
    return data
