"""The organisation's first page: what it has, what is due, what to do next."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from licensing.dashboard import Reader, things_due
from licensing.selectors import holdings_of
from licensing.showing import shown_holding
from portal.accounts.access import MemberRequest, for_members
from portal.accounts.permissions import Permission
from portal.kit import clock
from portal.vendor.selectors import get_vendor, vendor_today

# What is more stands on the page of all agreements; and ten things due are a day's work.
AGREEMENTS_SHOWN: Final = 10
DUE_SHOWN: Final = 10


@require_safe
@for_members(Permission.SEE_AGREEMENTS)
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show what the organisation holds and what is due; two queries beside the frame's four."""
    vendor, now = get_vendor(), clock.now()
    reader = Reader(request.organisation, request.membership.role, vendor, now)
    today = vendor_today(now, vendor)
    rows = list(holdings_of(request.organisation, today)[: AGREEMENTS_SHOWN + 1])
    due = things_due(reader)
    context = {
        "vendor": vendor,
        "holdings": [shown_holding(row, now, today) for row in rows[:AGREEMENTS_SHOWN]],
        "has_more": len(rows) > AGREEMENTS_SHOWN,
        "due": due[:DUE_SHOWN],
        "due_left": len(due) - len(due[:DUE_SHOWN]),
    }
    return render(request, "licensing/dashboard.html", context)
