"""Forms of the buyer's pages: they read the input, and the services hold the rules."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.domain.pricing import check_quantity
from billing.models import SupportPlan
from billing.models.order import PAY_BY_LABELS, PayBy
from billing.services.drafts import FORM_TOKEN_LENGTH, LABEL_LENGTH
from billing.services.placing import PURCHASE_ORDER_LENGTH
from billing.services.pricing import (
    ANNUAL,
    START_DAYS_AHEAD,
    NoPrice,
    check_billing_period,
    check_start,
)
from licensing.models import Product
from portal.kit.errors import DomainError
from portal.kit.formatting import format_percent

BILLING_PERIODS: Final = [
    (ANNUAL, _("Once a year")),
    ("quarterly", _("Every three months")),
    ("monthly", _("Every month")),
]
# What was typed comes back in a sentence, not by the page.
TYPED_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Shelf:
    """What can be chosen for one product today (the vendor's date); read once for the page."""

    product: Product
    currencies: Sequence[str]
    plans: Sequence[SupportPlan] = field(default_factory=tuple)
    today: date = date.min


class PurchaseForm(forms.Form):
    """What somebody wants to buy, as typed: the pricing service says what is wrong with it."""

    quantity = forms.CharField(label=_("How many licences"), required=False)
    currency = forms.CharField(label=_("Currency"), required=False)
    billing_period = forms.CharField(label=_("Billing period"), required=False)
    support_plan = forms.CharField(label=_("Support"), required=False, widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, Any], *, shelf: Shelf) -> None:
        super().__init__(data)
        self.shelf = shelf
        self.plan: SupportPlan | None = None
        number = {"min": shelf.product.minimum_quantity, "step": 1, "autocomplete": "off"}
        self.fields["quantity"].widget = forms.NumberInput(attrs=number)
        currencies = [(code, code) for code in shelf.currencies]
        self.fields["currency"].widget = forms.Select(choices=currencies)
        self.fields["billing_period"].widget = forms.Select(choices=BILLING_PERIODS)
        self.fields["support_plan"].widget = forms.RadioSelect(choices=_plans(shelf.plans))
        if not shelf.product.is_annual:
            del self.fields["billing_period"]
        if not shelf.plans:
            del self.fields["support_plan"]

    @classmethod
    def names(cls) -> list[str]:
        """Return what a link to the next page carries."""
        return list(cls.base_fields)

    def clean_quantity(self) -> str:
        """Refuse what cannot be sold, in the rule's own words."""
        typed = str(self.cleaned_data["quantity"])
        with _refusals():
            return str(check_quantity(typed, self.shelf.product.minimum_quantity))

    def clean_billing_period(self) -> str:
        """Answer whoever asks for months or quarters: it is annual only."""
        period = str(self.cleaned_data["billing_period"])
        with _refusals():
            check_billing_period(period)
        return period

    def clean_currency(self) -> str:
        """Refuse a currency without a price."""
        currency = str(self.cleaned_data["currency"])[:TYPED_LENGTH]
        with _refusals():
            if currency not in self.shelf.currencies:
                raise NoPrice(data={"currency": currency})
        return currency

    def clean_support_plan(self) -> str:
        """Find the plan: empty is standard support, which costs nothing."""
        code = str(self.cleaned_data["support_plan"])
        self.plan = next((plan for plan in self.shelf.plans if plan.code == code), None)
        if code and self.plan is None:
            raise forms.ValidationError(
                _("This support plan is not offered for this product."), code="unknown_support_plan"
            )
        return code


class OrganisationPurchaseForm(PurchaseForm):
    """The same for a member: with the first day, and a label where a second agreement is meant."""

    starts_on = forms.DateField(
        label=_("First day"),
        required=False,
        help_text=_("The licence year starts on this day, or when the order is paid if later."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    label = forms.CharField(
        label=_("Name of the separate agreement"),
        required=False,
        max_length=LABEL_LENGTH,
        help_text=_("For instance the department or the project that it is for."),
    )
    form_token = forms.CharField(
        required=False, max_length=FORM_TOKEN_LENGTH, widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, Any], *, shelf: Shelf, is_separate: bool) -> None:
        super().__init__(data, shelf=shelf)
        latest = shelf.today + timedelta(days=START_DAYS_AHEAD)
        limits = {"min": shelf.today.isoformat(), "max": latest.isoformat()}
        self.fields["starts_on"].widget.attrs.update(limits)
        if not shelf.product.is_annual:
            del self.fields["starts_on"]
        if not is_separate:
            del self.fields["label"]

    def clean_starts_on(self) -> date | None:
        """Refuse a day that is over or too far ahead."""
        wanted: date | None = self.cleaned_data["starts_on"]
        with _refusals():
            check_start(wanted=wanted, today=self.shelf.today)
        return wanted

    @property
    def wanted_start(self) -> date | None:
        """The later day that was chosen; today is no wish, for acceptance may take longer."""
        chosen: date | None = self.cleaned_data.get("starts_on")
        return None if chosen == self.shelf.today else chosen


class ReviewForm(forms.Form):
    """What the buyer confirms; the hidden fields say which sum and which terms were seen."""

    pay_by = forms.ChoiceField(
        label=_("How do you want to pay?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose how to pay.")},
    )
    purchase_order = forms.CharField(
        label=_("Purchase order number"),
        required=False,
        max_length=PURCHASE_ORDER_LENGTH,
        help_text=_("Printed on the pro forma and the invoice."),
    )
    terms = forms.BooleanField(error_messages={"required": _("Please accept the standard terms.")})
    terms_version = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_net = forms.IntegerField(widget=forms.HiddenInput)
    seen_gross = forms.IntegerField(widget=forms.HiddenInput)
    seen_draft = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ways: Sequence[PayBy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [(str(way), PAY_BY_LABELS[way]) for way in ways]
        self.fields["pay_by"].choices = labels  # type: ignore[attr-defined]

    def require_purchase_order(self, is_required: bool) -> None:
        """Ask for the number where the organisation made it mandatory."""
        purchase_order = self.fields["purchase_order"]
        purchase_order.required = is_required
        purchase_order.error_messages["required"] = _(
            "Your organisation needs a purchase order number on each order."
        )


class CancelForm(forms.Form):
    """Why a customer cancels; a reason is welcome and not asked for."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class AnswerForm(forms.Form):
    """The customer's answer to an order that came back for correction."""

    answer = forms.CharField(
        label=_("Your answer"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )


def new_form_token() -> str:
    """Return what makes one opened form one order, however often it is sent."""
    return secrets.token_urlsafe(16)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a rule's refusal into the error of the field that is being cleaned."""
    try:
        yield
    except DomainError as error:
        raise forms.ValidationError(error.sentence(gettext), code=error.code) from error


def _plans(plans: Sequence[SupportPlan]) -> list[tuple[str, str]]:
    standard = gettext("Standard support, included")
    named = [
        (
            plan.code,
            gettext("%(plan)s, %(percent)s of the licence fee")
            % {"plan": plan.name, "percent": format_percent(plan.basis_points)},
        )
        for plan in plans
    ]
    return [("", standard), *named]
