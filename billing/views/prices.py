"""The public price page and the public estimate: anybody may read what things cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from billing.domain.pricing import Saving, Tier, savings
from billing.forms import PurchaseForm
from billing.models import Price, SupportPlan
from billing.selectors import prices_in_force
from billing.views.estimates import choice, estimate, shelf_of
from billing.views.shared import close_day, query_of, render_in_zone
from licensing.models import Product
from portal.accounts.access import LAST_ORGANISATION
from portal.accounts.selectors import memberships_of
from portal.kit import clock
from portal.vendor.selectors import get_vendor, vendor_today


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier as listed; the last tier has no upper end."""

    tier: Tier
    last_quantity: int | None
    saving: Saving | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A product on the price page. Without a price in the currency `price` is None."""

    product: Product
    price: Price | None
    rows: tuple[TierRow, ...]
    plans: tuple[SupportPlan, ...]


@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """Show what every product costs, in one currency."""
    vendor = get_vendor()
    found = prices_in_force(vendor_today(clock.now(), vendor))
    currencies = sorted({price.currency for price in found})
    wanted = request.GET.get("currency", "").upper()
    currency = wanted if wanted in currencies else vendor.currency
    context = {
        "vendor": vendor,
        "currency": currency,
        "currencies": currencies,
        "unknown_currency": wanted if wanted and wanted not in currencies else "",
        "products": _listed(found, currency),
    }
    return render(request, "billing/prices.html", context)


@require_safe
def public_buy(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a choice costs before tax, as one types; without JavaScript, on "update"."""
    product = get_object_or_404(Product, slug=slug)
    vendor = get_vendor()
    shelf = shelf_of(product, vendor_today(clock.now(), vendor))
    form = PurchaseForm(choice(request.GET, shelf, currency=vendor.currency), shelf=shelf)
    found = estimate(form, vendor=vendor) if product.on_sale else None
    context: dict[str, Any] = {
        "vendor": vendor,
        "product": product,
        "form": form,
        "estimate": found,
        "close_on": close_day(found.due) if found else None,
        "here": request.path,
        "offer_query": _offer_query(form, found),
    }
    template = "billing/parts/estimate.html" if request.htmx else "billing/public_buy.html"  # type: ignore[attr-defined]
    response = render_in_zone(request, template, context, zone=vendor.zone)
    # The same address answers a part of the page to htmx: a cache must not mix them up.
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def continue_buying(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead on with the choice: through sign-up or sign-in to the organisation's own buy page."""
    product = get_object_or_404(Product, slug=slug)
    query = query_of(request.GET, PurchaseForm.names())
    if not request.user.is_authenticated:
        entrance = "account_login" if "sign_in" in request.GET else "account_signup"
        onward = f"{reverse('continue_buying', args=[slug])}?{query}"
        return redirect(f"{reverse(entrance)}?next={quote(onward)}")
    memberships = list(memberships_of(request.user))
    known = [membership.organisation.public_id for membership in memberships]
    if not known:
        return redirect("home_for_person")
    last = request.session.get(LAST_ORGANISATION)
    if len(known) == 1 or last in known:
        chosen = last if last in known else known[0]
        return redirect(f"{reverse('billing:buy', args=[chosen, slug])}?{query}")
    context = {"product": product, "choices": memberships, "query": query}
    return render(request, "billing/choose_organisation.html", context)


def _offer_query(form: PurchaseForm, found: Any) -> str:
    offer = found.priced.offer if found else None
    return query_of(form.data, PurchaseForm.names(), quantity=offer.quantity) if offer else ""


def _listed(found: Iterable[Price], currency: str) -> list[Listed]:
    """Return each product once, those on sale first."""
    listed = []
    for product, versions in groupby(found, key=lambda price: price.product):
        price = next((p for p in versions if p.currency == currency), None)
        plans = tuple(plan for plan in product.support_plans.all() if plan.available)
        rows = _rows(price.tier_values()) if price else ()
        listed.append(Listed(product, price, rows, plans))
    return sorted(listed, key=lambda entry: not entry.product.on_sale)


def _rows(tiers: tuple[Tier, ...]) -> tuple[TierRow, ...]:
    undercut = {saving.tier: saving for saving in savings(tiers)}
    ends = [tier.from_quantity - 1 for tier in tiers[1:]]
    return tuple(
        TierRow(tier, end, undercut.get(tier))
        for tier, end in zip(tiers, [*ends, None], strict=True)
    )
