"""Forms of people and organisations: they read the input, and the services hold the rules."""

from dataclasses import fields as dataclass_fields
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.accounts.models import (
    ORGANISATION_KIND_LABELS,
    ROLE_LABELS,
    BillingContact,
    Organisation,
    OrganisationKind,
    Role,
    User,
)
from portal.accounts.places import CURRENCIES, time_zone_choices
from portal.accounts.services.organisations import OrganisationProfile
from portal.kit.errors import DomainError, gettext_noop


def add_domain_error(form: forms.BaseForm, error: DomainError) -> None:
    """Show what a service refused as a sentence beside its field, else above the form."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, forms.ValidationError(error.sentence(gettext), code=error.code))


def country_field() -> forms.Field:
    """Return a required choice of country."""
    model_field: Any = CountryField(blank_label=gettext_noop("Choose a country"))
    field: forms.Field = model_field.formfield()
    field.label = _("Country")
    field.widget.attrs["autocomplete"] = "country"
    return field


def time_zone_field() -> forms.ChoiceField:
    """Return a choice of time zone by name."""
    return forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)


class OrganisationFields(forms.Form):
    """What makes a customer: who it is and where, which decide how it is taxed."""

    kind = forms.ChoiceField(
        label=_("You buy as"),
        choices=list(ORGANISATION_KIND_LABELS.items()),
        initial=OrganisationKind.BUSINESS,
        widget=forms.RadioSelect,
    )
    legal_name = forms.CharField(
        label=_("Company’s legal name"),
        max_length=200,
        required=False,
        help_text=_("As it is to stand on invoices. A private person can leave it empty."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = country_field()
    vat_number = forms.CharField(
        label=_("VAT or tax number"),
        max_length=40,
        required=False,
        help_text=_("Of a business, if it has one. It can be added later."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_business = cleaned.get("kind") == OrganisationKind.BUSINESS
        if is_business and not cleaned.get("legal_name") and "legal_name" not in self.errors:
            self.add_error("legal_name", _("A business needs its legal name."))
        return cleaned

    def name_for(self, person: str) -> str:
        """Return the organisation's name: a private person's own where none is given."""
        return self.cleaned_data["legal_name"] or person


class OrganisationForm(OrganisationFields):
    """A further organisation of somebody who is signed in."""


class OrganisationProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """An organisation's profile as its owner edits it."""

    time_zone = time_zone_field()
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=[(code, code) for code in CURRENCIES],
        help_text=_("For new agreements. A running agreement keeps its own."),
    )

    class Meta:
        model = Organisation
        fields = [field.name for field in dataclass_fields(OrganisationProfile)]
        widgets = {"kind": forms.RadioSelect}
        help_texts = {
            "vat_number": _("Its format and check digits are checked when you save."),
            "default_purchase_order": _("Filled in for you when you order."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(ORGANISATION_KIND_LABELS.items())  # type: ignore[attr-defined]
        self.fields["kind"].label = _("You buy as")
        tokens = {
            "legal_name": "organization",
            "address_line_1": "address-line1",
            "address_line_2": "address-line2",
            "city": "address-level2",
            "region": "address-level1",
            "postcode": "postal-code",
            "country": "country",
        }
        for name, token in tokens.items():
            self.fields[name].widget.attrs["autocomplete"] = token

    def profile(self) -> OrganisationProfile:
        """Return what was typed, for the service."""
        values = {**self.cleaned_data, "country": str(self.cleaned_data["country"])}
        return OrganisationProfile(**values)


class BillingContactForm(forms.ModelForm):  # type: ignore[type-arg]
    """One more address for documents."""

    class Meta:
        model = BillingContact
        fields = ["email", "name", "is_shared_mailbox"]


class SignInPolicyForm(forms.Form):
    """What the organisation asks of its members at the sign-in."""

    second_factor_required = forms.BooleanField(
        label=_("Members need a second factor"),
        required=False,
        help_text=_(
            "Members without an authenticator app or a passkey are asked to set one up before "
            "they see this organisation again."
        ),
    )


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_LABELS.items()))


class InvitationForm(RoleForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ["email", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.MEMBER


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person is called, and when it is there."""

    time_zone = time_zone_field()

    class Meta:
        model = User
        fields = ["name", "time_zone"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
