"""Who may buy; whoever may not is told who in their organisation may."""

from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from billing.views.shared import View
from portal.accounts.access import MemberRequest, for_members
from portal.accounts.models import Role
from portal.accounts.permissions import ROLE_PERMISSIONS, Permission, role_allows
from portal.accounts.selectors import members_of
from portal.kit.errors import NotAllowed


def for_buyers(view: Any) -> View:
    """Let members who may order in; others get a page that names those who may, with a 403."""
    gate = for_members(Permission.ORDER)(view)

    @wraps(gate)
    def explained(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return gate(request, *args, **kwargs)
        except NotAllowed:
            membership = getattr(request, "membership", None)
            if membership is None or role_allows(membership.role, Permission.ORDER):
                raise
            return _who_may(request)

    return explained


def _who_may(request: MemberRequest) -> HttpResponse:
    roles = [role for role in Role if Permission.ORDER in ROLE_PERMISSIONS[role]]
    buyers = members_of(request.organisation).filter(role__in=roles, user__is_active=True)
    return render(request, "billing/who_may_order.html", {"buyers": buyers}, status=403)
