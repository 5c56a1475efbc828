"""The review page: the sum explained, the terms, how to pay; placing happens here and once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.domain.orders import OrderStatus
from billing.domain.pricing import cheaper_larger_quantity
from billing.forms import ReviewForm
from billing.models import Order, TermsVersion
from billing.models.order import PAY_BY_LABELS, PayBy
from billing.selectors import order_for_page, terms_in_force
from billing.services.credit import Purchase, refused_ways
from billing.services.drafts import digest_of
from billing.services.ordering import place_order, refresh_draft
from billing.services.placing import PriceChanged, TermsChanged
from billing.services.pricing import InvalidPurchase
from billing.views.paying import go_to_checkout
from billing.views.shared import close_day, leads_to_checkout, render_for_member, shown_due
from licensing.domain.terms import term_end
from licensing.selectors import key_due_at
from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.forms import add_domain_error
from portal.accounts.permissions import Permission
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.vendor.selectors import get_vendor, vendor_today

# A wished first day that went by while the page lay open: the draft is written again.
_DAY_WENT_BY: Final = "start_in_the_past"


@dataclass(frozen=True, slots=True)
class Totals:
    """The sum before and after the price changed, in minor units of `currency`."""

    currency: str
    old: int
    new: int


@never_cache
@require_http_methods(["GET", "POST"])
@leads_to_checkout
@for_members(Permission.ORDER)
def review(request: MemberRequest, order: str) -> HttpResponse:
    """Show a draft with everything that placing it means; on POST, place it."""
    draft = order_for_page(request.organisation, order)
    if request.method == "POST":
        return _place(request, draft)
    if draft.status != OrderStatus.DRAFT:
        return _to_order(request, draft)
    page = _Review(request, draft)
    return page.show(page.form())


def _place(request: MemberRequest, draft: Order) -> HttpResponse:
    page = _Review(request, draft)
    form = page.form(request.POST)
    if not form.is_valid():
        # A second click on a page whose order was placed by the first.
        return _to_order(request, draft) if _is_placed(draft) else page.show(form, status=422)
    try:
        placed = place_order(
            order=draft,
            seen_gross=form.cleaned_data["seen_gross"],
            seen_net=form.cleaned_data["seen_net"],
            seen_draft=form.cleaned_data["seen_draft"],
            terms_version=form.cleaned_data["terms_version"],
            pay_by=form.cleaned_data["pay_by"],
            purchase_order=form.cleaned_data["purchase_order"],
            person=request.user,
            actor=actor_of(request),
        )
    except DomainError as error:
        return _refused(request, draft, form, error)
    if placed.pay_by == PayBy.CARD and placed.status == OrderStatus.PLACED:
        return go_to_checkout(request, placed)
    _say_placed(request, placed)
    return _to_order(request, placed)


def _refused(
    request: MemberRequest, draft: Order, form: ReviewForm, error: DomainError
) -> HttpResponse:
    """Show the page again; where the sum has changed, with the old total beside the new one."""
    seen = form.cleaned_data["seen_gross"]
    if isinstance(error, PriceChanged) or _day_went_by(error):
        try:
            refresh_draft(order=draft)
        except DomainError as refusal:
            add_domain_error(form, refusal)
        else:
            draft = order_for_page(request.organisation, draft.public_id)
            form = _Review(request, draft).form(_confirmed_again(form))
            totals = Totals(draft.currency, old=seen, new=draft.gross_amount)
            return _Review(request, draft).show(form, status=409, changed=totals)
    if isinstance(error, TermsChanged):
        # The tick was for the old terms.
        form.data = {name: form.data[name] for name in form.data if name != "terms"}
    add_domain_error(form, error)
    other = error.data.get("order")
    return _Review(request, draft).show(form, status=error.status, other_order=other)


def _day_went_by(error: DomainError) -> bool:
    return isinstance(error, InvalidPurchase) and error.code == _DAY_WENT_BY


def _confirmed_again(form: ReviewForm) -> dict[str, Any]:
    """Keep how to pay and the PO number; the new sum and the terms are to be confirmed anew."""
    kept = ("pay_by", "purchase_order")
    return {name: form.cleaned_data[name] for name in kept}


class _Review:
    """What the review page of one draft shows."""

    def __init__(self, request: MemberRequest, order: Order) -> None:
        self.request, self.order = request, order
        self.now = clock.now()
        self.vendor = get_vendor()
        self.today = vendor_today(self.now, self.vendor)
        purchase = Purchase(order.organisation, order.currency, order.gross_amount)
        self.refusals = refused_ways(purchase=purchase, vendor=self.vendor, today=self.today)
        self.terms: TermsVersion | None = terms_in_force(order.product, self.now)

    def form(self, data: Mapping[str, Any] | None = None) -> ReviewForm:
        """Return the form: as sent, or filled for a first look."""
        shown = {
            "seen_net": self.order.net_amount,
            "seen_gross": self.order.gross_amount,
            "terms_version": self.terms.version if self.terms else "",
        }
        ways = [way for way in PayBy if way not in self.refusals]
        is_sent = data is not None and "seen_gross" in data
        if is_sent:
            form = ReviewForm(data, ways=ways)
        else:
            start = {"pay_by": ways[0], "purchase_order": self._usual_purchase_order()}
            form = ReviewForm(initial=start | shown | dict(data or {}), ways=ways)
        form.require_purchase_order(self.request.organisation.purchase_order_required)
        return form

    def show(self, form: ReviewForm, *, status: int = 200, **more: Any) -> HttpResponse:
        """Render the page; hidden fields say what this page shows, not what was sent."""
        order, starts_on = self.order, self.order.wanted_start or self.today
        due = shown_due(self.vendor, key_due_at(order.product, self.now, self.vendor))
        context = {
            "vendor": self.vendor,
            "order": order,
            "form": form,
            "seen_draft": digest_of(order),
            "terms": self.terms,
            "refused_ways": [
                (PAY_BY_LABELS[way], error.sentence(gettext))
                for way, error in self.refusals.items()
            ],
            "starts_on": starts_on,
            "ends_on": term_end(starts_on) if order.product.is_annual else None,
            "due": due,
            "close_on": close_day(due),
            "good_for": self.vendor.pro_forma_days,
            "choice_query": self._choice_query(order.quantity),
            **self._offer(),
            **more,
        }
        return render_for_member(self.request, "billing/review.html", context, status=status)

    def _offer(self) -> dict[str, Any]:
        """Return the larger quantity that costs less, if there is one, and how to take it."""
        tiers = self.order.price.tier_values()
        offer = cheaper_larger_quantity(tiers, self.order.quantity)
        return {"offer": offer, "offer_query": self._choice_query(offer.quantity) if offer else ""}

    def _choice_query(self, quantity: int) -> str:
        """Return what was chosen, so that the step back shows it again."""
        order = self.order
        chosen = {
            "quantity": quantity,
            "currency": order.currency,
            "support_plan": order.support_plan.code if order.support_plan else "",
            "starts_on": order.wanted_start.isoformat() if order.wanted_start else "",
            "label": order.label,
            "separate": "1" if order.label else "",
        }
        return urlencode({name: value for name, value in chosen.items() if value})

    def _usual_purchase_order(self) -> str:
        return self.order.purchase_order or self.request.organisation.default_purchase_order


def _is_placed(order: Order) -> bool:
    return order.status != OrderStatus.DRAFT


def _to_order(request: MemberRequest, order: Order) -> HttpResponse:
    return redirect("billing:order", request.organisation.public_id, order.public_id)


def _say_placed(request: MemberRequest, order: Order) -> None:
    if order.pay_by == PayBy.TRANSFER:
        messages.success(
            request, gettext("The order is placed. The pro forma is on its way by mail.")
        )
    else:
        messages.success(request, gettext("The order is placed. Your key is being prepared."))
