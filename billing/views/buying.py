"""The buy page of an organisation: the choice with its tax, its total and the key's due time."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.forms import OrganisationPurchaseForm, new_form_token
from billing.models import Order
from billing.selectors import order_on_its_way
from billing.services.drafts import OrderOnItsWay
from billing.services.ordering import prepare_order
from billing.services.pricing import check_buyer
from billing.views.estimates import Estimate, choice, estimate, shelf_of
from billing.views.gates import for_buyers
from billing.views.shared import close_day, query_of, render_for_member
from licensing.models import Agreement, Product
from licensing.selectors import current_agreement, held_seats
from licensing.services.errors import AgreementExists
from portal.accounts.access import MemberRequest, actor_of
from portal.accounts.forms import add_domain_error
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.vendor.models import VendorProfile
from portal.vendor.selectors import get_vendor, vendor_today

# In the address of the page that buys under a second agreement.
SEPARATE = "separate"
UPDATE = "update"


class _Choosing:
    """One product in front of one organisation: what is in the way, the form and its sum."""

    def __init__(self, request: MemberRequest, product: Product) -> None:
        self.request, self.product = request, product
        self.vendor: VendorProfile = get_vendor()
        self.today = vendor_today(clock.now(), self.vendor)
        self.is_separate = SEPARATE in request.GET
        self.form = self._form()
        self.found: Estimate | None = None

    def _form(self) -> OrganisationPurchaseForm:
        request = self.request
        given = request.POST if request.method == "POST" else request.GET
        shelf = shelf_of(self.product, self.today)
        data = choice(given, shelf, currency=request.organisation.currency)
        data.setdefault("form_token", new_form_token())
        return OrganisationPurchaseForm(data, shelf=shelf, is_separate=self.is_separate)

    def price(self) -> Estimate | None:
        """Price the choice, with sentences on the form where it is refused."""
        self.found = estimate(self.form, vendor=self.vendor, organisation=self.request.organisation)
        return self.found

    def order(self) -> Order | None:
        """Prepare the draft; None with sentences on the form where that is refused."""
        form = self.form
        if not form.is_valid() or not self._is_named():
            return None
        try:
            return prepare_order(
                organisation=self.request.organisation,
                person=self.request.user,
                product=self.product,
                quantity=form.cleaned_data["quantity"],
                support_plan=form.plan,
                currency=form.cleaned_data["currency"],
                wanted_start=form.wanted_start,
                label=form.cleaned_data.get("label", ""),
                form_token=form.cleaned_data["form_token"],
                actor=actor_of(self.request),
            )
        except AgreementExists:
            form.add_error("label", gettext("You have an agreement with this name already."))
        except DomainError as error:
            add_domain_error(form, error)
        return None

    def _is_named(self) -> bool:
        """A second agreement is told from the first by its name."""
        if self.is_separate and not self.form.cleaned_data["label"].strip():
            self.form.add_error("label", gettext("Please give the separate agreement a name."))
        return not self.form.errors

    def query(self, **changes: object) -> str:
        """Return the choice as a query, to show the same page again."""
        names = [name for name in self.form.fields if name != "form_token"]
        if self.is_separate:
            changes[SEPARATE] = "1"
        return query_of(self.form.data, names, **changes)

    def context(self) -> dict[str, Any]:
        """Return what the page shows once the choice was priced."""
        organisation = self.request.organisation.public_id
        offer = self.found.priced.offer if self.found else None
        back = urlencode({"next": f"{self.request.path}?{self.query()}"})
        return {
            "vendor": self.vendor,
            "product": self.product,
            "form": self.form,
            "estimate": self.found,
            "close_on": close_day(self.found.due) if self.found else None,
            "here": self.request.path,
            "offer_query": self.query(quantity=offer.quantity) if offer else "",
            "settings_url": f"{reverse('accounts:settings', args=[organisation])}?{back}",
            "is_separate": self.is_separate,
            "may_continue": self.found is None or not self.found.tax_problem,
        }


@never_cache
@require_http_methods(["GET", "POST"])
@for_buyers
def buy(request: MemberRequest, slug: str) -> HttpResponse:
    """Choose and see the sum; on POST, write a draft and go to its review."""
    product = get_object_or_404(Product, slug=slug)
    in_the_way = _in_the_way(request, product)
    if in_the_way is not None:
        return in_the_way
    choosing = _Choosing(request, product)
    if request.method == "POST":
        if request.POST.get("intent") == UPDATE:
            return redirect(f"{request.path}?{choosing.query()}")
        order = choosing.order()
        if order is not None:
            return redirect("billing:review", request.organisation.public_id, order.public_id)
    if not choosing.form.errors:
        choosing.price()
    template = "billing/parts/estimate.html" if request.htmx else "billing/buy.html"  # type: ignore[attr-defined]
    status = 422 if request.method == "POST" else 200
    response = render_for_member(request, template, choosing.context(), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _in_the_way(request: MemberRequest, product: Product) -> HttpResponse | None:
    """Return the page that says why nothing can be chosen here, if that is so."""
    context: dict[str, Any] = {"product": product}
    try:
        check_buyer(product=product, organisation=request.organisation)
    except DomainError as error:
        context["sentence"] = error.sentence(gettext)
        return render_for_member(request, "billing/cannot_buy.html", context, status=error.status)
    if SEPARATE in request.GET:
        return None
    other = order_on_its_way(request.organisation, product, "")
    if other is not None:
        refusal = OrderOnItsWay(data={"reference": other.reference})
        context |= {"order": other, "sentence": refusal.sentence(gettext)}
        return render_for_member(request, "billing/cannot_buy.html", context)
    agreement = current_agreement(request.organisation, product)
    if agreement is None:
        return None
    return render_for_member(request, "billing/add_seats.html", context | _held(agreement))


def _held(agreement: Agreement) -> dict[str, Any]:
    today = vendor_today(clock.now())
    term = agreement.terms.order_by("-number").first()
    return {"agreement": agreement, "seats": held_seats(agreement, today), "term": term}
