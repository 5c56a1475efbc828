"""Paying online from the customer's area: to Stripe's page and back."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.domain.orders import PaymentStatus
from billing.models import CheckoutAttempt, Order
from billing.selectors import order_for_page
from billing.services.checkout import NothingDue, PaymentOnItsWay, start_checkout, sync_checkout
from billing.stripe.errors import AmountNotChargeable, StripeRefused, StripeUnavailable
from billing.views.shared import leads_to_checkout
from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.permissions import Permission

CANNOT_START: Final = (
    NothingDue,
    PaymentOnItsWay,
    StripeUnavailable,
    StripeRefused,
    AmountNotChargeable,
)


@require_POST
@leads_to_checkout
@for_members(Permission.PAY)
def pay_order(request: MemberRequest, order: str) -> HttpResponse:
    """Open the payment page for what is due."""
    return go_to_checkout(request, order_for_page(request.organisation, order))


def go_to_checkout(request: MemberRequest, order: Order) -> HttpResponse:
    """Lead to Stripe's page; where it cannot be opened, to the order's page, which says why."""
    address = [request.organisation.public_id, order.public_id]
    back = reverse("billing:checkout_return", args=address)
    try:
        url = start_checkout(order=order, return_path=back, actor=actor_of(request))
    except CANNOT_START as error:
        messages.warning(request, error.sentence(gettext))
        return redirect("billing:order", *address)
    return redirect(url)


@never_cache
@require_safe
@for_members(Permission.PAY)
def checkout_return(request: MemberRequest, order: str) -> HttpResponse:
    """Learn from Stripe how the payment stands, whichever of page and webhook came first."""
    found = order_for_page(request.organisation, order)
    sync_returned(request, found)
    return redirect("billing:order", request.organisation.public_id, found.public_id)


def sync_returned(request: HttpRequest, order: Order) -> None:
    """Ask Stripe about the attempt that a payer comes back from, and say how it stands.

    Its id in the address is believed for nothing but which of the order's attempts to look at.
    """
    attempt = CheckoutAttempt.objects.filter(
        order=order, public_id=request.GET.get("checkout", "")
    ).first()
    if attempt is None:
        return
    try:
        attempt = sync_checkout(attempt=attempt)
    except (StripeUnavailable, StripeRefused):
        messages.info(
            request,
            gettext(
                "We have not heard from the payment service yet. This page shows the payment as "
                "soon as it is confirmed; please do not pay a second time."
            ),
        )
        return
    if attempt.status == PaymentStatus.PAID:
        messages.success(request, gettext("Thank you. Your payment has arrived."))
    elif attempt.status == PaymentStatus.OPEN and "cancelled" in request.GET:
        messages.info(request, gettext("You left the payment page. Nothing was charged."))
    elif attempt.status == PaymentStatus.PROCESSING:
        messages.info(request, gettext("Your payment is on its way."))
