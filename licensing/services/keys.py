"""Licences: issued from a request, collected, suspended, revoked; their text is never edited."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from licensing.domain.files import build_licence_file, with_key
from licensing.domain.keys import read_key, sign_key
from licensing.domain.payload import KeyPayload
from licensing.domain.resources import licence_resource
from licensing.domain.standing import Standing
from licensing.domain.statuses import AgreementStatus, KeyRequestStatus, LicenceStatus
from licensing.domain.terms import expiry, overlap_ends
from licensing.models import Agreement, KeyRequest, Licence, Term
from licensing.models.key_request import KeyRequestKind
from licensing.models.product import Metric
from licensing.selectors import current_licence, current_term, standing_of
from licensing.services import mails
from licensing.services.errors import (
    AgreementNotActive,
    KeyAlreadyIssued,
    LicenceRevoked,
    NeedsDevice,
    checked_text,
)
from licensing.services.locks import lock_key_request, lock_licence
from licensing.services.signing import keyring
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.dates import local_midnight_utc, local_today
from portal.kit.ids import new_public_id
from portal.vendor.selectors import get_vendor

# One vendor runs one portal; Keygen's clients want an account's id all the same.
ACCOUNT_ID = "vendor"
REASON_LENGTH = 300
SECONDS_A_DAY = 86_400
_FILE_STATUS = {
    Standing.VALID: "ACTIVE",
    Standing.OVERLAP: "ACTIVE",
    Standing.SUSPENDED: "SUSPENDED",
    Standing.EXPIRED: "EXPIRED",
    Standing.REPLACED: "EXPIRED",
}


@transaction.atomic
def issue_key(*, key_request: KeyRequest, issued_by: str, actor: Actor) -> Licence:
    """Sign the one key of an open request; the key before it is superseded, with its overlap.

    `issued_by` names who decided, for people. Mails the members who may see keys and the person
    who asked. Raises KeyAlreadyIssued, IllegalTransition (waiting, declined, cancelled),
    AgreementNotActive and NeedsDevice. A key that owes an invoice is issued through billing.
    """
    key_request = lock_key_request(key_request)
    _require_issuable(key_request)
    now = clock.now()
    replaced = current_licence(key_request.agreement)
    licence = _create_licence(key_request, replaced, issued_by, now)
    if replaced is not None:
        _supersede(replaced, licence, now)
    key_request.move_to(KeyRequestStatus.ISSUED)
    key_request.decided_at = now
    key_request.decided_by = issued_by
    key_request.save(update_fields=["status", "decided_at", "decided_by"])
    data: dict[str, object] = {"request": key_request.public_id, "seats": licence.seats}
    data |= {"kid": licence.kid, "replaces": replaced.public_id if replaced else ""}
    _record("licence.issued", licence, actor, **data)
    mails.mail_key_issued(licence, replaced)
    return licence


def collect_key(*, licence: Licence, actor: Actor) -> Licence:
    """Note when the customer first saw the key or took its file; staff who look do not count."""
    if licence.first_collected_at is not None or actor.is_staff:
        return licence
    with transaction.atomic():
        licence = lock_licence(licence)
        if licence.first_collected_at is None:
            licence.first_collected_at = clock.now()
            licence.save(update_fields=["first_collected_at"])
            _record("licence.collected", licence, actor)
    return licence


def revoke_licence(*, licence: Licence, reason: str, actor: Actor) -> Licence:
    """End a key for good; the online check refuses it from now on."""
    return _change(licence, LicenceStatus.REVOKED, reason, "licence.revoked", actor)


def suspend_licence(*, licence: Licence, reason: str, actor: Actor) -> Licence:
    """Stop a key for a while; only the key in force can be suspended."""
    return _change(licence, LicenceStatus.SUSPENDED, reason, "licence.suspended", actor)


def reinstate_licence(*, licence: Licence, reason: str, actor: Actor) -> Licence:
    """Let a suspended key validate again."""
    return _change(licence, LicenceStatus.ACTIVE, reason, "licence.reinstated", actor)


def licence_file(licence: Licence) -> str:
    """Return the `.lic` text: a snapshot signed with the licence's own key, ending with its key.

    The file states how the licence stands now and has no end of its own. Raises LicenceRevoked,
    and UnknownSigningKey where the settings no longer hold the licence's key.
    """
    now = clock.now()
    standing = standing_of(licence, now)
    if standing is Standing.REVOKED:
        raise LicenceRevoked
    keys = keyring()
    resource = licence_resource(
        read_key(licence.key, keys.public_keys),
        key=licence.key,
        name=licence.agreement.product.name,
        status=_FILE_STATUS[standing],
        suspended=standing is Standing.SUSPENDED,
    )
    block = build_licence_file(resource, keys.by_kid(licence.kid), issued=now)
    return with_key(block, licence.key)


def _require_issuable(key_request: KeyRequest) -> None:
    issued = Licence.objects.filter(key_request=key_request).first()
    if issued is not None:
        raise KeyAlreadyIssued(data={"licence": issued.public_id})
    KeyRequest.TRANSITIONS.check(key_request.status, KeyRequestStatus.ISSUED)
    if key_request.agreement.status != AgreementStatus.ACTIVE:
        raise AgreementNotActive
    if key_request.agreement.product.metric != Metric.SEAT:
        raise NeedsDevice


def _create_licence(
    key_request: KeyRequest, replaced: Licence | None, issued_by: str, now: datetime
) -> Licence:
    vendor = get_vendor()
    agreement = key_request.agreement
    product = agreement.product
    term = _term_of(key_request, now, vendor.zone)
    licence = Licence(
        public_id=new_public_id("lic"),
        agreement=agreement,
        key_request=key_request,
        seats=_seats_of(key_request, replaced),
        support=term.support,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        expires_at=expiry(term.ends_on, product.grace_days, vendor.zone) if term.ends_on else None,
        kid=keyring().current.kid,
        issued_at=now,
        issued_by=issued_by,
        # A key that stands in the mail has been handed over with it.
        first_collected_at=now if product.key_in_mail else None,
    )
    licence.key = sign_key(_payload(licence, agreement), keyring().current)
    licence.save(force_insert=True)
    return licence


def _payload(licence: Licence, agreement: Agreement) -> KeyPayload:
    duration = None
    if licence.ends_on is not None:
        duration = (licence.ends_on - licence.starts_on).days * SECONDS_A_DAY
    return KeyPayload(
        account_id=ACCOUNT_ID,
        product_id=agreement.product.public_id,
        policy_id=agreement.public_id,
        policy_duration=duration,
        user_id=agreement.organisation.public_id,
        license_id=licence.public_id,
        created=licence.issued_at,
        expiry=licence.expires_at,
        ends_on=licence.ends_on,
        seats=licence.seats,
        support=licence.support or None,
        organisation_id=agreement.organisation.public_id,
        organisation_name=agreement.organisation.legal_name,
        kid=licence.kid,
    )


def _term_of(key_request: KeyRequest, now: datetime, zone: ZoneInfo) -> Term:
    """Return the term that the request's order opened, else the one of today."""
    agreement = key_request.agreement
    own = agreement.terms.filter(order_id=key_request.order_id).first()
    return own or current_term(agreement, local_today(now, zone))


def _seats_of(key_request: KeyRequest, replaced: Licence | None) -> int:
    """Return the seats to state; a key asked for again states what the one in force states."""
    if key_request.kind == KeyRequestKind.REISSUE and replaced is not None:
        return replaced.seats
    return key_request.quantity_after


def _supersede(old: Licence, new: Licence, now: datetime) -> None:
    """Let the old key run at its own count for the overlap, never longer than it would have run.

    A suspended key gets no overlap: it did not validate, and a new key is no reason to.
    """
    ends = now if old.status == LicenceStatus.SUSPENDED else _overlap_ends(old, new, now)
    if old.expires_at is not None:
        ends = min(ends, old.expires_at)
    old.move_to(LicenceStatus.SUPERSEDED)
    old.superseded_at = now
    old.overlap_ends_at = ends
    old.save(update_fields=["status", "superseded_at", "overlap_ends_at"])


def _overlap_ends(old: Licence, new: Licence, now: datetime) -> datetime:
    falls_at = None
    if new.seats < old.seats:
        falls_at = local_midnight_utc(new.starts_on, get_vendor().zone)
    days = new.agreement.product.overlap_days
    return overlap_ends(now, days=days, count_falls_at=falls_at)


@transaction.atomic
def _change(
    licence: Licence, status: LicenceStatus, reason: str, action: str, actor: Actor
) -> Licence:
    licence = lock_licence(licence)
    licence.status_reason = checked_text(reason, field="reason", limit=REASON_LENGTH)
    licence.move_to(status)
    licence.save(update_fields=["status", "status_reason"])
    _record(action, licence, actor, reason=licence.status_reason)
    return licence


def _record(action: str, licence: Licence, actor: Actor, **data: object) -> None:
    record_event(
        action=action,
        subject_id=licence.public_id,
        actor=actor,
        organisation_id=licence.agreement.organisation.public_id,
        data=data,
    )
