"""A person's own pages: where to go after the sign-in, a new organisation, the profile."""

from typing import Any, cast

from allauth.usersessions.views import list_usersessions
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.access import LAST_ORGANISATION, actor_of
from portal.accounts.forms import OrganisationForm, PersonForm, add_domain_error
from portal.accounts.models import Membership, User
from portal.accounts.selectors import memberships_of
from portal.accounts.services.organisations import create_organisation
from portal.accounts.services.people import update_person
from portal.accounts.services.sessions import list_sessions
from portal.kit.errors import DomainError


@login_required
@require_safe
def home(request: Any) -> HttpResponse:
    """Lead a person to the organisation they worked in last, or let them choose or make one."""
    memberships = list(memberships_of(request.user))
    if not memberships:
        return redirect("admin:index" if request.user.is_staff else "new_organisation")
    chosen = _last_used(memberships, request.session.get(LAST_ORGANISATION))
    if chosen is None:
        return render(request, "accounts/choose_organisation.html", {"choices": memberships})
    return redirect("licensing:dashboard", chosen.organisation.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def new_organisation(request: Any) -> HttpResponse:
    """Make a further organisation, owned by who makes it."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = create_organisation(
                owner=request.user,
                kind=form.cleaned_data["kind"],
                legal_name=form.name_for(request.user.get_full_name()),
                country=form.cleaned_data["country"],
                vat_number=form.cleaned_data["vat_number"],
                actor=actor_of(request),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("licensing:dashboard", organisation.public_id)
    return render(request, "accounts/new_organisation.html", {"form": form}, status=_status(form))


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: Any) -> HttpResponse:
    """Show and change a person's name and time zone; list where they are a member."""
    # Its own instance: a form writes on it what was typed, refused or not.
    person = User.objects.get(pk=request.user.pk)
    form = PersonForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            update_person(user=request.user, actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, gettext("Your profile is saved."))
            return redirect("person_profile")
    return render(request, "accounts/profile.html", {"form": form}, status=_status(form))


@login_required
@require_http_methods(["GET", "POST"])
def sessions(request: Any) -> HttpResponse:
    """List where the person is signed in; on POST, sign out everywhere else (the library does)."""
    if request.method == "POST":
        return cast("HttpResponse", list_usersessions(request))
    found = list_sessions(user=request.user)
    context = {"sessions": found, "session_count": len(found), "show_last_seen_at": True}
    return render(request, "usersessions/usersession_list.html", context)


def _last_used(memberships: list[Membership], last: str | None) -> Membership | None:
    if len(memberships) == 1:
        return memberships[0]
    return next((m for m in memberships if m.organisation.public_id == last), None)


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200
