"""Alerts to the licence desk: a promise that is nearly or already broken, once each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from licensing.domain.statuses import KeyRequestStatus
from licensing.models import KeyRequest
from licensing.services.locks import lock_key_request
from licensing.services.mails import mail_desk_alert
from portal.kit.sweeps import sweep_each
from portal.vendor.models import VendorProfile
from portal.vendor.selectors import get_vendor

BATCH = 200


def sweep_alerts(now: datetime) -> int:
    """Mail the licence desk about requests due soon and overdue; return how many mails it wrote.

    "Soon" is counted in working hours, so that a request due at an opening is told of while
    somebody can still act. A request that waits for the customer is not alerted.
    """
    vendor = get_vendor()
    overdue = _open().filter(due_at__lte=now, overdue_alerted_at=None)
    count = _alert(overdue, partial(_alert_overdue, now=now, vendor=vendor))
    soon = _open().filter(
        due_at__gt=now, due_at__lte=_horizon(vendor, now), due_soon_alerted_at=None
    )
    return count + _alert(soon, partial(_alert_due_soon, now=now, vendor=vendor))


def _open() -> QuerySet[KeyRequest]:
    return KeyRequest.objects.filter(status=KeyRequestStatus.OPEN)


def _horizon(vendor: VendorProfile, now: datetime) -> datetime:
    hours = timedelta(hours=vendor.due_soon_hours)
    return vendor.calendar().add_working_time(now, hours)


def _alert(requests: QuerySet[KeyRequest], write: Callable[[KeyRequest], bool]) -> int:
    batch = requests.select_related("agreement").order_by("due_at")[:BATCH]
    return sweep_each("licensing.alerts", list(batch), write)


@transaction.atomic
def _alert_overdue(key_request: KeyRequest, *, now: datetime, vendor: VendorProfile) -> bool:
    key_request = lock_key_request(key_request)
    if not _is_due(key_request, now) or key_request.overdue_alerted_at is not None:
        return False
    key_request.overdue_alerted_at = now
    key_request.save(update_fields=["overdue_alerted_at"])
    return mail_desk_alert("desk_overdue", key_request, vendor) is not None


@transaction.atomic
def _alert_due_soon(key_request: KeyRequest, *, now: datetime, vendor: VendorProfile) -> bool:
    key_request = lock_key_request(key_request)
    if not _is_due(key_request, _horizon(vendor, now)) or key_request.due_soon_alerted_at:
        return False
    key_request.due_soon_alerted_at = now
    key_request.save(update_fields=["due_soon_alerted_at"])
    return mail_desk_alert("desk_due_soon", key_request, vendor) is not None


def _is_due(key_request: KeyRequest, by: datetime) -> bool:
    """Say whether a request, as locked, is still with the desk and due by then."""
    is_open = key_request.status == KeyRequestStatus.OPEN
    return is_open and key_request.due_at is not None and key_request.due_at <= by
