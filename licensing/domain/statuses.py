"""Statuses of key requests, licences and agreements, and which may follow which."""

from enum import StrEnum
from typing import Final

from portal.kit.transitions import TransitionTable


class KeyRequestStatus(StrEnum):
    """The life of a customer's ask for a key."""

    OPEN = "open"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    ISSUED = "issued"
    DECLINED = "declined"
    CANCELLED = "cancelled"


# A key is issued only while our clock runs: first the customer's answer, then the key.
KEY_REQUEST_TRANSITIONS: Final = TransitionTable(
    "key request",
    {
        KeyRequestStatus.OPEN: frozenset(
            {
                KeyRequestStatus.WAITING_FOR_CUSTOMER,
                KeyRequestStatus.ISSUED,
                KeyRequestStatus.DECLINED,
                KeyRequestStatus.CANCELLED,
            }
        ),
        KeyRequestStatus.WAITING_FOR_CUSTOMER: frozenset(
            {KeyRequestStatus.OPEN, KeyRequestStatus.DECLINED, KeyRequestStatus.CANCELLED}
        ),
        KeyRequestStatus.ISSUED: frozenset(),
        KeyRequestStatus.DECLINED: frozenset(),
        KeyRequestStatus.CANCELLED: frozenset(),
    },
)
# In the licence desk's queue, or waiting to come back to it.
PENDING_KEY_REQUESTS: Final = frozenset(
    {KeyRequestStatus.OPEN, KeyRequestStatus.WAITING_FOR_CUSTOMER}
)
TERMINAL_KEY_REQUESTS: Final = KEY_REQUEST_TRANSITIONS.terminal


class LicenceStatus(StrEnum):
    """The life of one issued key."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


LICENCE_TRANSITIONS: Final = TransitionTable(
    "licence",
    {
        LicenceStatus.ACTIVE: frozenset(
            {LicenceStatus.SUPERSEDED, LicenceStatus.SUSPENDED, LicenceStatus.REVOKED}
        ),
        LicenceStatus.SUSPENDED: frozenset(
            {LicenceStatus.ACTIVE, LicenceStatus.SUPERSEDED, LicenceStatus.REVOKED}
        ),
        LicenceStatus.SUPERSEDED: frozenset({LicenceStatus.REVOKED}),
        LicenceStatus.REVOKED: frozenset(),
    },
)
# The one licence of an agreement that is in force, even while it is suspended.
CURRENT_LICENCES: Final = frozenset({LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED})
TERMINAL_LICENCES: Final = LICENCE_TRANSITIONS.terminal


class AgreementStatus(StrEnum):
    """The stored status of an agreement; grace is not stored, the date tells it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


# A lapsed agreement comes back when it is renewed within the days that keep its anniversary.
AGREEMENT_TRANSITIONS: Final = TransitionTable(
    "agreement",
    {
        AgreementStatus.ACTIVE: frozenset(
            {AgreementStatus.SUSPENDED, AgreementStatus.LAPSED, AgreementStatus.CANCELLED}
        ),
        AgreementStatus.SUSPENDED: frozenset(
            {AgreementStatus.ACTIVE, AgreementStatus.LAPSED, AgreementStatus.CANCELLED}
        ),
        AgreementStatus.LAPSED: frozenset({AgreementStatus.ACTIVE, AgreementStatus.CANCELLED}),
        AgreementStatus.CANCELLED: frozenset(),
    },
)
# The organisation holds the product: "buy" leads to "add more".
CURRENT_AGREEMENTS: Final = frozenset({AgreementStatus.ACTIVE, AgreementStatus.SUSPENDED})
TERMINAL_AGREEMENTS: Final = AGREEMENT_TRANSITIONS.terminal
