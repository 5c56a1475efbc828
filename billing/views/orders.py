"""The orders of an organisation: the list, one order, cancelling it, answering about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.domain.orders import OrderStatus
from billing.forms import AnswerForm, CancelForm
from billing.models import Order
from billing.selectors import order_for_page, orders_of
from billing.services.keys import answer_return
from billing.services.links import pay_url
from billing.services.ordering import cancel_order
from billing.views.order_page import OrderPage
from billing.views.shared import close_day, leads_to_checkout, page_of, render_for_member
from licensing.selectors import key_request_of_order
from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.forms import add_domain_error
from portal.accounts.permissions import Permission, role_allows
from portal.kit.errors import DomainError, NotFound
from portal.vendor.selectors import get_vendor


@require_safe
@for_members(Permission.ORDER)
def orders(request: MemberRequest) -> HttpResponse:
    """List the organisation's orders, newest first."""
    page = page_of(request, orders_of(request.organisation))
    return render_for_member(request, "billing/orders.html", {"page": page})


@never_cache
@require_safe
@leads_to_checkout
@for_members(Permission.ORDER)
def order(request: MemberRequest, order: str) -> HttpResponse:
    """Show one order: where it stands, what is due and how to pay it."""
    found = order_for_page(request.organisation, order)
    if found.status == OrderStatus.DRAFT:
        return redirect("billing:review", request.organisation.public_id, found.public_id)
    return _show(request, found)


@require_POST
@for_members(Permission.ORDER)
def cancel(request: MemberRequest, order: str) -> HttpResponse:
    """Cancel an order that waits for its money."""
    found = order_for_page(request.organisation, order)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, cancel_form=form)
    try:
        cancel_order(order=found, reason=form.cleaned_data["reason"], actor=actor_of(request))
    except DomainError as error:
        messages.error(request, error.sentence(gettext))
    else:
        messages.success(request, gettext("The order is cancelled. Nothing is owed."))
    return redirect("billing:order", request.organisation.public_id, found.public_id)


@require_POST
@leads_to_checkout
@for_members(Permission.ORDER)
def answer(request: MemberRequest, order: str) -> HttpResponse:
    """Answer the licence desk about an order that came back: its clock runs on."""
    found = order_for_page(request.organisation, order)
    key_request = key_request_of_order(found.public_id)
    if key_request is None:
        raise NotFound
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, answer_form=form)
    try:
        answer_return(
            key_request=key_request, answer=form.cleaned_data["answer"], actor=actor_of(request)
        )
    except DomainError as error:
        add_domain_error(form, error)
        return _show(request, found, status=error.status, answer_form=form)
    messages.success(request, gettext("Thank you. The licence desk goes on with your key."))
    return redirect("billing:order", request.organisation.public_id, found.public_id)


def _show(request: MemberRequest, order: Order, *, status: int = 200, **forms: Any) -> HttpResponse:
    vendor = get_vendor()
    page = OrderPage(order, vendor)
    context = {
        "vendor": vendor,
        "order": order,
        "page": page,
        "close_on": close_day(page.key_due),
        "pay_url": pay_url(order) if page.due else "",
        "may_see_keys": role_allows(request.membership.role, Permission.SEE_KEYS),
        "cancel_form": CancelForm(),
        "answer_form": AnswerForm(),
        **forms,
    }
    return render_for_member(request, "billing/order.html", context, status=status)
