"""Terms of agreements: when they end, when their keys stop, how long an old key overlaps."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.kit.dates import ONE_DAY, add_years, local_midnight_utc

OVERLAP_DAYS: Final = 30


def term_end(starts_on: date) -> date:
    """Return the exclusive end of a one-year term; from 29 February it is 28 February."""
    return add_years(starts_on, 1)


def expiry(ends_on: date, grace_days: int, time_zone: ZoneInfo) -> datetime:
    """Return when a key of a term stops: its exclusive end plus grace, 00:00 in `time_zone`.

    The answer is in UTC. Raises ValueError for a negative grace.
    """
    if grace_days < 0:
        raise ValueError("grace is not negative")
    return local_midnight_utc(ends_on + grace_days * ONE_DAY, time_zone)


def overlap_ends(
    superseded_at: datetime,
    new_first_used_at: datetime | None = None,
    *,
    days: int = OVERLAP_DAYS,
    count_falls_at: datetime | None = None,
) -> datetime:
    """Return when a superseded key stops validating at its own count.

    Until the new key is first used, at most `days` days. Where the new count is lower, the old
    key runs to the moment the lower count begins (`count_falls_at`, the new term's start): the
    larger count is paid until then, and not a moment longer.
    """
    if count_falls_at is not None:
        return max(count_falls_at, superseded_at)
    latest = superseded_at + timedelta(days=days)
    if new_first_used_at is None:
        return latest
    return min(latest, max(new_first_used_at, superseded_at))
