"""Licensing's own part of the dashboard: promised keys, and keys that wait to be collected."""

from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from licensing.dashboard import DueItem, DueProvider, DueRow, Reader, due_rows, register_provider
from licensing.domain.statuses import PENDING_KEY_REQUESTS, KeyRequestStatus, LicenceStatus
from licensing.models import KeyRequest, Licence
from licensing.models.key_request import KEY_REQUEST_STATUS_LABELS
from portal.accounts.models import Organisation
from portal.accounts.permissions import Permission
from portal.kit.formatting import format_number


def register_providers() -> None:
    """Show pending requests to every member, and uncollected keys to those who may see keys."""
    register_provider(
        DueProvider("key_request", Permission.SEE_AGREEMENTS, _pending, _request_item)
    )
    register_provider(DueProvider("licence", Permission.SEE_KEYS, _uncollected, _key_item))


def seats(count: int | None) -> str:
    """Return a number of seats in words: 12 seats."""
    words = ngettext("%(n)s seat", "%(n)s seats", count or 0)
    return words % {"n": format_number(count or 0)}


def with_label(product: str, label: str) -> Any:
    """Return an expression for a product's name, with the label of a separate agreement."""
    named = Concat(product, Value(" · "), label, output_field=CharField())
    return Case(When(**{label: ""}, then=F(product)), default=named)


def _pending(organisation: Organisation) -> "QuerySet[Any, Any]":
    pending = KeyRequest.objects.filter(
        agreement__organisation=organisation, status__in=PENDING_KEY_REQUESTS
    )
    return due_rows(
        pending,
        kind="key_request",
        name=with_label("agreement__product__name", "agreement__label"),
        quantity=F("quantity_after"),
        at=F("due_at"),
    )


def _uncollected(organisation: Organisation) -> "QuerySet[Any, Any]":
    waiting = Licence.objects.filter(
        agreement__organisation=organisation,
        status=LicenceStatus.ACTIVE,
        first_collected_at=None,
    )
    return due_rows(
        waiting,
        kind="licence",
        name=with_label("agreement__product__name", "agreement__label"),
        quantity=F("seats"),
    )


def _request_item(row: DueRow, reader: Reader) -> DueItem:
    status = KeyRequestStatus(row.status)
    is_waiting = status == KeyRequestStatus.WAITING_FOR_CUSTOMER
    may_answer = is_waiting and reader.may(Permission.REQUEST_KEYS)
    url = reverse("licensing:key_request", args=[reader.organisation.public_id, row.public_id])
    return DueItem(
        title=gettext("Key for %(product)s") % {"product": row.name},
        detail=seats(row.quantity),
        state=str(KEY_REQUEST_STATUS_LABELS[status]),
        tone="warning" if is_waiting else "info",
        url=url,
        action=gettext("Answer") if may_answer else gettext("See the request"),
        due_at=row.at,
        shown=reader.vendor.calendar().shown_due(row.at) if row.at else None,
        is_overdue=row.at is not None and row.at <= reader.now,
        asks_you=may_answer,
    )


def _key_item(row: DueRow, reader: Reader) -> DueItem:
    return DueItem(
        title=gettext("Key for %(product)s") % {"product": row.name},
        detail=seats(row.quantity),
        state=gettext("Ready to collect"),
        tone="success",
        url=reverse("licensing:licence", args=[reader.organisation.public_id, row.public_id]),
        action=gettext("Collect the key"),
        asks_you=True,
    )
