"""The settings of an organisation: profile, billing contacts, sign-in policy."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.forms import (
    BillingContactForm,
    OrganisationProfileForm,
    SignInPolicyForm,
    add_domain_error,
)
from portal.accounts.models import BillingContact, Organisation
from portal.accounts.permissions import Permission, role_allows
from portal.accounts.selectors import contacts_of, latest_passed_check
from portal.accounts.services.contacts import add_billing_contact, remove_billing_contact
from portal.accounts.services.organisations import set_sign_in_policy, update_organisation
from portal.kit.errors import DomainError


@require_http_methods(["GET", "POST"])
@for_members(Permission.EDIT_PROFILE)
def settings(request: MemberRequest) -> HttpResponse:
    """Show an organisation's settings, and save its profile."""
    fresh = Organisation.objects.get(pk=request.organisation.pk)
    form = OrganisationProfileForm(request.POST or None, instance=fresh)
    if request.method == "POST" and form.is_valid():
        try:
            update_organisation(
                organisation=request.organisation, profile=form.profile(), actor=actor_of(request)
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, gettext("The organisation’s profile is saved."))
            came_from = _came_from(request)
            return redirect(came_from) if came_from else _back(request)
    return _show(request, form=form)


@require_POST
@for_members(Permission.EDIT_PROFILE)
def add_contact(request: MemberRequest) -> HttpResponse:
    """Add an address for documents."""
    form = BillingContactForm(request.POST)
    if form.is_valid():
        try:
            contact = add_billing_contact(
                organisation=request.organisation, actor=actor_of(request), **form.cleaned_data
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            sentence = gettext("Documents now go to %(email)s too.")
            messages.success(request, sentence % {"email": contact.email})
            return _back(request)
    return _show(request, contact_form=form)


@require_http_methods(["GET", "POST"])
@for_members(Permission.EDIT_PROFILE)
def remove_contact(request: MemberRequest, contact: str) -> HttpResponse:
    """Say what removing an address means; on POST, remove it."""
    found = get_object_or_404(
        BillingContact.objects.select_related("organisation"),
        organisation=request.organisation,
        public_id=contact,
    )
    if request.method == "POST":
        remove_billing_contact(contact=found, actor=actor_of(request))
        sentence = gettext("Documents no longer go to %(email)s.")
        messages.success(request, sentence % {"email": found.email})
        return _back(request)
    return render(request, "accounts/remove_contact.html", {"contact": found})


@require_POST
@for_members(Permission.MANAGE_ORGANISATION)
def sign_in_policy(request: MemberRequest) -> HttpResponse:
    """Ask members for a second factor, or stop asking."""
    form = SignInPolicyForm(request.POST)
    if not form.is_valid():
        return _show(request, policy_form=form)
    set_sign_in_policy(
        organisation=request.organisation, actor=actor_of(request), **form.cleaned_data
    )
    messages.success(request, gettext("The sign-in policy is saved."))
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    return redirect("accounts:settings", request.organisation.public_id)


def _came_from(request: MemberRequest) -> str:
    """Return the page of the portal that sent the person here for an address, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""


def _show(request: MemberRequest, **bound: Any) -> HttpResponse:
    organisation = request.organisation
    policy = {"second_factor_required": organisation.second_factor_required}
    context = {
        "form": OrganisationProfileForm(instance=organisation),
        "contact_form": BillingContactForm(),
        "policy_form": SignInPolicyForm(initial=policy),
        **bound,
        "contacts": contacts_of(organisation),
        "evidence": latest_passed_check(organisation),
        "came_from": _came_from(request),
        "may_manage": role_allows(request.membership.role, Permission.MANAGE_ORGANISATION),
    }
    refused = any(form.is_bound and form.errors for form in bound.values())
    return render(request, "accounts/settings.html", context, status=422 if refused else 200)
