"""Invitations: a role offered to one e-mail address, for 14 days, accepted once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from portal.accounts.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationExpired,
    InvitationForAnother,
    InvitationUsed,
    InvitationWithdrawn,
    TooManyInvitations,
)
from portal.accounts.models import ROLE_LABELS, Invitation, Membership, Organisation, Role, User
from portal.accounts.selectors import (
    has_verified_email,
    invitation_of_token,
    invitations_of_since,
    invitations_since,
    unanswered_invitations,
)
from portal.accounts.services.members import known_role
from portal.accounts.services.validation import refuse_invalid
from portal.accounts.tokens import hash_token, new_token
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.urls import absolute
from portal.notifications.services import queue_mail

VALID_FOR = timedelta(days=14)
DAILY_LIMIT = 30


@transaction.atomic
def invite_member(
    *, organisation: Organisation, email: str, role: str, invited_by: User, actor: Actor
) -> Invitation:
    """Offer a role to an e-mail address, by a mail with a link that is good for 14 days.

    Raises Invalid, UnknownRole, AlreadyMember, AlreadyInvited and TooManyInvitations.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    now = clock.now()
    token = new_token()
    invitation = Invitation(
        organisation=organisation,
        email=email.strip().lower(),
        role=known_role(role),
        token_hash=hash_token(token),
        invited_by=invited_by,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    refuse_invalid(invitation, fields=["email"])
    _refuse_second(invitation)
    invitation.save()
    _record("invitation.sent", invitation, actor)
    _send(invitation, token)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, sent_by: User, actor: Actor) -> Invitation:
    """Withdraw an unanswered invitation and send a new one; the old link stops working."""
    withdrawn = withdraw_invitation(invitation=invitation, actor=actor)
    return invite_member(
        organisation=withdrawn.organisation,
        email=withdrawn.email,
        role=withdrawn.role,
        invited_by=sent_by,
        actor=actor,
    )


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: Actor) -> Invitation:
    """Take an unanswered invitation back; raises InvitationUsed and InvitationWithdrawn."""
    invitation = _lock(invitation)
    _refuse_answered(invitation)
    _withdraw(invitation, actor)
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User, actor: Actor) -> Membership:
    """Make a person a member who has confirmed that the invited address is theirs.

    Raises InvitationUnknown, InvitationUsed, InvitationWithdrawn, InvitationExpired,
    InvitationForAnother and AlreadyMember.
    """
    invitation = _lock(invitation_of_token(token))
    refuse_closed(invitation)
    if not has_verified_email(user, invitation.email):
        raise InvitationForAnother
    if invitation.organisation.memberships.filter(user=user).exists():
        raise AlreadyMember(data={"email": user.email})
    now = clock.now()
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    membership = Membership.objects.create(
        organisation=invitation.organisation, user=user, role=invitation.role, joined_at=now
    )
    _record("invitation.accepted", invitation, actor)
    return membership


def refuse_closed(invitation: Invitation) -> None:
    """Raise what is the matter with an invitation that can no longer be accepted."""
    _refuse_answered(invitation)
    if clock.now() >= invitation.expires_at:
        raise InvitationExpired


def _lock(invitation: Invitation) -> Invitation:
    """Lock the organisation, then read the invitation again."""
    organisation = Organisation.objects.select_for_update().get(pk=invitation.organisation_id)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    locked.organisation = organisation
    return locked


def _refuse_answered(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationUsed
    if invitation.withdrawn_at is not None:
        raise InvitationWithdrawn


def _refuse_second(invitation: Invitation) -> None:
    """One open invitation and one membership for an address; an expired one makes way."""
    organisation, data = invitation.organisation, {"email": invitation.email}
    if organisation.memberships.filter(user__email__iexact=invitation.email).exists():
        raise AlreadyMember(field="email", data=data)
    earlier = unanswered_invitations(organisation).filter(email__iexact=invitation.email).first()
    if earlier is not None and invitation.created_at < earlier.expires_at:
        raise AlreadyInvited(field="email", data=data)
    _keep_daily_limit(invitation)
    if earlier is not None:
        earlier.withdrawn_at = invitation.created_at
        earlier.save(update_fields=["withdrawn_at"])


def _keep_daily_limit(invitation: Invitation) -> None:
    """So many a day for an organisation and for a person, who can make any number of those."""
    a_day_ago = invitation.created_at - timedelta(days=1)
    sent = invitations_since(invitation.organisation, a_day_ago)
    if invitation.invited_by is not None:
        sent = max(sent, invitations_of_since(invitation.invited_by, a_day_ago))
    if sent >= DAILY_LIMIT:
        raise TooManyInvitations


def _withdraw(invitation: Invitation, actor: Actor) -> None:
    invitation.withdrawn_at = clock.now()
    invitation.save(update_fields=["withdrawn_at"])
    _record("invitation.withdrawn", invitation, actor)


def _send(invitation: Invitation, token: str) -> None:
    organisation, inviter = invitation.organisation, invitation.invited_by
    queue_mail(
        kind="invitation",
        recipients=[invitation.email],
        context={
            "organisation_name": organisation.legal_name,
            "inviter_name": inviter.get_full_name() if inviter else "",
            "role_name": ROLE_LABELS[Role(invitation.role)],
            "accept_url": absolute(reverse("invitation", args=[token])),
            "expires_at": invitation.expires_at,
        },
        time_zone=ZoneInfo(organisation.time_zone),
        organisation_id=organisation.public_id,
        subject_id=invitation.public_id,
    )


def _record(action: str, invitation: Invitation, actor: Actor) -> None:
    record_event(
        action=action,
        subject_id=invitation.public_id,
        actor=actor,
        organisation_id=invitation.organisation.public_id,
        data={"email": invitation.email, "role": str(invitation.role)},
    )
