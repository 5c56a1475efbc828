"""The gate of every page under /o/<organisation>/: member or 404, permitted or 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from portal.accounts.models import Membership, Organisation, User
from portal.accounts.permissions import Permission, client_address, role_allows
from portal.audit.models import AuditEvent
from portal.audit.services import Actor
from portal.kit.errors import NotAllowed

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a member, as the views under /o/<organisation>/ get it."""

    user: User
    membership: Membership
    organisation: Organisation


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponse]


def for_members(
    permission: Permission,
) -> Callable[[MemberView[P]], Callable[..., HttpResponse]]:
    """Let members with `permission` in; set `request.membership` and `request.organisation`.

    The view's URL has `organisation`, a public id, which the view itself does not get. Somebody
    who is no member gets the 404 of an organisation that does not exist.
    """

    def decorate(view: MemberView[P]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def gate(request: Any, organisation: str, *args: Any, **kwargs: Any) -> HttpResponse:
            membership = (
                Membership.objects.select_related("organisation")
                .filter(user=request.user, organisation__public_id=organisation)
                .first()
            )
            if membership is None:
                raise Http404
            if not role_allows(membership.role, permission):
                raise NotAllowed
            request.membership = membership
            request.organisation = membership.organisation
            return view(request, *args, **kwargs)

        gate.permission = permission  # type: ignore[attr-defined]
        return gate

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts in this request, for the audit log: staff in the admin, else a person."""
    user = request.user
    if not user.is_authenticated:
        return Actor(kind=AuditEvent.ActorKind.LINK, address=client_address(request))
    in_admin = request.path.startswith("/admin/")
    kind = AuditEvent.ActorKind.STAFF if in_admin else AuditEvent.ActorKind.PERSON
    return Actor(
        kind=kind, id=user.public_id, name=user.email, address=client_address(request)
    )
