"""Invitations: for one address, for 14 days, accepted once."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from portal.accounts.access import person_actor
from portal.accounts.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationExpired,
    InvitationForAnother,
    InvitationUnknown,
    InvitationUsed,
    InvitationWithdrawn,
    TooManyInvitations,
    UnknownRole,
)
from portal.accounts.models import Invitation, Membership
from portal.accounts.services.invitations import (
    DAILY_LIMIT,
    accept_invitation,
    invite_member,
    resend_invitation,
    withdraw_invitation,
)
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.errors import Invalid
from portal.notifications.models import Mail
from tests.accounts.conftest import token_of
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def accept(token, user):
    return accept_invitation(token=token, user=user, actor=person_actor(user))


def test_an_invitation_is_mailed_and_only_the_hash_of_its_token_is_kept(customer, invite):
    invitation, token = invite("New@Partner.example", "billing")
    mail = Mail.objects.get()
    assert (invitation.email, mail.recipients) == ("new@partner.example", ["new@partner.example"])
    assert mail.subject == f"{customer.organisation.legal_name} invites you to its licence portal"
    assert customer.owner.name in mail.text
    assert "“Billing”" in mail.text
    assert f"http://testserver/invitations/{token}/" in mail.html
    assert invitation.expires_at - invitation.created_at == timedelta(days=14)
    assert token not in str(list(Invitation.objects.values()))
    assert AuditEvent.objects.get().data == {"email": "new@partner.example", "role": "billing"}


def test_the_invited_person_becomes_a_member_with_the_role(customer, invite, confirmed):
    invitation, token = invite(role="licence_manager")
    person = confirmed("new@partner.example")
    membership = accept(token, person)
    invitation.refresh_from_db()
    assert (membership.user, membership.role) == (person, "licence_manager")
    assert membership.organisation == customer.organisation
    assert invitation.accepted_at is not None
    assert AuditEvent.objects.filter(action="invitation.accepted").count() == 1


def test_a_second_confirmed_address_will_do(invite, confirmed):
    _, token = invite()
    person = confirmed("other@partner.example")
    EmailAddress.objects.create(user=person, email="NEW@partner.example", verified=True)
    assert accept(token, person).user == person


@pytest.mark.parametrize("verified", [False, None])
def test_an_address_that_is_not_confirmed_is_not_theirs(invite, verified):
    _, token = invite()
    person = UserFactory(email="new@partner.example")
    if verified is not None:
        EmailAddress.objects.create(user=person, email=person.email, verified=verified)
    with pytest.raises(InvitationForAnother):
        accept(token, person)
    assert not Membership.objects.filter(user=person).exists()


def test_somebody_else_cannot_accept(invite, confirmed):
    invitation, token = invite()
    with pytest.raises(InvitationForAnother):
        accept(token, confirmed("mallory@evil.example"))
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_an_invitation_is_good_to_the_last_moment_of_14_days(invite, confirmed):
    invitation, token = invite()
    person = confirmed("new@partner.example")
    with clock.pretend(invitation.expires_at), pytest.raises(InvitationExpired):
        accept(token, person)
    assert not Membership.objects.filter(user=person).exists()
    with clock.pretend(invitation.expires_at - timedelta(seconds=1)):
        accept(token, person)


def test_an_invitation_is_accepted_once(invite, confirmed):
    _, token = invite()
    person = confirmed("new@partner.example")
    accept(token, person)
    with pytest.raises(InvitationUsed):
        accept(token, person)
    assert Membership.objects.filter(user=person).count() == 1


def test_a_used_invitation_does_not_bring_a_removed_member_back(invite, confirmed):
    _, token = invite()
    person = confirmed("new@partner.example")
    accept(token, person).delete()
    with pytest.raises(InvitationUsed):
        accept(token, person)


def test_a_withdrawn_invitation_is_refused(invite, confirmed, actor):
    invitation, token = invite()
    withdraw_invitation(invitation=invitation, actor=actor)
    with pytest.raises(InvitationWithdrawn):
        accept(token, confirmed("new@partner.example"))
    with pytest.raises(InvitationWithdrawn):
        withdraw_invitation(invitation=invitation, actor=actor)


def test_an_accepted_invitation_cannot_be_withdrawn(invite, confirmed, actor):
    invitation, token = invite()
    accept(token, confirmed("new@partner.example"))
    with pytest.raises(InvitationUsed):
        withdraw_invitation(invitation=invitation, actor=actor)


@pytest.mark.parametrize("token", ["", "x", "é" * 40])
def test_an_unknown_token_is_not_found(token, confirmed):
    with pytest.raises(InvitationUnknown):
        accept(token, confirmed("new@partner.example"))


def test_a_member_is_not_invited_again(customer, invite):
    with pytest.raises(AlreadyMember):
        invite(customer.owner.email.upper())
    assert not Mail.objects.exists()


def test_an_address_has_one_open_invitation(invite):
    invite()
    with pytest.raises(AlreadyInvited):
        invite("NEW@partner.example")
    assert (Invitation.objects.count(), Mail.objects.count()) == (1, 1)


def test_an_expired_invitation_makes_way_for_a_new_one(invite):
    old, _ = invite()
    with clock.pretend(old.expires_at):
        new, _ = invite()
    old.refresh_from_db()
    assert old.withdrawn_at == new.created_at


def test_sending_again_kills_the_old_link(customer, invite, actor, confirmed):
    old, old_token = invite(role="billing")
    new = resend_invitation(invitation=old, sent_by=customer.owner, actor=actor)
    new_token = token_of(Mail.objects.get(subject_id=new.public_id))
    person = confirmed("new@partner.example")
    with pytest.raises(InvitationWithdrawn):
        accept(old_token, person)
    assert accept(new_token, person).role == "billing"


def test_invitations_are_not_a_way_to_send_bulk_mail(invite):
    for number in range(DAILY_LIMIT):
        last, _ = invite(f"person{number}@partner.example")
    with pytest.raises(TooManyInvitations):
        invite("one.more@partner.example")
    assert Mail.objects.count() == DAILY_LIMIT
    with clock.pretend(last.created_at + timedelta(days=1, seconds=1)):
        invite("one.more@partner.example")


def test_a_bad_address_or_role_is_refused_and_nothing_is_sent(invite):
    with pytest.raises(Invalid):
        invite("nobody")
    with pytest.raises(UnknownRole):
        invite(role="emperor")
    assert not Invitation.objects.exists()
    assert not Mail.objects.exists()


def test_a_member_by_another_address_does_not_join_twice(customer, invite):
    member = MembershipFactory(organisation=customer.organisation, role="member")
    _, token = invite("second@partner.example")
    EmailAddress.objects.create(user=member.user, email="second@partner.example", verified=True)
    with pytest.raises(AlreadyMember):
        accept(token, member.user)
    member.refresh_from_db()
    assert member.role == "member"


def test_somebody_with_many_organisations_invites_no_more_than_with_one(customer, actor, invite):
    for number in range(DAILY_LIMIT):
        invite(f"person{number}@partner.example")
    another = MembershipFactory(user=customer.owner).organisation
    with pytest.raises(TooManyInvitations):
        invite_member(
            organisation=another,
            email="one.more@partner.example",
            role="member",
            invited_by=customer.owner,
            actor=actor,
        )
    assert not another.invitations.exists()
