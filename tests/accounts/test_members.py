"""Members and roles: an organisation never loses its last owner."""

from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.errors import LastOwner, UnknownRole
from portal.accounts.models import Membership, Role
from portal.accounts.services.members import change_role, leave_organisation, remove_member
from portal.audit.models import AuditEvent
from portal.audit.services import SYSTEM
from tests.factories import MembershipFactory, OrganisationFactory


def owners(organisation) -> int:
    return organisation.memberships.filter(role=Role.OWNER).count()


@pytest.mark.django_db
def test_a_role_changes_and_the_log_says_from_what_to_what(customer):
    member = MembershipFactory(organisation=customer.organisation, role="member")
    changed = change_role(membership=member, role="billing", actor=SYSTEM)
    assert changed.role == "billing"
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("member.role_changed", member.user.public_id)
    assert event.data == {"email": member.user.email, "from": "member", "to": "billing"}
    assert event.organisation_id == customer.organisation.public_id


@pytest.mark.django_db
def test_the_same_role_again_writes_nothing(customer):
    change_role(membership=customer.organisation.memberships.get(), role="owner", actor=SYSTEM)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_an_unknown_role_is_refused(customer):
    with pytest.raises(UnknownRole):
        change_role(membership=customer.organisation.memberships.get(), role="god", actor=SYSTEM)
    assert owners(customer.organisation) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        lambda m: change_role(membership=m, role="member", actor=SYSTEM),
        lambda m: remove_member(membership=m, actor=SYSTEM),
        lambda m: leave_organisation(membership=m, actor=SYSTEM),
    ],
)
def test_the_last_owner_stays_the_owner(customer, act):
    MembershipFactory(organisation=customer.organisation, role="billing")
    with pytest.raises(LastOwner):
        act(customer.organisation.memberships.get(user=customer.owner))
    assert owners(customer.organisation) == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_an_owner_who_cannot_sign_in_does_not_count(customer):
    MembershipFactory(organisation=customer.organisation, role="owner", user__is_active=False)
    with pytest.raises(LastOwner):
        leave_organisation(
            membership=customer.organisation.memberships.get(user=customer.owner), actor=SYSTEM
        )


@pytest.mark.django_db
def test_an_owner_of_another_organisation_does_not_count(customer, stranger):
    with pytest.raises(LastOwner):
        leave_organisation(
            membership=customer.organisation.memberships.get(user=customer.owner), actor=SYSTEM
        )


@pytest.mark.django_db
def test_one_of_two_owners_may_go_but_not_both_with_what_they_read_before(customer):
    first = customer.organisation.memberships.select_related("user").get(user=customer.owner)
    second = MembershipFactory(organisation=customer.organisation, role="owner")
    leave_organisation(membership=first, actor=SYSTEM)
    with pytest.raises(LastOwner):
        change_role(membership=second, role="member", actor=SYSTEM)
    assert owners(customer.organisation) == 1


@pytest.mark.django_db
def test_the_organisation_is_locked_before_anything_is_decided(customer):
    member = MembershipFactory(organisation=customer.organisation, role="owner")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        change_role(membership=member, role="member", actor=SYSTEM)
    statements = [q["sql"] for q in queries if q["sql"].startswith("SELECT")]
    assert 'FROM "accounts_organisation"' in statements[0]
    if connection.features.has_select_for_update:
        assert statements[0].endswith("FOR UPDATE")


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_step_down_at_once_leave_one():
    organisation = OrganisationFactory()
    members = [MembershipFactory(organisation=organisation, role="owner") for _ in range(2)]
    start, stepped_down = Barrier(2), []

    def step_down(member: Membership) -> None:
        start.wait()
        try:
            change_role(membership=member, role="member", actor=SYSTEM)
            stepped_down.append(member.pk)
        except (LastOwner, OperationalError):
            # An embedded database may answer that it is locked: refused all the same.
            pass
        finally:
            connection.close()

    threads = [Thread(target=step_down, args=[member]) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stepped_down) == 1
    assert owners(organisation) == 1
