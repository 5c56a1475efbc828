"""Writing the audit log."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from portal.audit.models import AuditEvent
from portal.kit import clock


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a customer, a member of staff, a link's holder, Stripe or the portal."""

    kind: str
    id: str = ""
    name: str = ""
    address: str | None = None

    @property
    def is_staff(self) -> bool:
        return self.kind == AuditEvent.ActorKind.STAFF


SYSTEM = Actor(kind=AuditEvent.ActorKind.SYSTEM, name="portal")
STRIPE = Actor(kind=AuditEvent.ActorKind.STRIPE, name="Stripe")


def record_event(
    *,
    action: str,
    subject_id: str,
    actor: Actor,
    organisation_id: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one event beside its change; refuses to run outside the change's transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event belongs into the transaction of its change")
    return AuditEvent.objects.create(
        at=clock.now(),
        action=action,
        subject_id=subject_id,
        organisation_id=organisation_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_address=actor.address,
        data=data or {},
    )
