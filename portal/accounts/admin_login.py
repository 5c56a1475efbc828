"""The admin is entered through the portal's own sign-in, with its codes and second factors."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from portal.accounts.selectors import has_second_factor


def secure_admin(site: AdminSite) -> None:
    """Send visitors of an admin site to the portal's sign-in, and staff to their second factor.

    With STAFF_SECOND_FACTOR, staff without one cannot enter until they have set one up.
    """
    site.login = _sign_in(site)  # type: ignore[method-assign]
    site.has_permission = staff_may_enter  # type: ignore[method-assign]


def staff_may_enter(request: HttpRequest) -> bool:
    """Say whether the request comes from active staff with the second factor that is asked for."""
    user = request.user
    if not (user.is_active and user.is_staff):
        return False
    return not settings.STAFF_SECOND_FACTOR or _has_second_factor(request)


def _sign_in(site: AdminSite) -> Any:
    def enter(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Reached by staff alone: visitors are at the sign-in page, others were refused."""
        if staff_may_enter(request):
            return redirect(f"{site.name}:index")
        messages.warning(request, gettext("Staff need a second factor. Set one up first."))
        return redirect("mfa_index")

    return secure_admin_login(enter)


def _has_second_factor(request: Any) -> bool:
    """Ask once for each request: the admin's templates ask again and again."""
    if not hasattr(request, "staff_second_factor"):
        request.staff_second_factor = has_second_factor(request.user)
    return bool(request.staff_second_factor)
