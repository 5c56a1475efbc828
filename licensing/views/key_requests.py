"""Key requests: where one stands, and the answer to the licence desk's question."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from licensing.answers import take_answer
from licensing.forms import AnswerForm
from licensing.models import KeyRequest
from licensing.selectors import get_key_request
from licensing.showing import shown_request
from licensing.timeline import events_of
from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.forms import add_domain_error
from portal.accounts.permissions import Permission
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.vendor.selectors import get_vendor


@require_safe
@for_members(Permission.SEE_AGREEMENTS)
def key_request(request: MemberRequest, key_request: str) -> HttpResponse:
    """Show where a request stands and when its key is due."""
    return _show(request, get_key_request(request.organisation, key_request), AnswerForm())


@require_POST
@for_members(Permission.REQUEST_KEYS)
def answer(request: MemberRequest, key_request: str) -> HttpResponse:
    """Answer the licence desk's question; its clock then runs on."""
    found = get_key_request(request.organisation, key_request)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        take_answer(key_request=found, actor=actor_of(request), **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _show(request, found, form, status=error.status)
    messages.success(request, gettext("Thank you. The licence desk goes on with your key."))
    return redirect("licensing:key_request", request.organisation.public_id, found.public_id)


def _show(
    request: MemberRequest, key_request: KeyRequest, form: AnswerForm, status: int = 200
) -> HttpResponse:
    vendor = get_vendor()
    context = {
        "vendor": vendor,
        "key_request": key_request,
        "shown": shown_request(key_request, vendor, clock.now()),
        "events": events_of(key_request),
        "form": form,
    }
    return render(request, "licensing/key_request.html", context, status=status)
