"""Filters for money, percentages, dates and moments; the reader's zone is Django's current one."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from portal.kit import formatting
from portal.kit.dates import last_day_included

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ order.gross_amount|money:order.currency }}`"""
    return "" if minor is None else formatting.format_money(minor, currency)


@register.filter
def percent(basis_points: int) -> str:
    """`{{ order.support_basis_points|percent }}`"""
    return formatting.format_percent(basis_points)


@register.filter
def day(value: date | None) -> str:
    """`{{ term.starts_on|day }}`"""
    return "" if value is None else formatting.format_date(value)


@register.filter
def last_day(ends_on: date | None) -> str:
    """The last day included, of an exclusive end: `{{ term.ends_on|last_day }}`"""
    return "" if ends_on is None else formatting.format_date(last_day_included(ends_on))


@register.filter
def moment(value: datetime | None) -> str:
    """An aware moment in the reader's zone, which it names."""
    if value is None:
        return ""
    return formatting.format_datetime(value, timezone.get_current_timezone())


@register.filter
def number(value: int | None) -> str:
    """A whole number with grouping."""
    return "" if value is None else formatting.format_number(value)
