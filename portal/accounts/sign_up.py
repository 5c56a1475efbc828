"""Sign-up: the person and the company in one errand, or a person who follows an invitation."""

from typing import Any, Final
from zoneinfo import available_timezones

from allauth.account.forms import SignupForm
from allauth.core import context as allauth_context
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.accounts.access import person_actor
from portal.accounts.adapter import JOINING
from portal.accounts.errors import InvitationUnknown
from portal.accounts.forms import OrganisationFields, add_domain_error
from portal.accounts.models import Invitation, User
from portal.accounts.permissions import client_address
from portal.accounts.places import guess_time_zone
from portal.accounts.selectors import invitation_of_token
from portal.accounts.services.invitations import refuse_closed
from portal.accounts.services.organisations import create_organisation
from portal.accounts.services.validation import one_line
from portal.accounts.tax_numbers import check_number_of
from portal.kit.errors import DomainError

ORGANISATION_FIELDS: Final = tuple(OrganisationFields.base_fields)


class SignUpForm(OrganisationFields, SignupForm):  # type: ignore[misc]
    """E-mail, password and company; with an invitation's token no company, and its address.

    An address that has an account is not told apart from a new one: the next page is the same,
    and a mail tells its owner.
    """

    invitation = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    # The browser's own, where it says so: a country can have several.
    browser_zone = forms.CharField(
        required=False, widget=forms.HiddenInput({"data-browser-zone": ""}), max_length=64
    )
    field_order = ["invitation", "browser_zone", "name", "email", "password1", *ORGANISATION_FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        for name in ("email", "password1"):
            # A placeholder that repeats the label reads like a value.
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.invited_to = self._invitation()
        if self.invited_to is not None:
            self._follow(self.invited_to)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self._check_invitation()
        self._check_number(cleaned)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """Save, or tell the owner of the address; two sign-ups at once make one account."""
        try:
            return super().try_save(request)  # type: ignore[no-any-return]
        except IntegrityError:
            if not User.objects.filter(email__iexact=self.cleaned_data["email"]).exists():
                raise
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[no-any-return]

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        """Make the person, and the organisation with its owner, or nothing at all."""
        user: User = super().save(request)
        user.name = one_line(self.cleaned_data["name"])
        user.time_zone = self._time_zone()
        user.save(update_fields=["name", "time_zone"])
        if self.invited_to is None:
            self._make_organisation(user, request)
        else:
            request.session[JOINING] = self.cleaned_data["invitation"]
        return user

    def _invitation(self) -> Invitation | None:
        """Return the invitation whose link led here; a closed one brings nobody in."""
        token = self.data.get("invitation") if self.is_bound else self._linked_token()
        if not token:
            return None
        try:
            invitation = invitation_of_token(token)
            if not self.is_bound:
                refuse_closed(invitation)
        except DomainError:
            return None
        self.fields["invitation"].initial = token
        return invitation

    def _linked_token(self) -> str:
        request = allauth_context.request
        return request.GET.get("invitation", "") if request is not None else ""

    def _follow(self, invitation: Invitation) -> None:
        for name in ORGANISATION_FIELDS:
            del self.fields[name]
        self.fields["email"].initial = invitation.email
        self.fields["email"].disabled = True

    def _check_invitation(self) -> None:
        """Say what is the matter with an invitation that closed while the form was open."""
        token = self.cleaned_data.get("invitation")
        if not token:
            return
        try:
            refuse_closed(invitation_of_token(token))
        except InvitationUnknown:
            self.add_error(None, _("This invitation link is not complete. Open it again."))
        except DomainError as error:
            self.add_error(None, error.sentence(gettext))

    def _check_number(self, cleaned: dict[str, Any]) -> None:
        if {"kind", "country", "vat_number"} - set(cleaned):
            return
        kind, number, country = cleaned["kind"], cleaned["vat_number"], cleaned["country"]
        try:
            check_number_of(kind=kind, number=number, country=country)
        except DomainError as error:
            add_domain_error(self, error)

    def _time_zone(self) -> str:
        if self.cleaned_data.get("browser_zone") in available_timezones():
            return str(self.cleaned_data["browser_zone"])
        if self.invited_to is not None:
            return self.invited_to.organisation.time_zone
        return guess_time_zone(self.cleaned_data["country"])

    def _make_organisation(self, user: User, request: HttpRequest) -> None:
        create_organisation(
            owner=user,
            kind=self.cleaned_data["kind"],
            legal_name=self.name_for(user.name),
            country=self.cleaned_data["country"],
            vat_number=self.cleaned_data["vat_number"],
            actor=person_actor(user, client_address(request)),
        )
