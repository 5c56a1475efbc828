"""Public identifiers: prefixed, unguessable, safe to read aloud and to put in a URL."""

import re
import secrets

# Crockford's base32 letters in lower case: no i, l, o or u, so nothing is read as a digit.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# 26 characters of 5 bits are 130 random bits.
RANDOM_LENGTH = 26
PUBLIC_ID_PATTERN = rf"[a-z]{{2,8}}_[{ALPHABET}]{{{RANDOM_LENGTH}}}"

_PREFIX = re.compile(r"[a-z]{2,8}")
_PUBLIC_ID = re.compile(PUBLIC_ID_PATTERN)


def new_public_id(prefix: str) -> str:
    """Return a new id such as `ord_` + 26 random characters; `prefix` has no underscore.

    Raises ValueError for a prefix that is not 2 to 8 lower-case ASCII letters.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not a prefix of a public id: {prefix!r}")
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))


def is_public_id(text: str, prefix: str | None = None) -> bool:
    """Say whether `text` has the shape of a public id, of `prefix` if one is given."""
    if not _PUBLIC_ID.fullmatch(text):
        return False
    return prefix is None or text.startswith(f"{prefix}_")
