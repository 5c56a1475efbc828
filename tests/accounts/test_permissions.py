"""Who may do what: the table of the product's rules."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from portal.accounts.access import for_members
from portal.accounts.models import Role
from portal.accounts.permissions import Permission, may_act_as, role_allows
from portal.kit.errors import NotAllowed
from tests.factories import MembershipFactory, StaffFactory, UserFactory

# permission: owner, licence manager, billing, member
TABLE = {
    "see_agreements": (True, True, True, True),
    "see_keys": (True, True, False, False),
    "request_keys": (True, True, False, False),
    "prepare_quote": (True, True, True, False),
    "order": (True, False, True, False),
    "pay": (True, False, True, False),
    "see_documents": (True, False, True, False),
    "edit_profile": (True, False, True, False),
    "manage_organisation": (True, False, False, False),
}
ROLES = ("owner", "licence_manager", "billing", "member")
CASES = [
    (permission, role, allowed)
    for permission, row in TABLE.items()
    for role, allowed in zip(ROLES, row, strict=True)
]


def test_the_table_names_every_permission_and_every_role():
    assert set(TABLE) == set(Permission)
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(("permission", "role", "allowed"), CASES)
def test_a_role_may_do_what_the_table_says(permission, role, allowed):
    assert role_allows(role, Permission(permission)) is allowed


def test_an_unknown_role_may_do_nothing():
    assert not any(role_allows("admin", permission) for permission in Permission)


@pytest.mark.django_db
@pytest.mark.parametrize(("permission", "role", "allowed"), CASES)
def test_the_gate_lets_in_whom_the_table_lets_in(permission, role, allowed):
    membership = MembershipFactory(role=role)
    entered = []

    @for_members(Permission(permission))
    def page(request):
        entered.append(request.membership)
        return HttpResponse()

    request = RequestFactory().get("/o/")
    request.user, request.session = membership.user, {}
    if allowed:
        page(request, organisation=membership.organisation.public_id)
        assert entered == [membership]
    else:
        with pytest.raises(NotAllowed):
            page(request, organisation=membership.organisation.public_id)
        assert entered == []


@pytest.mark.django_db
def test_staff_with_the_permission_may_visit_as_a_customer_and_never_as_staff():
    support, customer, colleague = StaffFactory(), UserFactory(), StaffFactory()
    assert may_act_as(hijacker=support, hijacked=customer)
    assert not may_act_as(hijacker=support, hijacked=colleague)
    assert not may_act_as(hijacker=StaffFactory(is_superuser=False), hijacked=customer)
    assert not may_act_as(hijacker=UserFactory(is_superuser=True), hijacked=customer)
    assert not may_act_as(hijacker=support, hijacked=UserFactory(is_active=False))
