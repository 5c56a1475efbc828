"""Agreements: opened by an accepted order, ended by a cancellation."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from licensing.domain.statuses import (
    PENDING_KEY_REQUESTS,
    TERMINAL_LICENCES,
    AgreementStatus,
    KeyRequestStatus,
    LicenceStatus,
)
from licensing.domain.terms import term_end
from licensing.models import Agreement, KeyRequest, Product, SeatLedgerEntry, Term
from licensing.models.key_request import KeyRequestKind
from licensing.selectors import current_agreement, key_request_of_order
from licensing.services.errors import AgreementExists, checked_text
from licensing.services.key_requests import open_key_request
from licensing.services.locks import lock_agreement
from portal.accounts.models import Organisation
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.vendor.selectors import vendor_today

REASON_LENGTH = 300


@transaction.atomic
def open_agreement(
    *,
    organisation: Organisation,
    product: Product,
    label: str,
    currency: str,
    starts_on: date,
    quantity: int,
    support: str,
    order_id: str,
    requested_by: str,
    at: datetime,
    actor: Actor,
) -> KeyRequest:
    """Open the agreement that an accepted order grants, with its term, seats and key request.

    Once for an order: a second call returns the same request. `starts_on` is in the vendor's
    zone, `at` the moment of acceptance, from which the promise runs; `requested_by` is an e-mail
    address. Raises AgreementExists where the organisation holds the product under this label.
    """
    known = key_request_of_order(order_id)
    if known is not None:
        return known
    agreement = _create_agreement(organisation, product, label, currency, at)
    Term.objects.create(
        agreement=agreement,
        starts_on=starts_on,
        ends_on=term_end(starts_on) if product.is_annual else None,
        order_id=order_id,
        support=support,
    )
    _book_seats(agreement, quantity, starts_on, order_id, KeyRequestKind.FIRST)
    record_event(
        action="agreement.opened",
        subject_id=agreement.public_id,
        actor=actor,
        organisation_id=organisation.public_id,
        data={"order": order_id, "seats": quantity, "starts_on": starts_on.isoformat()},
    )
    return open_key_request(
        agreement=agreement,
        kind=KeyRequestKind.FIRST,
        quantity_before=0,
        quantity_after=quantity,
        order_id=order_id,
        requested_by=requested_by,
        at=at,
        actor=actor,
    )


@transaction.atomic
def cancel_agreement(*, agreement: Agreement, reason: str, actor: Actor) -> Agreement:
    """End an agreement for good: its seats go, its keys are revoked, its open requests cancelled.

    A request that staff decline is declined first, by `decline_key_request`. Raises
    IllegalTransition where the agreement was cancelled before.
    """
    agreement = lock_agreement(agreement)
    reason = checked_text(reason, field="reason", limit=REASON_LENGTH)
    agreement.move_to(AgreementStatus.CANCELLED)
    agreement.save(update_fields=["status"])
    _give_back_seats(agreement)
    _cancel_requests(agreement, reason, actor)
    _revoke_licences(agreement, reason)
    record_event(
        action="agreement.cancelled",
        subject_id=agreement.public_id,
        actor=actor,
        organisation_id=agreement.organisation.public_id,
        data={"reason": reason},
    )
    return agreement


def _create_agreement(
    organisation: Organisation, product: Product, label: str, currency: str, at: datetime
) -> Agreement:
    """Create the row; the database's own constraint decides between two at once."""
    try:
        with transaction.atomic():
            return Agreement.objects.create(
                organisation=organisation,
                product=product,
                label=label,
                currency=currency,
                created_at=at,
            )
    except IntegrityError as error:
        standing = current_agreement(organisation, product, label)
        if standing is None:
            raise
        raise AgreementExists(data={"agreement": standing.public_id}) from error


def _book_seats(
    agreement: Agreement, quantity: int, effective_on: date, order_id: str, reason: str
) -> None:
    SeatLedgerEntry.objects.create(
        agreement=agreement,
        quantity=quantity,
        effective_on=effective_on,
        order_id=order_id,
        reason=reason,
        at=clock.now(),
    )


def _give_back_seats(agreement: Agreement) -> None:
    """Book what brings the ledger to nothing, never on a day before the seats themselves."""
    entries = list(agreement.seat_entries.all())
    held = sum(entry.quantity for entry in entries)
    if not held:
        return
    latest = max(entry.effective_on for entry in entries)
    effective_on = max(latest, vendor_today(clock.now()))
    _book_seats(agreement, -held, effective_on, entries[-1].order_id, "cancelled")


def _cancel_requests(agreement: Agreement, reason: str, actor: Actor) -> None:
    pending = agreement.key_requests.select_for_update().filter(status__in=PENDING_KEY_REQUESTS)
    for key_request in pending:
        key_request.move_to(KeyRequestStatus.CANCELLED)
        key_request.decided_at = clock.now()
        key_request.decided_by = actor.name
        key_request.decline_reason = reason
        key_request.save(update_fields=["status", "decided_at", "decided_by", "decline_reason"])


def _revoke_licences(agreement: Agreement, reason: str) -> None:
    licences = agreement.licences.select_for_update().exclude(status__in=TERMINAL_LICENCES)
    for licence in licences:
        licence.move_to(LicenceStatus.REVOKED)
        licence.status_reason = reason
        licence.save(update_fields=["status", "status_reason"])
