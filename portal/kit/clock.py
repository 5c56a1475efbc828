"""The one source of "now", so that a command can pretend a time outside production."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_pretended: ContextVar[datetime | None] = ContextVar("pretended_now", default=None)


def now() -> datetime:
    """Return the current moment, aware and in UTC; or the pretended one."""
    return _pretended.get() or timezone.now()


@contextmanager
def pretend(at: datetime) -> Iterator[None]:
    """Let `now()` answer `at` (aware) within the block."""
    if timezone.is_naive(at):
        raise ValueError("a pretended time needs a zone")
    token = _pretended.set(at)
    try:
        yield
    finally:
        _pretended.reset(token)
