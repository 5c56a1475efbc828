"""The sidebar: what a person may see, with the queue's figure beside it."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.models import FinanceTask
from licensing.domain.statuses import PENDING_KEY_REQUESTS, KeyRequestStatus
from licensing.models import KeyRequest
from portal.desk.site_map import GROUPS, Entry
from portal.kit import clock


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of links that this person may follow; two queries for the badges."""
    groups = []
    for title, entries in GROUPS:
        items = [_item(request, entry) for entry in entries if _may_see(request, entry)]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index")}
    return [{"items": [home]}, *groups]


def _may_see(request: HttpRequest, entry: Entry) -> bool:
    return request.user.has_perm(entry.permission)


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    item = {"title": entry.title, "icon": entry.icon, "link": reverse(entry.url_name)}
    count, variant = BADGES.get(entry.url_name, _no_badge)()
    return item | ({"badge": count, "badge_variant": variant} if count else {})


def _no_badge() -> tuple[int, str]:
    return 0, ""


def queue_badge() -> tuple[int, str]:
    """Return how many requests are overdue, in red; else how many are pending; one query."""
    is_overdue = Q(status=KeyRequestStatus.OPEN, due_at__lte=clock.now())
    figures = KeyRequest.objects.filter(status__in=PENDING_KEY_REQUESTS).aggregate(
        pending=Count("pk"), overdue=Count("pk", filter=is_overdue)
    )
    if figures["overdue"]:
        return figures["overdue"], "danger"
    return figures["pending"], "primary"


def tasks_badge() -> tuple[int, str]:
    """Return how many questions wait for finance."""
    return FinanceTask.objects.filter(done_at=None).count(), "warning"


BADGES = {
    "admin:licensing_keyrequest_changelist": queue_badge,
    "admin:billing_financetask_changelist": tasks_badge,
}
