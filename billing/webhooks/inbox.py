"""The inbox of Stripe's events: each is stored first, claimed by one worker, and handled once."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from billing.models import StripeEvent
from billing.services.money_tasks import tell_event_failed
from billing.services.sweeping import BATCH, for_each
from billing.stripe.types import StripeEventEnvelope
from billing.webhooks.handlers import apply_event
from portal.kit import clock
from portal.kit.jobs import enqueue

logger = structlog.get_logger(__name__)

# A worker that claimed an event and did not come back by then is dead.
CLAIM_LASTS: Final = timedelta(minutes=5)
# How long to wait after each failed attempt; one more failure, and a person has to look.
BACKOFF: Final = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240, 480))
MAXIMUM_ATTEMPTS: Final = len(BACKOFF) + 1
# The job of an event that was just stored is probably on its way.
QUIET: Final = timedelta(minutes=1)
ERROR_LENGTH: Final = 2000


def store_event(*, envelope: StripeEventEnvelope, payload: Mapping[str, Any]) -> StripeEvent:
    """Keep one event, once however often it arrives, and have it handled after commit."""
    with transaction.atomic():
        event, _ = StripeEvent.objects.get_or_create(
            event_id=envelope.id,
            defaults={
                "type": envelope.type,
                "object_id": envelope.object_id,
                "object_type": envelope.object_type,
                "api_version": envelope.api_version,
                "payload": payload,
                "created_at": envelope.created,
                "received_at": clock.now(),
            },
        )
        if event.handled_at is None:
            enqueue("billing.handle_stripe_event", event.event_id)
    return event


def read_payload(body: bytes) -> Mapping[str, Any]:
    """Return a verified webhook's body as stored."""
    payload: Mapping[str, Any] = json.loads(body)
    return payload


def handle_event(event_id: str) -> StripeEvent | None:
    """Apply one event; None where another worker has it, or it was handled or given up.

    A failure is kept on the row and tried again by the sweep; the log has the traceback. What
    the event leads to is idempotent, so a worker that dies on the way does no harm.
    """
    event = _claim(event_id)
    if event is None:
        return None
    try:
        outcome = apply_event(event)
    except Exception as error:  # kept on the row, and tried again by the sweep
        logger.exception("stripe_event_failed", event_id=event_id, attempt=event.attempts)
        return _put_back(event, f"{type(error).__name__}: {error}"[:ERROR_LENGTH])
    return _finish(event, outcome)


def sweep_events(now: datetime) -> int:
    """Handle events whose job was lost, whose worker died or which failed; return how many."""
    ids = _due(now).order_by("received_at").values_list("event_id", flat=True)[:BATCH]
    return for_each(list(ids), handle_event, what="stripe_events")


def _due(now: datetime) -> QuerySet[StripeEvent]:
    failed = Q()
    for attempts, pause in enumerate(BACKOFF, start=1):
        failed |= Q(attempts=attempts, claimed_at__lte=now - pause)
    unhandled = StripeEvent.objects.filter(handled_at=None)
    return unhandled.filter(
        Q(claimed_at=None, received_at__lte=now - QUIET)
        | Q(outcome="", claimed_at__lte=now - CLAIM_LASTS)
        | Q(outcome=StripeEvent.Outcome.FAILED) & failed
    )


def _claim(event_id: str) -> StripeEvent | None:
    now = clock.now()
    with transaction.atomic():
        event = StripeEvent.objects.select_for_update().filter(event_id=event_id).first()
        if event is None or event.handled_at or _is_held(event, now):
            return None
        if event.attempts >= MAXIMUM_ATTEMPTS:
            if event.outcome == "":
                _put_back(event, "the worker that handled it did not come back")
            return None
        event.claimed_at = now
        event.attempts += 1
        event.outcome = ""
        event.save(update_fields=["claimed_at", "attempts", "outcome"])
    return event


def _is_held(event: StripeEvent, now: datetime) -> bool:
    """Another worker took it a moment ago and has not said yet how it went."""
    if event.outcome != "" or event.claimed_at is None:
        return False
    return event.claimed_at > now - CLAIM_LASTS


def _finish(event: StripeEvent, outcome: StripeEvent.Outcome) -> StripeEvent:
    event.outcome = outcome
    event.handled_at = clock.now()
    event.error = ""
    event.save(update_fields=["outcome", "handled_at", "error"])
    return event


def _put_back(event: StripeEvent, error: str) -> StripeEvent:
    with transaction.atomic():
        event.outcome = StripeEvent.Outcome.FAILED
        event.error = error
        event.save(update_fields=["outcome", "error"])
        if event.attempts >= MAXIMUM_ATTEMPTS:
            tell_event_failed(event)
    return event
