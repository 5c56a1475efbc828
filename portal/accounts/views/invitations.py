"""The page behind the link of an invitation."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts.access import actor_of
from portal.accounts.models import ROLE_LABELS, Role
from portal.accounts.selectors import has_verified_email, invitation_of_token
from portal.accounts.services.invitations import accept_invitation, refuse_closed
from portal.kit.errors import DomainError


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: Any, token: str) -> HttpResponse:
    """Show who invites to what; on POST, a person who is signed in joins."""
    found = invitation_of_token(token)
    if request.method == "POST" and request.user.is_authenticated:
        return _accept(request, token)
    context: dict[str, Any] = {"invitation": found, "role_name": ROLE_LABELS[Role(found.role)]}
    try:
        refuse_closed(found)
    except DomainError as error:
        context["refusal"] = error.sentence(gettext)
        return render(request, "accounts/invitation.html", context, status=error.status)
    context |= _ways_in(token)
    context["is_for_me"] = request.user.is_authenticated and has_verified_email(
        request.user, found.email
    )
    # Somebody without an account has no time zone yet: that of the organisation stands in.
    zone = getattr(request.user, "time_zone", "") or found.organisation.time_zone
    with timezone.override(ZoneInfo(zone)):
        return render(request, "accounts/invitation.html", context)


def _accept(request: Any, token: str) -> HttpResponse:
    membership = accept_invitation(token=token, user=request.user, actor=actor_of(request))
    organisation = membership.organisation
    sentence = gettext("Welcome to %(organisation)s.") % {"organisation": organisation.legal_name}
    messages.success(request, sentence)
    return redirect("licensing:dashboard", organisation.public_id)


def _ways_in(token: str) -> dict[str, str]:
    """Return the ways in: the sign-in comes back here, the sign-up joins by itself."""
    here = reverse("invitation", args=[token])
    return {
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': here})}",
        "sign_up_url": f"{reverse('account_signup')}?{urlencode({'invitation': token})}",
    }
