"""What a licence is worth at a moment: its stored status, and the dates that nobody stores."""

from datetime import datetime
from enum import StrEnum

from licensing.domain.statuses import LicenceStatus


class Standing(StrEnum):
    """How a licence stands; only `VALID` and `OVERLAP` validate."""

    VALID = "valid"
    OVERLAP = "overlap"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"


VALIDATING = frozenset({Standing.VALID, Standing.OVERLAP})


def standing(
    status: str, *, at: datetime, expires_at: datetime | None, overlap_ends_at: datetime | None
) -> Standing:
    """Return how a licence stands at `at`; the moment of an end is already after it.

    Revoked and suspended come before expired, so that the customer reads the graver reason.
    """
    if status == LicenceStatus.REVOKED:
        return Standing.REVOKED
    if status == LicenceStatus.SUSPENDED:
        return Standing.SUSPENDED
    if expires_at is not None and at >= expires_at:
        return Standing.EXPIRED
    if status == LicenceStatus.SUPERSEDED:
        overlaps = overlap_ends_at is not None and at < overlap_ends_at
        return Standing.OVERLAP if overlaps else Standing.REPLACED
    return Standing.VALID
