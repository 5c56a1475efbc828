"""Reads of licensing for pages, services and other apps; each has a fixed number of queries."""

from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
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
from portal.vendor.models import VendorProfile
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


def holdings_of(organisation: Organisation, on: date) -> QuerySet[Agreement]:
    """Return the agreements as lists show them, one query: current ones first, newest first.

    Each has `seats_held`, and of its term on `on` (the vendor's date), its licence in force and
    its pending request the columns that a list needs: `term_…`, `licence_…`, `request_…`.
    """
    ended_last = Case(When(status__in=CURRENT_AGREEMENTS, then=Value(0)), default=Value(1))
    own = Q(agreement=OuterRef("pk"))
    licences = Licence.objects.filter(own, status__in=CURRENT_LICENCES)
    requests = KeyRequest.objects.filter(own, status__in=PENDING_KEY_REQUESTS)
    return (
        _with_seats(Agreement.objects.filter(organisation=organisation))
        .select_related("product")
        .annotate(
            **_columns("term", _term_of_today_first(own, on), "starts_on", "ends_on", "support"),
            **_columns(
                "licence", licences, "public_id", "status", "first_collected_at", "expires_at"
            ),
            **_columns("request", requests, "public_id", "status"),
        )
        .order_by(ended_last, "-created_at", "-pk")
    )


def licences_of(organisation: Organisation) -> QuerySet[Licence]:
    """Return every licence of the organisation, newest first; one query."""
    return Licence.objects.filter(agreement__organisation=organisation).select_related(
        "agreement__product"
    )


def replacement_of(licence: Licence) -> Licence | None:
    """Return the licence that took a superseded one's place."""
    if licence.superseded_at is None:
        return None
    later = Licence.objects.filter(
        agreement=licence.agreement_id, issued_at__gte=licence.superseded_at
    )
    return later.exclude(pk=licence.pk).order_by("issued_at", "pk").first()


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


def key_due_at(product: Product, at: datetime, vendor: VendorProfile | None = None) -> datetime:
    """Return when a key asked for at `at` is due, in UTC, by the product's promise.

    One query, none where the caller has read the vendor already.
    """
    calendar = (vendor or get_vendor()).calendar()
    return calendar.due_at(at, product.promise_business_days)


def is_with_the_desk(key_request: KeyRequest) -> bool:
    """Say whether our clock runs."""
    return key_request.status == KeyRequestStatus.OPEN


def _term_of_today_first(own: Q, on: date) -> QuerySet[Term]:
    """Order terms as `current_term` chooses: the first unfinished, else the last."""
    unfinished = Q(ends_on=None) | Q(ends_on__gt=on)
    return Term.objects.filter(own).order_by(
        Case(When(unfinished, then=Value(0)), default=Value(1)),
        Case(When(unfinished, then=F("number")), default=-F("number")),
    )


def _columns(prefix: str, rows: "QuerySet[Any]", *fields: str) -> dict[str, Subquery]:
    """Return the fields of the first row, each as an annotation."""
    return {f"{prefix}_{field}": Subquery(rows.values(field)[:1]) for field in fields}


def _with_seats(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    entries = SeatLedgerEntry.objects.filter(agreement=OuterRef("pk")).order_by()
    total = entries.values("agreement").annotate(seats=Sum("quantity")).values("seats")
    return agreements.annotate(seats_held=Coalesce(Subquery(total), 0))
