"""Domain errors as pages, one sentence and a way back; addresses that nothing can have."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from portal.kit.errors import DomainError, NotFound


class NullByteMiddleware:
    """Answer 404 to an address with a NUL character: PostgreSQL cannot even look for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return self.get_response(request)


class DomainErrorMiddleware:
    """Show a DomainError that no view turned into a form error, with its HTTP status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, NotFound):
            # The usual 404 page, so that a foreign id looks like one that does not exist.
            raise Http404 from error
        context = {"sentence": error.sentence(gettext), "code": error.code}
        return render(request, "error.html", context, status=error.status)
