"""Staff see the portal as a customer does: each visit's start and end are in the audit log."""

from typing import Any

from django.http import Http404, HttpResponse
from hijack.views import AcquireUserView, ReleaseUserView

from portal.accounts.access import ACTING_STAFF, staff_actor
from portal.accounts.admin_login import staff_may_enter
from portal.accounts.models import User
from portal.accounts.permissions import client_address
from portal.audit.services import Actor, record_event


class StartVisit(AcquireUserView):  # type: ignore[misc]
    """Let permitted staff in as a customer. The library holds the request in a transaction.

    The visit is a part of the staff area: whoever may not enter that for want of a second factor
    does not come in here either.
    """

    def test_func(self) -> bool:
        return staff_may_enter(self.request) and bool(super().test_func())

    def get_object(self, queryset: Any = None) -> User:
        if not self.request.POST["user_pk"].isdecimal():
            raise Http404
        customer: User = super().get_object(queryset)
        return customer

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        staff, customer = request.user, self.get_object()
        response: HttpResponse = super().post(request, *args, **kwargs)
        request.session[ACTING_STAFF] = {"id": staff.public_id, "name": staff.email}
        _record("customer_visit.started", customer, staff_actor(staff, client_address(request)))
        return response


class EndVisit(ReleaseUserView):  # type: ignore[misc]
    """Let staff be themselves again. The library holds the request in a transaction."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        customer = request.user
        response: HttpResponse = super().post(request, *args, **kwargs)
        request.session.pop(ACTING_STAFF, None)
        actor = staff_actor(request.user, client_address(request))
        _record("customer_visit.ended", customer, actor)
        return response


def _record(action: str, customer: User, actor: Actor) -> None:
    record_event(
        action=action,
        subject_id=customer.public_id,
        actor=actor,
        data={"email": customer.email},
    )
