"""Events that Stripe has and we do not: fetched, stored and handled like those that came."""

from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import Max, Min

from billing.models import CheckoutAttempt, StripeEvent
from billing.services.sweeping import for_each
from billing.stripe import gateway
from billing.stripe.types import StripeEventEnvelope
from billing.webhooks.handlers import HANDLERS
from billing.webhooks.inbox import store_event
from portal.kit import clock

# Stripe keeps events for 30 days.
KEPT: Final = timedelta(days=30)
# One that was delivered may have overtaken one that is lost.
OVERTAKEN: Final = timedelta(hours=2)
PAUSE: Final = timedelta(minutes=5)
_PAUSE_KEY: Final = "billing.reconcile_events"


def reconcile_events(now: datetime) -> int:
    """Fetch what was made since the last event we have, every few minutes; return how many."""
    first_attempt = CheckoutAttempt.objects.aggregate(first=Min("created_at"))["first"]
    if first_attempt is None or not cache.add(_PAUSE_KEY, 1, PAUSE.total_seconds()):
        return 0
    last = StripeEvent.objects.aggregate(last=Max("created_at"))["last"] or first_attempt
    return fetch_events(since=max(last - OVERTAKEN, first_attempt - PAUSE, now - KEPT))


def fetch_events(*, since: datetime) -> int:
    """Store and have handled every event since then that never came; return how many."""
    listed = gateway.list_events(since=since, types=sorted(HANDLERS))
    known = set(
        StripeEvent.objects.filter(event_id__in=[event.id for event in listed]).values_list(
            "event_id", flat=True
        )
    )
    missing = [event for event in listed if event.id not in known]
    return for_each(missing, _store, what="missing_stripe_events")


def _store(envelope: StripeEventEnvelope) -> StripeEvent:
    payload = {"id": envelope.id, "type": envelope.type, "fetched_at": clock.now().isoformat()}
    return store_event(envelope=envelope, payload=payload)
