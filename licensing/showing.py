"""How pages show agreements, licences and key requests: states in words, events in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from licensing.domain.standing import VALIDATING, Standing
from licensing.domain.statuses import (
    PENDING_KEY_REQUESTS,
    AgreementStatus,
    KeyRequestStatus,
    LicenceStatus,
)
from licensing.models import Agreement, KeyRequest, Licence, SeatLedgerEntry, Term
from licensing.models.agreement import AGREEMENT_STATUS_LABELS
from licensing.models.key_request import (
    KEY_REQUEST_KIND_LABELS,
    KEY_REQUEST_STATUS_LABELS,
    KeyRequestKind,
)
from licensing.selectors import standing_of
from portal.kit.dates import ShownDue
from portal.vendor.models import VendorProfile


@dataclass(frozen=True, slots=True)
class State:
    """A state in a word or two, with the tone of its badge."""

    label: Any
    tone: str


_STANDINGS: Final[Mapping[Standing, State]] = {
    Standing.VALID: State(_("In force"), "success"),
    Standing.OVERLAP: State(_("Replaced, still works"), "warning"),
    Standing.SUSPENDED: State(_("Suspended"), "danger"),
    Standing.EXPIRED: State(_("Expired"), "neutral"),
    Standing.REPLACED: State(_("Replaced"), "neutral"),
    Standing.REVOKED: State(_("Revoked"), "danger"),
}
_READY: Final = State(_("Ready to collect"), "success")
_COLLECTED: Final = State(_("Collected"), "neutral")
_NO_KEY: Final = State(_("No key"), "neutral")
_REQUEST_TONES: Final[Mapping[str, str]] = {
    KeyRequestStatus.OPEN: "info",
    KeyRequestStatus.WAITING_FOR_CUSTOMER: "warning",
    KeyRequestStatus.ISSUED: "success",
    KeyRequestStatus.DECLINED: "danger",
    KeyRequestStatus.CANCELLED: "neutral",
}
_AGREEMENT_TONES: Final[Mapping[str, str]] = {
    AgreementStatus.SUSPENDED: "danger",
    AgreementStatus.LAPSED: "warning",
    AgreementStatus.CANCELLED: "neutral",
}
_SEAT_REASONS: Final[Mapping[str, Any]] = {
    "addition": KEY_REQUEST_KIND_LABELS[KeyRequestKind.ADDITION],
    "renewal": KEY_REQUEST_KIND_LABELS[KeyRequestKind.RENEWAL],
    "first": _("First order"),
    "cancelled": _("Agreement cancelled"),
}


@dataclass(frozen=True, slots=True)
class ShownLicence:
    """A licence and what it is worth at the moment of the page."""

    licence: Licence
    standing: Standing

    @property
    def state(self) -> State:
        return _STANDINGS[self.standing]

    @property
    def validates(self) -> bool:
        return self.standing in VALIDATING

    @property
    def is_in_force(self) -> bool:
        return self.standing == Standing.VALID

    @property
    def has_usable_key(self) -> bool:
        """Whether the key is worth handing out: a suspended one may come back."""
        return self.validates or self.standing == Standing.SUSPENDED

    @property
    def is_ready_to_collect(self) -> bool:
        return self.has_usable_key and self.licence.first_collected_at is None


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A key request with its promise: `due` is in the vendor's zone, None while it stands still."""

    key_request: KeyRequest
    state: State
    due: ShownDue | None
    is_pending: bool
    is_waiting: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """An agreement in a list: a row of `holdings_of`, its state and its key's."""

    agreement: Agreement
    state: State
    key: State


@dataclass(frozen=True, slots=True)
class SeatChange:
    """One entry of the seat ledger, and how many seats there are from then on."""

    entry: SeatLedgerEntry
    reason: Any
    total: int


def shown_licence(licence: Licence, now: datetime) -> ShownLicence:
    """Return a licence as it stands at `now`."""
    return ShownLicence(licence, standing_of(licence, now))


def shown_request(key_request: KeyRequest, vendor: VendorProfile, now: datetime) -> ShownRequest:
    """Return a request with its promise as people read it."""
    is_pending = key_request.status in PENDING_KEY_REQUESTS
    due_at = key_request.due_at if is_pending else None
    return ShownRequest(
        key_request=key_request,
        state=State(key_request.get_status_display(), _REQUEST_TONES[key_request.status]),
        due=vendor.calendar().shown_due(due_at) if due_at else None,
        is_pending=is_pending,
        is_waiting=key_request.status == KeyRequestStatus.WAITING_FOR_CUSTOMER,
        is_overdue=due_at is not None and due_at <= now,
    )


def agreement_state(
    status: str, *, starts_on: date | None, ends_on: date | None, grace_days: int, today: date
) -> State:
    """Return an agreement's state; grace and a later start are told by the date alone."""
    if status in _AGREEMENT_TONES:
        known = AgreementStatus(status)
        return State(AGREEMENT_STATUS_LABELS[known], _AGREEMENT_TONES[known])
    if starts_on is not None and starts_on > today:
        return State(_("Starts later"), "info")
    if ends_on is None or today < ends_on:
        return State(_("Active"), "success")
    if today < ends_on + timedelta(days=grace_days):
        return State(_("Term over, in grace"), "warning")
    return State(_("Term over"), "warning")


def shown_holding(row: Any, now: datetime, today: date) -> Holding:
    """Return a row of `holdings_of` as lists show it; `today` is the vendor's date."""
    state = agreement_state(
        row.status,
        starts_on=row.term_starts_on,
        ends_on=row.term_ends_on,
        grace_days=row.product.grace_days,
        today=today,
    )
    return Holding(agreement=row, state=state, key=_key_state(row, now))


def _key_state(row: Any, now: datetime) -> State:
    """Return how the key stands: the one in force if there is one, else the one to come."""
    if row.licence_status == LicenceStatus.SUSPENDED:
        return _STANDINGS[Standing.SUSPENDED]
    if row.licence_status:
        is_over = row.licence_expires_at is not None and row.licence_expires_at <= now
        if is_over:
            return _STANDINGS[Standing.EXPIRED]
        return _COLLECTED if row.licence_first_collected_at else _READY
    if row.request_status:
        status = KeyRequestStatus(row.request_status)
        return State(KEY_REQUEST_STATUS_LABELS[status], _REQUEST_TONES[status])
    return _NO_KEY


def term_of_today(terms: Iterable[Term], today: date) -> Term | None:
    """Return the term that `today` lies in, else the next to come, else the last."""
    in_order = sorted(terms, key=_term_number)
    unfinished = (term for term in in_order if term.ends_on is None or term.ends_on > today)
    return next(unfinished, in_order[-1] if in_order else None)


def seat_changes(entries: Iterable[SeatLedgerEntry]) -> list[SeatChange]:
    """Return the ledger with its running total, oldest first."""
    changes: list[SeatChange] = []
    total = 0
    for entry in entries:
        total += entry.quantity
        changes.append(SeatChange(entry, _SEAT_REASONS.get(entry.reason, entry.reason), total))
    return changes


def state_of(agreement: Agreement, term: Term | None, today: date) -> State:
    """Return the state of an agreement whose current term is known."""
    return agreement_state(
        agreement.status,
        starts_on=term.starts_on if term else None,
        ends_on=term.ends_on if term else None,
        grace_days=agreement.product.grace_days,
        today=today,
    )


def _term_number(term: Term) -> int:
    return term.number
