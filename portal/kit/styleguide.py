"""The style guide of the demo: every component with its states, on one page."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

PERIOD = {"period_start": date(2026, 11, 23), "period_end": date(2027, 11, 23)}
SUM_LINES: list[dict[str, Any]] = [
    {
        "kind": "licence",
        "description": _("Distribution Engine, 12 seats"),
        "amount": 144_000,
        "explanation": [
            {"kind": "full_term", "quantity": 12, "unit_amount": 12_000, "amount": 144_000},
            {"kind": "months", "parts": 12, "whole": 12, "exact": "1440.00"},
        ],
        **PERIOD,
    },
    {
        "kind": "support",
        "description": _("Premier support"),
        "amount": 28_800,
        "explanation": [
            {"kind": "percent", "basis_points": 2000, "base_amount": 144_000, "exact": "288.00"}
        ],
        **PERIOD,
    },
]
TAX_GROUPS = [{"rate_basis_points": 2000, "category": "S", "net": 172_800, "tax": 34_560}]
TONES = ("neutral", "info", "success", "warning", "danger")


class SampleForm(forms.Form):
    """One field of every kind that the portal uses."""

    name = forms.CharField(label=_("Legal name"), help_text=_("As in the company register."))
    email = forms.EmailField(label=_("E-mail"))
    seats = forms.IntegerField(label=_("Seats"), min_value=5, help_text=_("At least 5."))
    starts_on = forms.DateField(
        label=_("Starts on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=[("GB", _("United Kingdom")), ("NL", _("Netherlands"))]
    )
    pay_by = forms.ChoiceField(
        label=_("Way to pay"),
        choices=[("card", _("Card")), ("transfer", _("Bank transfer"))],
        widget=forms.RadioSelect,
        help_text=_("The key is issued once the money is there."),
    )
    message = forms.CharField(label=_("Message"), required=False, widget=forms.Textarea)
    terms = forms.BooleanField(label=_("I accept the standard terms, version 3."))


def refused_form() -> SampleForm:
    """Return the sample form with errors: a short field, a wrong number, and one of its own."""
    typed = {"email": "accounts@example.com", "seats": "4", "country": "GB"}
    # Both forms stand on one page, and an id is given once.
    form = SampleForm(typed, auto_id="refused_%s")
    form.add_error(None, str(_("The price has changed since you opened this page.")))
    return form


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component. Answers 404 outside the demo."""
    if not settings.DEMO:
        raise Http404
    context = {
        "form": SampleForm(initial={"seats": 12}),
        "refused": refused_form(),
        "lines": SUM_LINES,
        "tax_groups": TAX_GROUPS,
        "tones": TONES,
        "due": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        "close_on": date(2026, 11, 23),
        "page": Paginator(range(1, 96), 20).get_page(request.GET.get("page")),
        "sample_key": "key/" + "eyJhY2NvdW50Ijp7ImlkIjoiYWNtZSJ9LCJzZWF0cyI6MTJ9" * 4 + ".c2ln",
    }
    return render(request, "styleguide/index.html", context)
