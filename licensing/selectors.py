"""Reads of licensing for pages, services and other apps; each has a fixed number of queries."""

from datetime import date, datetime

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from licensing.domain.standing import Standing, standing
from licensing.domain.statuses import (
    CURRENT_AGREEMENTS,
    CURRENT_LICENCES,
    PENDING_KEY_REQUESTS,
    KeyRequestStatus,
)
from licensing.models import Agreement, KeyRequest, Licence, Product, SeatLedgerEntry, Term
from portal.accounts.models import Organisation
from portal.kit.errors import NotFound
from portal.vendor.selectors import get_vendor


def agreements_of(organisation: Organisation) -> QuerySet[Agreement]:
    """Return the organisation's agreements, newest first: four queries with all they show.

    Each has `seats_held` (the ledger's sum, seats that start later included), its terms, its
    licences and its pending key requests (`pending`).
    """
    pending = KeyRequest.objects.filter(status__in=PENDING_KEY_REQUESTS)
    return (
        _with_seats(Agreement.objects.filter(organisation=organisation))
        .select_related("product")
        .prefetch_related(
            "terms", "licences", Prefetch("key_requests", queryset=pending, to_attr="pending")
        )
    )


def get_agreement(organisation: Organisation, public_id: str) -> Agreement:
    """Return one agreement of this organisation with all that its page shows.

    Raises NotFound, also for an agreement of somebody else.
    """
    agreement = (
        _with_seats(Agreement.objects.filter(organisation=organisation, public_id=public_id))
        .select_related("product", "organisation")
        .prefetch_related("terms", "seat_entries", "licences", "key_requests__licence")
        .first()
    )
    if agreement is None:
        raise NotFound
    return agreement


def get_licence(organisation: Organisation, public_id: str) -> Licence:
    """Return one licence of this organisation. Raises NotFound."""
    licence = (
        Licence.objects.select_related(
            "agreement__product", "agreement__organisation", "key_request"
        )
        .filter(agreement__organisation=organisation, public_id=public_id)
        .first()
    )
    if licence is None:
        raise NotFound
    return licence


def key_requests_of(organisation: Organisation) -> QuerySet[KeyRequest]:
    """Return the organisation's key requests, newest first, with their licences."""
    return (
        KeyRequest.objects.filter(agreement__organisation=organisation)
        .select_related("agreement__product", "licence")
        .order_by("-requested_at", "-pk")
    )


def get_key_request(organisation: Organisation, public_id: str) -> KeyRequest:
    """Return one key request of this organisation. Raises NotFound."""
    found = (
        key_requests_of(organisation)
        .select_related("agreement__organisation")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def key_request_of_order(order_id: str) -> KeyRequest | None:
    """Return the one request that an order opened; asking for a lost key again is another."""
    return (
        KeyRequest.objects.select_related("agreement__product", "agreement__organisation")
        .filter(order_id=order_id)
        .exclude(kind="reissue")
        .first()
    )


def pending_requests() -> QuerySet[KeyRequest]:
    """Return the licence desk's queue: the longest overdue first, waiting ones at the end."""
    return (
        KeyRequest.objects.filter(status__in=PENDING_KEY_REQUESTS)
        .select_related("agreement__organisation", "agreement__product", "taken_by")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def overdue_requests(now: datetime) -> QuerySet[KeyRequest]:
    """Return the requests whose promise is broken at `now`."""
    return pending_requests().filter(due_at__lte=now)


def held_seats(agreement: Agreement, on: date) -> int:
    """Return the sum of the seat ledger up to and including `on` (the vendor's date)."""
    entries = SeatLedgerEntry.objects.filter(agreement=agreement, effective_on__lte=on)
    return entries.aggregate(seats=Sum("quantity"))["seats"] or 0


def current_agreement(
    organisation: Organisation, product: Product, label: str = ""
) -> Agreement | None:
    """Return the agreement that makes "buy" lead to "add more", if there is one."""
    return Agreement.objects.filter(
        organisation=organisation, product=product, label=label, status__in=CURRENT_AGREEMENTS
    ).first()


def current_licence(agreement: Agreement) -> Licence | None:
    """Return the licence in force, even while it is suspended."""
    return Licence.objects.filter(agreement=agreement, status__in=CURRENT_LICENCES).first()


def current_term(agreement: Agreement, on: date) -> Term:
    """Return the term that `on` lies in, else the next to come, else the last."""
    terms = agreement.terms.order_by("number")
    unfinished = terms.filter(Q(ends_on=None) | Q(ends_on__gt=on)).first()
    return unfinished or terms.reverse()[0]


def standing_of(licence: Licence, at: datetime) -> Standing:
    """Return what a licence is worth at `at`."""
    return standing(
        licence.status,
        at=at,
        expires_at=licence.expires_at,
        overlap_ends_at=licence.overlap_ends_at,
    )


def key_due_at(product: Product, at: datetime) -> datetime:
    """Return when a key asked for at `at` is due, in UTC, by the product's promise."""
    return get_vendor().calendar().due_at(at, product.promise_business_days)


def is_with_the_desk(key_request: KeyRequest) -> bool:
    """Say whether our clock runs."""
    return key_request.status == KeyRequestStatus.OPEN


def _with_seats(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    entries = SeatLedgerEntry.objects.filter(agreement=OuterRef("pk")).order_by()
    total = entries.values("agreement").annotate(seats=Sum("quantity")).values("seats")
    return agreements.annotate(seats_held=Coalesce(Subquery(total), 0))
