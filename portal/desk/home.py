"""The first page of staff: what waits for this person, by what they may do."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.desk import selectors
from portal.desk.labels import due_label, money_label
from portal.kit import clock
from portal.kit.dates import local_today
from portal.vendor.models import VendorProfile


def home_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the sections of each role to the home page; a superuser has them all."""
    context["title"] = _("Home")
    vendor = VendorProfile.objects.filter(pk=1).first()
    context["vendor_missing"] = vendor is None
    if vendor is None:
        return context
    for permission, section in SECTIONS:
        if request.user.has_perm(permission):
            context |= section(vendor)
    context["may_search"] = request.user.has_perm("accounts.view_organisation")
    return context


def desk_section(vendor: VendorProfile) -> dict[str, Any]:
    """Return the licence desk's figures and the next requests; two queries."""
    now = clock.now()
    rows = [
        {"request": row, "due": due_label(row, now), "money": money_label(row)}
        for row in selectors.queue(now)[: selectors.ROWS]
    ]
    counts = selectors.queue_counts(now, selectors.end_of_vendors_day(now, vendor))
    return {"desk": {"counts": counts, "rows": rows}}


def finance_section(vendor: VendorProfile) -> dict[str, Any]:
    """Return what finance has to settle, remind of and look out for; three queries."""
    today = local_today(clock.now(), vendor.zone)
    return {
        "finance": {
            "tasks": selectors.open_tasks()[: selectors.ROWS],
            "invoices": selectors.overdue_invoices(today)[: selectors.ROWS],
            "transfers": selectors.awaited_transfers()[: selectors.ROWS],
        }
    }


def sales_section(vendor: VendorProfile) -> dict[str, Any]:
    """Return what was ordered and waits for its money; one query."""
    return {"sales": {"orders": selectors.placed_orders()[: selectors.ROWS]}}


SECTIONS = (
    ("licensing.issue_key", desk_section),
    ("billing.settle_task", finance_section),
    ("billing.approve_order", sales_section),
)
