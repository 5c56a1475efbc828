"""Members and their roles. An organisation always keeps an owner."""

from django.db import transaction

from portal.accounts.errors import LastOwner, UnknownRole
from portal.accounts.models import Membership, Organisation, Role
from portal.audit.services import Actor, record_event


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: Actor) -> Membership:
    """Give a member another role; raises LastOwner, UnknownRole, DoesNotExist."""
    known = known_role(role)
    locked = _lock(membership)
    if locked.role == known:
        return locked
    if known != Role.OWNER:
        _keep_an_owner(locked)
    before, locked.role = locked.role, known
    locked.save(update_fields=["role"])
    _record("member.role_changed", locked, actor, {"from": before, "to": str(known)})
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, actor: Actor) -> None:
    """End a membership; the person keeps an account. Raises LastOwner, DoesNotExist."""
    _end(membership, "member.removed", actor)


@transaction.atomic
def leave_organisation(*, membership: Membership, actor: Actor) -> None:
    """End one's own membership; raises LastOwner, DoesNotExist."""
    _end(membership, "member.left", actor)


def known_role(role: str) -> Role:
    """Return the role of that name; raises UnknownRole."""
    try:
        return Role(role)
    except ValueError as error:
        raise UnknownRole(field="role", data={"role": role[:40]}) from error


def _end(membership: Membership, action: str, actor: Actor) -> None:
    locked = _lock(membership)
    _keep_an_owner(locked)
    _record(action, locked, actor, {"role": locked.role})
    locked.delete()


def _lock(membership: Membership) -> Membership:
    """Lock the organisation, then read the member again: two demotions wait for one another."""
    Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    return Membership.objects.select_related("organisation", "user").get(pk=membership.pk)


def _keep_an_owner(membership: Membership) -> None:
    """Refuse if this member is the only owner who can sign in."""
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(
        organisation=membership.organisation_id, role=Role.OWNER, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastOwner


def _record(action: str, membership: Membership, actor: Actor, data: dict[str, str]) -> None:
    record_event(
        action=action,
        subject_id=membership.user.public_id,
        actor=actor,
        organisation_id=membership.organisation.public_id,
        data={"email": membership.user.email, **data},
    )
