"""How a key request's time and money read to the licence desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from billing.models.order import PayBy
from licensing.domain.statuses import KeyRequestStatus
from portal.kit.dates import BusinessCalendar

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Label:
    """A few words and their colour."""

    text: str
    tone: str


def status_text(key_request: Any) -> str:
    """Return a request's status in staff's words; the model's own are the customer's."""
    if key_request.status == KeyRequestStatus.OPEN:
        return gettext("Open")
    if key_request.status == KeyRequestStatus.WAITING_FOR_CUSTOMER:
        return gettext("Waiting for the customer")
    return str(key_request.get_status_display())


def due_label(key_request: Any, now: datetime) -> Label:
    """Return "in 3 h", "2 h overdue" or "waiting"; warns as the vendor's setting says."""
    if key_request.status == KeyRequestStatus.WAITING_FOR_CUSTOMER:
        return Label(gettext("waiting for the customer"), "neutral")
    if key_request.status != KeyRequestStatus.OPEN or key_request.due_at is None:
        return Label(status_text(key_request), "neutral")
    left = key_request.due_at - now
    if left <= timedelta(0):
        return Label(gettext("%(time)s overdue") % {"time": duration(-left)}, "danger")
    soon = timedelta(hours=getattr(key_request, "soon_hours", None) or 0)
    tone = "warning" if left <= soon else "info"
    return Label(gettext("in %(time)s") % {"time": duration(left)}, tone)


def duration(span: timedelta) -> str:
    """Return a time span in its one or two largest units: 20 min, 3 h, 2 days 4 h."""
    if span < HOUR:
        return gettext("%(count)s min") % {"count": span // MINUTE}
    if span < DAY:
        return gettext("%(count)s h") % {"count": span // HOUR}
    days, hours = span // DAY, span % DAY // HOUR
    text = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return f"{text} {gettext('%(count)s h') % {'count': hours}}" if hours else text


def money_label(key_request: Any) -> Label:
    """Return whether the key may go out for its money: paid, on account, approved, or not paid."""
    if key_request.order_gross is None:
        return Label(gettext("no order: key asked for again"), "neutral")
    if key_request.order_paid >= key_request.order_gross:
        return Label(gettext("paid"), "success")
    if key_request.order_pay_by == PayBy.ON_ACCOUNT:
        return Label(gettext("on account"), "info")
    if key_request.order_approved_by:
        name = key_request.order_approved_by
        return Label(gettext("approved by %(name)s") % {"name": name}, "info")
    return Label(gettext("not paid"), "danger")


@dataclass(frozen=True, slots=True)
class Promise:
    """Why a key is due when it is due. All moments are aware."""

    asked_at: datetime
    clock_started_at: datetime
    days: int
    pauses: list[tuple[datetime, datetime]]
    waiting_since: datetime | None
    due_at: datetime | None

    @property
    def started_at_once(self) -> bool:
        return self.asked_at == self.clock_started_at


def explain_promise(key_request: Any, calendar: BusinessCalendar) -> Promise:
    """Return the steps from the request to its due time."""
    return Promise(
        asked_at=key_request.requested_at,
        clock_started_at=calendar.clock_start(key_request.requested_at),
        days=key_request.agreement.product.promise_business_days,
        pauses=[
            (datetime.fromisoformat(began), datetime.fromisoformat(ended))
            for began, ended in key_request.pauses
        ],
        waiting_since=key_request.waiting_since,
        due_at=key_request.due_at,
    )
