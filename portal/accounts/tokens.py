"""Tokens of invitations: sent once in a mail, kept only as a hash."""

import hashlib
import secrets


def new_token() -> str:
    """Return a token of 256 random bits for a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the SHA-256 of a token; enough, because a token cannot be guessed from a list."""
    return hashlib.sha256(token.encode()).hexdigest()
