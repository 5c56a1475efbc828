"""Columns of the admin's lists and pages: money, moments, days, badges and links."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html

from portal.kit import formatting
from portal.kit.dates import last_day_included

Text = str | Promise
Column = Callable[[Any], Any]

NOTHING = "–"


def badge(text: object, tone: str = "neutral") -> str:
    """Return a small coloured label; tones: neutral, info, success, warning, danger."""
    return format_html('<span class="desk-badge desk-badge-{}">{}</span>', tone, text)


def link(url: str, text: object) -> str:
    """Return a link as the staff pages show it."""
    return format_html('<a class="desk-link" href="{}">{}</a>', url, text)


def page_of(model: str, public_id: str) -> str:
    """Return the address of a staff page: page_of("billing_order", order.public_id)."""
    return reverse(f"admin:{model}_change", args=[public_id])


def money(field: str, label: Text, *, currency: str = "currency") -> Column:
    """Return a column with the amount in minor units that `field` holds."""

    def value(obj: Any) -> str:
        amount = _get(obj, field)
        if amount is None:
            return NOTHING
        return formatting.format_money(amount, _get(obj, currency))

    return _column(value, f"{field}_money", label, field)


def moment(field: str, label: Text) -> Column:
    """Return a column with an aware moment in the reader's zone, which it names."""

    def value(obj: Any) -> str:
        at = _get(obj, field)
        if at is None:
            return NOTHING
        return formatting.format_datetime(at, timezone.get_current_timezone())

    return _column(value, f"{field}_moment", label, field)


def day(field: str, label: Text) -> Column:
    """Return a column with a date."""

    def value(obj: Any) -> str:
        date = _get(obj, field)
        return NOTHING if date is None else formatting.format_date(date)

    return _column(value, f"{field}_day", label, field)


def last_day(field: str, label: Text) -> Column:
    """Return a column with the last day included, of an exclusive end."""

    def value(obj: Any) -> str:
        end = _get(obj, field)
        return NOTHING if end is None else formatting.format_date(last_day_included(end))

    return _column(value, f"{field}_last_day", label, field)


def percent(field: str, label: Text) -> Column:
    """Return a column with basis points as a percentage."""

    def value(obj: Any) -> str:
        return formatting.format_percent(_get(obj, field))

    return _column(value, f"{field}_percent", label, field)


def status(label: Text, tones: Mapping[Any, str], *, field: str = "status") -> Column:
    """Return a column with a badge of a choice field, coloured by value."""

    def value(obj: Any) -> str:
        text = getattr(obj, f"get_{field}_display")()
        return badge(text, tones.get(getattr(obj, field), "neutral")) if text else NOTHING

    return _column(value, f"{field}_badge", label, field)


def customer(field: str, label: Text) -> Column:
    """Return a column that links to the page with everything about a customer."""

    def value(obj: Any) -> str:
        organisation = _get(obj, field)
        if organisation is None:
            return NOTHING
        return link(reverse("admin:customer", args=[organisation.public_id]), organisation)

    return _column(value, f"{field}_link", label, f"{field}__legal_name")


def related(field: str, label: Text, model: str) -> Column:
    """Return a column that links to the staff page of a related row with a public id."""

    def value(obj: Any) -> str:
        target = _get(obj, field)
        if target is None:
            return NOTHING
        return link(page_of(model, target.public_id), target)

    return _column(value, f"{field.replace('__', '_')}_link", label, None)


def _get(obj: Any, path: str) -> Any:
    for part in path.split("__"):
        if obj is None:
            return None
        obj = getattr(obj, part)
    return obj


def _column(value: Column, name: str, label: Text, ordering: str | None) -> Column:
    value.__name__ = name.replace("__", "_")
    return admin.display(description=label, ordering=ordering)(value)  # type: ignore[arg-type]
