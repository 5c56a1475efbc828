"""Counting attempts in the shared cache; several workers share one count where Redis runs."""

from hashlib import sha256

from django.core.cache import cache

from portal.kit.errors import DomainError, gettext_noop


class TooManyRequests(DomainError):
    """Somebody did the same thing too often."""

    code = "too_many_requests"
    status = 429
    default_message = gettext_noop("That was too often. Please wait a while and try again.")


def count_attempt(scope: str, who: str, *, limit: int, seconds: int) -> None:
    """Count one attempt of `who`; raises TooManyRequests from attempt `limit` + 1 on.

    The window of `seconds` begins with the first attempt. `who` (an address, an id) is hashed,
    so that the cache holds no personal data.
    """
    key = f"rate:{scope}:{sha256(who.encode()).hexdigest()[:32]}"
    if cache.add(key, 1, timeout=seconds):
        return
    try:
        attempts = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, timeout=seconds)
        return
    if attempts > limit:
        raise TooManyRequests(data={"limit": limit, "seconds": seconds})
