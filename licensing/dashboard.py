"""What an organisation's dashboard says is due: read in one query, whoever it comes from.

Apps above licensing (orders to pay, invoices) add their rows with `register_provider`, so that
licensing imports none of them. Each provider gives rows of one shape, which one UNION reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    F,
    Field,
    IntegerField,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from portal.accounts.models import Organisation
from portal.accounts.permissions import Permission, role_allows
from portal.kit.dates import ShownDue
from portal.vendor.models import VendorProfile


class DueRow(NamedTuple):
    """One row as the UNION reads it; amounts are minor units, `day` is in the vendor's zone."""

    kind: str
    public_id: str
    name: str
    status: str
    quantity: int | None
    amount: int | None
    currency: str
    at: datetime | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the dashboard, and when."""

    organisation: Organisation
    role: str
    vendor: VendorProfile
    now: datetime

    def may(self, permission: Permission) -> bool:
        return role_allows(self.role, permission)


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing that somebody waits for, as the page shows it.

    `shown` is a promise of ours, `day` a date to pay by; otherwise `due_at` itself is shown.
    Something that `asks_you` cannot go on without the customer.
    """

    title: str
    detail: str
    state: str
    tone: str
    url: str
    action: str
    due_at: datetime | None = None
    shown: ShownDue | None = None
    day: date | None = None
    amount: int | None = None
    currency: str = ""
    is_overdue: bool = False
    asks_you: bool = False


@dataclass(frozen=True, slots=True)
class DueProvider:
    """One kind of thing that can be due, who may see it, its rows and how one is shown.

    `item` returns None where another row already tells this reader the same.
    """

    kind: str
    permission: Permission
    rows: Callable[[Organisation], "QuerySet[Any, Any]"]
    item: Callable[[DueRow, Reader], DueItem | None]


def _nothing(field: "Field[Any, Any]") -> Cast:
    """A typed null: PostgreSQL wants each column of a UNION to have one type."""
    return Cast(Value(None), field)


_COLUMNS: Final[dict[str, Any]] = {
    "kind": Value("", output_field=CharField()),
    "public_id": F("public_id"),
    "name": Value("", output_field=CharField()),
    "status": F("status"),
    "quantity": _nothing(IntegerField()),
    "amount": _nothing(BigIntegerField()),
    "currency": Value("", output_field=CharField()),
    "at": _nothing(DateTimeField()),
    "day": _nothing(DateField()),
}
_providers: dict[str, DueProvider] = {}


def register_provider(provider: DueProvider) -> None:
    """Add one kind of thing to the dashboard; to be called when apps are ready."""
    _providers[provider.kind] = provider


def due_rows(rows: "QuerySet[Any]", *, kind: str, **columns: Any) -> "QuerySet[Any, Any]":
    """Return rows in the shape of `DueRow`; a column that is not given is empty."""
    given = {**_COLUMNS, "kind": Value(kind, output_field=CharField()), **columns}
    named = {f"shown_{name}": given[name] for name in DueRow._fields}
    shaped: QuerySet[Any, Any] = rows.order_by().annotate(**named).values_list(*named)
    return shaped


def things_due(reader: Reader) -> list[DueItem]:
    """Return what is due, one query: first what only the customer can move, then by time."""
    kinds = [provider for provider in _providers.values() if reader.may(provider.permission)]
    first, *others = [provider.rows(reader.organisation) for provider in kinds]
    rows = first.union(*others, all=True) if others else first
    items = (_providers[row.kind].item(row, reader) for row in map(DueRow._make, rows))
    return sorted((item for item in items if item is not None), key=_urgency)


def _urgency(item: DueItem) -> tuple[bool, bool, datetime]:
    due_at = item.due_at or datetime.max.replace(tzinfo=UTC)
    return (not item.asks_you, item.due_at is None, due_at)
