"""Licences: the list, one with its key, and the key's file.

A key is shown once somebody asked for it with a button: collecting it ends the right to withdraw
from the order, so a page that was merely opened must not count.
"""

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from licensing.models import Licence
from licensing.selectors import get_licence, licences_of, replacement_of
from licensing.services.keys import collect_key, licence_file
from licensing.showing import shown_licence
from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.permissions import Permission
from portal.kit import clock
from portal.vendor.selectors import get_vendor

PAGE_SIZE: Final = 25
FILE_TYPE: Final = "application/octet-stream"


@require_safe
@for_members(Permission.SEE_KEYS)
def licences(request: MemberRequest) -> HttpResponse:
    """List every licence with its state, newest first."""
    now = clock.now()
    page = Paginator(licences_of(request.organisation), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "licences": [shown_licence(one, now) for one in page]}
    return render(request, "licensing/licences.html", context)


@never_cache
@require_safe
@for_members(Permission.SEE_KEYS)
def licence(request: MemberRequest, licence: str) -> HttpResponse:
    """Show one licence; its key only after somebody asked to see it."""
    found = get_licence(request.organisation, licence)
    context = {
        "vendor": get_vendor(),
        "licence": found,
        "shown": shown_licence(found, clock.now()),
        "replacement": replacement_of(found),
    }
    return render(request, "licensing/licence.html", context)


@require_POST
@for_members(Permission.SEE_KEYS)
def show_key(request: MemberRequest, licence: str) -> HttpResponse:
    """Note that the key is collected, and go back to the page that now shows it."""
    found = get_licence(request.organisation, licence)
    if shown_licence(found, clock.now()).has_usable_key:
        collect_key(licence=found, actor=actor_of(request))
    return _to_licence(request, found)


@never_cache
@require_safe
@for_members(Permission.SEE_KEYS)
def file(request: MemberRequest, licence: str) -> HttpResponse:
    """Hand over the `.lic` file of a key that was shown before."""
    found = get_licence(request.organisation, licence)
    if found.first_collected_at is None:
        messages.info(request, gettext("Show the key first; then you can download its file."))
        return _to_licence(request, found)
    name = f"{found.agreement.product.slug}-{found.public_id[4:12]}.lic"
    response = HttpResponse(licence_file(found), content_type=FILE_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _to_licence(request: MemberRequest, licence: Licence) -> HttpResponse:
    return redirect("licensing:licence", request.organisation.public_id, licence.public_id)
