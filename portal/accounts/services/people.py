"""A person's own profile."""

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.services.validation import one_line, refuse_invalid
from portal.audit.services import Actor, record_event


@transaction.atomic
def update_person(*, user: User, name: str, time_zone: str, actor: Actor) -> User:
    """Change what a person is called and the zone in which they read times; raises Invalid."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if (user.name, user.time_zone) == (one_line(name), time_zone):
        return user
    user.name, user.time_zone = one_line(name), time_zone
    refuse_invalid(user, fields=["name", "time_zone"])
    user.save(update_fields=["name", "time_zone"])
    record_event(action="person.updated", subject_id=user.public_id, actor=actor)
    return user
