"""Filters for pages that list orders: {% load orders %}."""

from datetime import datetime

from django import template
from django.utils import timezone

from billing.domain.orders import OrderStatus
from portal.kit.formatting import format_date

register = template.Library()

_TONES = {
    OrderStatus.PLACED: "warning",
    OrderStatus.RETURNED: "warning",
    OrderStatus.ACCEPTED: "info",
    OrderStatus.FULFILLED: "success",
    OrderStatus.DECLINED: "danger",
}


@register.filter
def order_tone(status: str) -> str:
    """The badge's tone for an order's status; neutral where nothing is to be done."""
    return next((tone for known, tone in _TONES.items() if known == status), "neutral")


@register.filter
def local_day(moment: datetime | None) -> str:
    """The day of a moment in the reader's zone."""
    zone = timezone.get_current_timezone()
    return "" if moment is None else format_date(moment.astimezone(zone).date())
