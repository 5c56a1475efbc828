"""Agreements: the list, one with all that hangs on it, and asking for its key again."""

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from licensing.domain.statuses import CURRENT_AGREEMENTS
from licensing.forms import ReissueForm
from licensing.models import Agreement
from licensing.selectors import get_agreement, holdings_of
from licensing.services.key_requests import REISSUE_DAYS, REISSUE_LIMIT, request_reissue
from licensing.showing import (
    seat_changes,
    shown_holding,
    shown_licence,
    shown_request,
    state_of,
    term_of_today,
)
from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.forms import add_domain_error
from portal.accounts.permissions import Permission
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.vendor.selectors import get_vendor, vendor_today

PAGE_SIZE: Final = 25


@require_safe
@for_members(Permission.SEE_AGREEMENTS)
def agreements(request: MemberRequest) -> HttpResponse:
    """List every agreement, ended ones too."""
    vendor, now = get_vendor(), clock.now()
    today = vendor_today(now, vendor)
    page = Paginator(holdings_of(request.organisation, today), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    holdings = [shown_holding(row, now, today) for row in page]
    context = {"vendor": vendor, "page": page, "holdings": holdings}
    return render(request, "licensing/agreements.html", context)


@require_safe
@for_members(Permission.SEE_AGREEMENTS)
def agreement(request: MemberRequest, agreement: str) -> HttpResponse:
    """Show one agreement: its term, seats, keys and key requests."""
    return _show(request, get_agreement(request.organisation, agreement), ReissueForm())


@require_POST
@for_members(Permission.REQUEST_KEYS)
def reissue(request: MemberRequest, agreement: str) -> HttpResponse:
    """Ask for the key again."""
    found = get_agreement(request.organisation, agreement)
    form = ReissueForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        opened = request_reissue(
            agreement=found, person=request.user, actor=actor_of(request), **form.cleaned_data
        )
    except DomainError as error:
        add_domain_error(form, error)
        return _show(request, found, form, status=error.status)
    messages.success(request, gettext("The licence desk has your request for a new key."))
    return redirect("licensing:key_request", request.organisation.public_id, opened.public_id)


def _show(
    request: MemberRequest, agreement: Agreement, form: ReissueForm, status: int = 200
) -> HttpResponse:
    context = {**_context(agreement), "form": form}
    return render(request, "licensing/agreement.html", context, status=status)


def _context(agreement: Agreement) -> dict[str, Any]:
    vendor, now = get_vendor(), clock.now()
    today = vendor_today(now, vendor)
    terms = list(agreement.terms.all())
    term = term_of_today(terms, today)
    requests = sorted(agreement.key_requests.all(), key=_newest_first)
    shown = [shown_request(one, vendor, now) for one in requests]
    licences = [shown_licence(one, now) for one in agreement.licences.all()]
    return {
        "vendor": vendor,
        "agreement": agreement,
        "state": state_of(agreement, term, today),
        "is_current": agreement.status in CURRENT_AGREEMENTS,
        "term": term,
        "terms": terms,
        "licences": licences,
        "to_collect": next((one for one in licences if one.is_ready_to_collect), None),
        "requests": shown,
        "pending": next((one for one in shown if one.is_pending), None),
        "in_force": next((one for one in licences if one.is_in_force), None),
        "changes": seat_changes(agreement.seat_entries.all()),
        "reissue_limit": REISSUE_LIMIT,
        "reissue_days": REISSUE_DAYS,
    }


def _newest_first(key_request: Any) -> tuple[float, int]:
    return (-key_request.requested_at.timestamp(), -key_request.pk)
