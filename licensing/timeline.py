"""The events of a key request, in the words of its page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from licensing.domain.statuses import PENDING_KEY_REQUESTS, KeyRequestStatus
from licensing.models import KeyRequest


@dataclass(frozen=True, slots=True)
class Event:
    """One event; without a moment it is still to come."""

    title: Any
    at: datetime | None = None
    text: Any = ""
    tone: str = ""

    @property
    def is_pending(self) -> bool:
        return self.at is None


def events_of(key_request: KeyRequest) -> list[Event]:
    """Return what happened to a request, oldest first, and the step that comes next."""
    events = [_asked(key_request), *_taken(key_request), *_waits(key_request)]
    events.extend(_closed(key_request))
    if key_request.status in PENDING_KEY_REQUESTS:
        events.append(Event(_("The licence desk issues the key")))
    return sorted(events, key=_moment)


def _asked(key_request: KeyRequest) -> Event:
    by = key_request.requested_by
    text = gettext("By %(email)s") % {"email": by} if by else ""
    return Event(_("Key asked for"), key_request.requested_at, text)


def _taken(key_request: KeyRequest) -> list[Event]:
    if key_request.taken_at is None:
        return []
    return [Event(_("Taken up by the licence desk"), key_request.taken_at)]


def _waits(key_request: KeyRequest) -> list[Event]:
    """Return each question and its answer; only the latest words are kept."""
    events: list[Event] = []
    for began, ended in key_request.pauses:
        events.append(Event(_("We asked you a question"), datetime.fromisoformat(began)))
        events.append(Event(_("You answered"), datetime.fromisoformat(ended)))
    if key_request.waiting_since is not None:
        text = _("The promised time stands still until your answer.")
        events.append(Event(_("We asked you a question"), key_request.waiting_since, text))
    return events


def _closed(key_request: KeyRequest) -> list[Event]:
    if key_request.decided_at is None:
        return []
    at = key_request.decided_at
    if key_request.status == KeyRequestStatus.ISSUED:
        return [Event(_("Key issued"), at)]
    title = _("Declined")
    if key_request.status == KeyRequestStatus.CANCELLED:
        title = _("Cancelled")
    return [Event(title, at, key_request.decline_reason, tone="danger")]


def _moment(event: Event) -> datetime:
    """What is still to come stands last."""
    return event.at or datetime.max.replace(tzinfo=UTC)
