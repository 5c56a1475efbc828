"""The page behind a payment link: one order's documents and a way to pay, without a login."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from billing.models import Document, Order
from billing.selectors import document_for_page
from billing.services.checkout import start_checkout
from billing.services.links import order_of_token
from billing.views.order_page import OrderPage
from billing.views.paying import CANNOT_START, sync_returned
from billing.views.shared import leads_to_checkout, pdf_response, render_in_zone
from portal.accounts.permissions import client_address
from portal.audit.models import AuditEvent
from portal.audit.services import Actor
from portal.kit.errors import NotFound
from portal.kit.ratelimit import count_attempt
from portal.vendor.selectors import get_vendor

VISITS: Final = 120
VISITS_SECONDS: Final = 60
PAYMENTS: Final = 20
PAYMENTS_SECONDS: Final = 600

LinkView = Callable[..., HttpResponse]


def for_link_holders(view: LinkView) -> LinkView:
    """Let whoever holds the link in; the address is the secret, so nothing may pass it on.

    The view gets the order instead of the token. No search engine lists the page, no cache keeps
    it, and no other site is told its address.
    """

    @wraps(view)
    def held(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        count_attempt("pay-link", _who(request), limit=VISITS, seconds=VISITS_SECONDS)
        response = view(request, order_of_token(token), token, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "private, no-store"
        return response

    return held


@require_safe
@leads_to_checkout
@for_link_holders
def show(request: HttpRequest, order: Order, token: str) -> HttpResponse:
    """Show what is due on this order, and its documents."""
    prefetch_related_objects([order], "lines", "documents", "payments", "checkout_attempts")
    vendor = get_vendor()
    context = {
        "vendor": vendor,
        "order": order,
        "page": OrderPage(order, vendor),
        "token": token,
    }
    zone = ZoneInfo(order.organisation.time_zone)
    return render_in_zone(request, "billing/pay.html", context, zone=zone)


# A page that sends no referrer sends "Origin: null" with its forms, which the CSRF check refuses.
# It would protect nothing here: the view acts by the secret in its address and never by a cookie,
# so another site cannot borrow anybody's rights.
@csrf_exempt
@require_POST
@leads_to_checkout
@for_link_holders
def pay(request: HttpRequest, order: Order, token: str) -> HttpResponse:
    """Open the payment page for what is due."""
    count_attempt("pay-link-checkout", _who(request), limit=PAYMENTS, seconds=PAYMENTS_SECONDS)
    holder = Actor(kind=AuditEvent.ActorKind.LINK, address=client_address(request))
    try:
        url = start_checkout(
            order=order, return_path=reverse("pay:back", args=[token]), actor=holder
        )
    except CANNOT_START as error:
        messages.warning(request, error.sentence(gettext))
        return redirect("pay:show", token)
    return redirect(url)


@require_safe
@for_link_holders
def back(request: HttpRequest, order: Order, token: str) -> HttpResponse:
    """Learn from Stripe how the payment stands, and show the page again."""
    sync_returned(request, order)
    return redirect("pay:show", token)


@require_safe
@for_link_holders
def document_pdf(request: HttpRequest, order: Order, token: str, document: str) -> HttpResponse:
    """Download a document of this order, and of no other."""
    found: Document = document_for_page(order.organisation, document)
    if found.order_id != order.pk:
        raise NotFound
    return pdf_response(found)


def _who(request: HttpRequest) -> str:
    return client_address(request) or "unknown"
