"""Absolute addresses for mails and documents, which are read outside of a request."""

from django.conf import settings


def absolute(path: str) -> str:
    """Return the public address of a path that starts with a slash.

    Raises ValueError for a path without one, so that no address of somebody else slips through.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"not a path of this portal: {path!r}")
    return f"{settings.PUBLIC_URL}{path}"
