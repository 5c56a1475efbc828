"""The gate of every page under /o/<organisation>/: member or 404, permitted or 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from portal.accounts.errors import RoleLacks, SecondFactorMissing
from portal.accounts.models import Membership, Organisation, User
from portal.accounts.permissions import Permission, client_address, role_allows, roles_with
from portal.accounts.selectors import has_second_factor, memberships_of
from portal.audit.models import AuditEvent
from portal.audit.services import Actor

P = ParamSpec("P")

# The organisation that a person worked in last, to come back to after the sign-in.
LAST_ORGANISATION = "last_organisation"
# Who of the staff looks at the portal as a customer: kept in the session while it lasts.
ACTING_STAFF = "acting_staff"


class MemberRequest(HttpRequest):
    """A request of a member, as the views under /o/<organisation>/ get it."""

    user: User
    membership: Membership
    memberships: list[Membership]
    organisation: Organisation


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponse]


def for_members(
    permission: Permission,
) -> Callable[[MemberView[P]], Callable[..., HttpResponse]]:
    """Let members with `permission` in; set `request.membership` and `request.organisation`.

    The view's URL has `organisation`, a public id, which the view itself does not get. Somebody
    who is no member gets the 404 of an organisation that does not exist. One query, which the
    header's switcher shares; a second one where the organisation asks for a second factor.
    """

    def decorate(view: MemberView[P]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def gate(request: Any, organisation: str, *args: Any, **kwargs: Any) -> HttpResponse:
            _enter(request, organisation)
            if not role_allows(request.membership.role, permission):
                raise RoleLacks(data={"roles": roles_with(permission)})
            if _lacks_second_factor(request):
                return _to_second_factor(request)
            return view(request, *args, **kwargs)

        gate.permission = permission  # type: ignore[attr-defined]
        return gate

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts in this request, for the audit log: staff in the admin, else a person.

    Staff who look at the portal as a customer stay staff here.
    """
    user = request.user
    address = client_address(request)
    if not user.is_authenticated:
        return Actor(kind=AuditEvent.ActorKind.LINK, address=address)
    if getattr(user, "is_hijacked", False):
        return Actor(
            kind=AuditEvent.ActorKind.STAFF, address=address, **request.session[ACTING_STAFF]
        )
    if request.path.startswith("/admin/"):
        return staff_actor(user, address)
    return person_actor(user, address)


def person_actor(user: User, address: str | None = None) -> Actor:
    """Return a customer's person as an actor."""
    kind = AuditEvent.ActorKind.PERSON
    return Actor(kind=kind, id=user.public_id, name=user.email, address=address)


def staff_actor(user: User, address: str | None = None) -> Actor:
    """Return a member of staff as an actor."""
    kind = AuditEvent.ActorKind.STAFF
    return Actor(kind=kind, id=user.public_id, name=user.email, address=address)


def _enter(request: Any, organisation: str) -> None:
    request.memberships = list(memberships_of(request.user))
    found = (m for m in request.memberships if m.organisation.public_id == organisation)
    membership = next(found, None)
    if membership is None:
        raise Http404
    request.membership = membership
    request.organisation = membership.organisation
    if request.session.get(LAST_ORGANISATION) != organisation:
        request.session[LAST_ORGANISATION] = organisation


def _lacks_second_factor(request: Any) -> bool:
    """Staff who look at a customer's pages have signed in as themselves, under their own rule."""
    if not request.organisation.second_factor_required:
        return False
    return not getattr(request.user, "is_hijacked", False) and not has_second_factor(request.user)


def _to_second_factor(request: Any) -> HttpResponse:
    error = SecondFactorMissing(data={"organisation": request.organisation.legal_name})
    messages.warning(request, error.sentence(gettext))
    return redirect("mfa_index")
