"""What a signed-in person's requests carry: a time zone, a session seen, a read-only visit."""

from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from portal.accounts.errors import ReadOnlyVisit

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonalTimeZoneMiddleware:
    """Activate the signed-in person's time zone; visitors keep the server's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "")
        if name:
            timezone.activate(ZoneInfo(name))
        else:
            timezone.deactivate()
        return self.get_response(request)


class SessionActivityMiddleware:
    """Note when a session was last seen, for the person's list of sessions.

    Takes the place of allauth's own middleware, which writes a row at every request: this one
    writes once in five minutes. A visit of staff does not appear in a customer's list.
    """

    EVERY_SECONDS: Final = 300

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_due(request):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _is_due(self, request: Any) -> bool:
        key = request.session.session_key
        if not key or not request.user.is_authenticated or request.user.is_hijacked:
            return False
        return bool(cache.add(f"session-seen:{key}", value=True, timeout=self.EVERY_SECONDS))


class ReadOnlyVisitMiddleware:
    """Refuse changes by staff who look at the portal as a customer, except to stop."""

    SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
    WAYS_OUT: Final = frozenset({"hijack:release", "account_logout"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: Any, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.method in self.SAFE_METHODS or not getattr(request.user, "is_hijacked", False):
            return None
        if request.resolver_match.view_name in self.WAYS_OUT:
            return None
        error = ReadOnlyVisit()
        context = {"sentence": error.sentence(gettext), "code": error.code}
        return render(request, "error.html", context, status=error.status)
