"""Trying an event again after a person looked at why it failed."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import StripeEvent
from portal.audit.services import Actor, record_event
from portal.kit.errors import Conflict
from portal.kit.jobs import enqueue


class EventHandled(Conflict):
    """It was handled, so there is nothing to try again."""

    code = "event_handled"
    default_message = _("This event was handled already.")


@transaction.atomic
def retry_event(*, event: StripeEvent, actor: Actor) -> StripeEvent:
    """Give an unhandled event all its attempts again and hand it to a worker; see EventHandled."""
    event = StripeEvent.objects.select_for_update().get(pk=event.pk)
    if event.handled_at is not None:
        raise EventHandled
    event.attempts = 0
    event.save(update_fields=["attempts"])
    record_event(action="stripe_event.retried", subject_id=event.event_id[:40], actor=actor)
    enqueue("billing.handle_stripe_event", event.event_id)
    return event
