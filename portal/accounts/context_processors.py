"""Where the reader is: the organisation of the page and the ones to switch to."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.accounts.models import Membership
from portal.accounts.selectors import memberships_of


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Give the header its organisation and the switcher the person's memberships.

    Under /o/<organisation>/ both were read by the gate; elsewhere one query, and only if a
    template asks.
    """
    return {
        "membership": getattr(request, "membership", None),
        "memberships": SimpleLazyObject(lambda: _memberships(request)),
    }


def _memberships(request: HttpRequest) -> list[Membership]:
    read = getattr(request, "memberships", None)
    if read is not None:
        return list(read)
    user = getattr(request, "user", None)
    return list(memberships_of(user)) if user is not None and user.is_authenticated else []
