"""The staff area's content security policy: looser than the portal's, and only there."""

from collections.abc import Callable
from typing import Final

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

ADMIN_PATH: Final = "/admin/"
# Unfold's Alpine evaluates its attributes, and the colours come in a style element.
ADMIN_POLICY: Final = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "frame-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
}


class AdminPolicyMiddleware:
    """Give the staff area its own policy, unless a page of it brought a stricter one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(ADMIN_PATH) and not hasattr(response, "_csp_replace"):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]  # noqa: SLF001 (django-csp's)
        return response
