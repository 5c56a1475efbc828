"""Columns and colours that several of billing's lists share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import OrderStatus, PaymentStatus, RefundStatus
from portal.kit.admin_columns import NOTHING, customer, related
from portal.kit.formatting import format_datetime

ORDER_TONES = {
    OrderStatus.PLACED: "warning",
    OrderStatus.ACCEPTED: "info",
    OrderStatus.RETURNED: "warning",
    OrderStatus.FULFILLED: "success",
    OrderStatus.DECLINED: "danger",
    OrderStatus.EXPIRED: "danger",
}
CHECKOUT_TONES = {
    PaymentStatus.OPEN: "info",
    PaymentStatus.PROCESSING: "warning",
    PaymentStatus.PAID: "success",
    PaymentStatus.FAILED: "danger",
}
REFUND_TONES = {
    RefundStatus.REQUESTED: "warning",
    RefundStatus.SUBMITTED: "info",
    RefundStatus.SUCCEEDED: "success",
    RefundStatus.FAILED: "danger",
}
CUSTOMER = customer("organisation", _("Customer"))
ORDER = related("order", _("Order"), "billing_order")


def buyer(field: str, label: Any) -> Callable[[Any], str]:
    """Return a column with the buyer as it was printed: name, address, country, tax number."""

    def value(obj: Any) -> str:
        kept = getattr(obj, field) or {}
        lines = [kept.get("name"), *kept.get("address_lines", ()), kept.get("country")]
        return _lines([*lines, kept.get("vat_number")])

    value.__name__ = f"{field}_lines"
    return admin.display(description=label)(value)


def evidence(field: str, label: Any) -> Callable[[Any], str]:
    """Return a column with the check of a tax number: the number, its source, and when."""

    def value(obj: Any) -> str:
        kept = getattr(obj, field) or {}
        checked_at = kept.get("checked_at")
        zone = timezone.get_current_timezone()
        when = format_datetime(datetime.fromisoformat(checked_at), zone) if checked_at else ""
        return _lines([kept.get("number"), kept.get("source"), when])

    value.__name__ = f"{field}_lines"
    return admin.display(description=label)(value)


def _lines(texts: list[Any]) -> str:
    return format_html_join("", "<div>{}</div>", ((text,) for text in texts if text)) or NOTHING
