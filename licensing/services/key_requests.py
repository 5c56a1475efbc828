"""Key requests: opened, taken, paused for the customer, declined."""

from datetime import datetime, timedelta

from django.db import transaction

from licensing.domain.statuses import (
    PENDING_KEY_REQUESTS,
    AgreementStatus,
    KeyRequestStatus,
    LicenceStatus,
)
from licensing.models import Agreement, KeyRequest, Licence
from licensing.models.key_request import KeyRequestKind
from licensing.selectors import current_licence, key_due_at, key_request_of_order
from licensing.services import mails
from licensing.services.errors import (
    AgreementNotActive,
    KeyOnItsWay,
    NoKeyYet,
    NotWaiting,
    RequestClosed,
    TooManyReissues,
    checked_text,
)
from licensing.services.locks import lock_agreement, lock_key_request
from portal.accounts.models import User
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.dates import Pause
from portal.vendor.selectors import get_vendor

REISSUE_LIMIT = 3
REISSUE_DAYS = 30
TEXT_LENGTH = 500
REASON_LENGTH = 300


@transaction.atomic
def open_key_request(
    *,
    agreement: Agreement,
    kind: KeyRequestKind,
    quantity_before: int,
    quantity_after: int,
    at: datetime,
    actor: Actor,
    order_id: str = "",
    requested_by: str = "",
    reason: str = "",
) -> KeyRequest:
    """Open a request, due by the product's promise from `at`; once for an order.

    Quantities are seats on the old and the new key; `requested_by` is an e-mail address.
    """
    known = key_request_of_order(order_id) if order_id else None
    if known is not None and kind != KeyRequestKind.REISSUE:
        return known
    key_request = KeyRequest.objects.create(
        agreement=agreement,
        kind=kind,
        order_id=order_id,
        requested_by=requested_by,
        reason=reason,
        quantity_before=quantity_before,
        quantity_after=quantity_after,
        requested_at=at,
        due_at=key_due_at(agreement.product, at),
    )
    _record("key_request.opened", key_request, actor, kind=str(kind), seats=quantity_after)
    return key_request


@transaction.atomic
def take_request(*, key_request: KeyRequest, staff: User, actor: Actor) -> KeyRequest:
    """Write down which member of staff works on a pending request; a colleague may take it over."""
    key_request = lock_key_request(key_request)
    _require_pending(key_request)
    if key_request.taken_by_id == staff.pk:
        return key_request
    before = key_request.taken_by
    key_request.taken_by = staff
    key_request.taken_at = clock.now()
    key_request.save(update_fields=["taken_by", "taken_at"])
    _record("key_request.taken", key_request, actor, taken_from=before.public_id if before else "")
    return key_request


@transaction.atomic
def wait_for_customer(*, key_request: KeyRequest, question: str, actor: Actor) -> KeyRequest:
    """Ask the customer and stop the clock, visibly; a promise already broken stays broken."""
    key_request = lock_key_request(key_request)
    _require_pending(key_request)
    key_request.question = checked_text(question, field="question", limit=TEXT_LENGTH)
    key_request.answer = ""
    key_request.move_to(KeyRequestStatus.WAITING_FOR_CUSTOMER)
    key_request.waiting_since = clock.now()
    key_request.due_at = _due_at(key_request)
    key_request.save(update_fields=["question", "answer", "status", "waiting_since", "due_at"])
    _record("key_request.waiting", key_request, actor, question=key_request.question)
    mails.mail_question(key_request)
    return key_request


@transaction.atomic
def answer_question(*, key_request: KeyRequest, answer: str, actor: Actor) -> KeyRequest:
    """Take the customer's answer; the clock runs on, moved by the working time that it stood."""
    key_request = lock_key_request(key_request)
    since = key_request.waiting_since
    if key_request.status != KeyRequestStatus.WAITING_FOR_CUSTOMER or since is None:
        raise NotWaiting
    key_request.answer = checked_text(answer, field="answer", limit=TEXT_LENGTH)
    key_request.move_to(KeyRequestStatus.OPEN)
    key_request.pauses = [*key_request.pauses, [since.isoformat(), clock.now().isoformat()]]
    key_request.waiting_since = None
    key_request.due_at = _due_at(key_request)
    key_request.save(update_fields=["answer", "status", "pauses", "waiting_since", "due_at"])
    _record("key_request.answered", key_request, actor, answer=key_request.answer)
    return key_request


@transaction.atomic
def decline_key_request(*, key_request: KeyRequest, reason: str, actor: Actor) -> KeyRequest:
    """Close a pending request without a key; what was paid is billing's to give back."""
    key_request = lock_key_request(key_request)
    _require_pending(key_request)
    key_request.decline_reason = checked_text(reason, field="reason", limit=TEXT_LENGTH)
    key_request.move_to(KeyRequestStatus.DECLINED)
    key_request.decided_at = clock.now()
    key_request.decided_by = actor.name
    key_request.save(update_fields=["decline_reason", "status", "decided_at", "decided_by"])
    _record("key_request.declined", key_request, actor, reason=key_request.decline_reason)
    mails.mail_declined(key_request)
    return key_request


@transaction.atomic
def request_reissue(*, agreement: Agreement, reason: str, person: User, actor: Actor) -> KeyRequest:
    """Ask again for a key that was lost: one at a time, at most 3 in 30 days for an agreement.

    Raises AgreementNotActive, NoKeyYet, KeyOnItsWay and TooManyReissues.
    """
    agreement = lock_agreement(agreement)
    reason = checked_text(reason, field="reason", limit=REASON_LENGTH)
    now = clock.now()
    licence = _licence_to_reissue(agreement, now)
    _require_nothing_on_its_way(agreement)
    _require_reissues_left(agreement, now)
    return open_key_request(
        agreement=agreement,
        kind=KeyRequestKind.REISSUE,
        quantity_before=licence.seats,
        quantity_after=licence.seats,
        requested_by=person.email,
        reason=reason,
        at=now,
        actor=actor,
    )


def _licence_to_reissue(agreement: Agreement, now: datetime) -> Licence:
    if agreement.status != AgreementStatus.ACTIVE:
        raise AgreementNotActive
    licence = current_licence(agreement)
    if licence is None or licence.status != LicenceStatus.ACTIVE:
        raise NoKeyYet
    if licence.expires_at is not None and licence.expires_at <= now:
        raise NoKeyYet
    return licence


def _require_nothing_on_its_way(agreement: Agreement) -> None:
    pending = agreement.key_requests.filter(status__in=PENDING_KEY_REQUESTS).first()
    if pending is not None:
        raise KeyOnItsWay(data={"key_request": pending.public_id})


def _require_reissues_left(agreement: Agreement, now: datetime) -> None:
    recent = agreement.key_requests.filter(
        kind=KeyRequestKind.REISSUE, requested_at__gt=now - timedelta(days=REISSUE_DAYS)
    )
    if recent.count() >= REISSUE_LIMIT:
        raise TooManyReissues(data={"limit": REISSUE_LIMIT, "days": REISSUE_DAYS})


def _require_pending(key_request: KeyRequest) -> None:
    if key_request.status not in PENDING_KEY_REQUESTS:
        raise RequestClosed(data={"status": key_request.status})


def _due_at(key_request: KeyRequest) -> datetime | None:
    """Return the due time after all waits; None while the customer's answer is awaited."""
    pauses: list[Pause] = [
        (datetime.fromisoformat(began), datetime.fromisoformat(ended))
        for began, ended in key_request.pauses
    ]
    if key_request.waiting_since is not None:
        pauses.append((key_request.waiting_since, None))
    days = key_request.agreement.product.promise_business_days
    return get_vendor().calendar().due_after_pauses(key_request.requested_at, pauses, days)


def _record(action: str, key_request: KeyRequest, actor: Actor, **data: object) -> None:
    record_event(
        action=action,
        subject_id=key_request.public_id,
        actor=actor,
        organisation_id=key_request.agreement.organisation.public_id,
        data=data,
    )
