"""The members of an organisation: who they are, their roles, invitations, leaving."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.access import MemberRequest, actor_of, for_members
from portal.accounts.forms import InvitationForm, RoleForm, add_domain_error
from portal.accounts.models import Invitation, Membership
from portal.accounts.permissions import Permission
from portal.accounts.selectors import get_member, members_of, unanswered_invitations
from portal.accounts.services.invitations import (
    invite_member,
    resend_invitation,
    withdraw_invitation,
)
from portal.accounts.services.members import change_role, leave_organisation, remove_member
from portal.kit import clock
from portal.kit.errors import DomainError


@require_safe
@for_members(Permission.MANAGE_ORGANISATION)
def members(request: MemberRequest) -> HttpResponse:
    """List the members with their roles, and the invitations that nobody has answered."""
    return _show(request, InvitationForm())


@require_POST
@for_members(Permission.MANAGE_ORGANISATION)
def invite(request: MemberRequest) -> HttpResponse:
    """Invite somebody by mail."""
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            invitation = invite_member(
                organisation=request.organisation,
                invited_by=request.user,
                actor=actor_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _back(request, gettext("%(email)s is invited."), invitation.email)
    return _show(request, form)


@require_http_methods(["GET", "POST"])
@for_members(Permission.MANAGE_ORGANISATION)
def role(request: MemberRequest, person: str) -> HttpResponse:
    """Say what each role may do; on POST, change a member's role."""
    member = _member(request, person)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        try:
            change_role(membership=member, role=form.cleaned_data["role"], actor=actor_of(request))
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _back(request, gettext("The role of %(email)s is changed."), member.user.email)
    context = {"form": form, "member": member}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/role.html", context, status=status)


@require_http_methods(["GET", "POST"])
@for_members(Permission.MANAGE_ORGANISATION)
def remove(request: MemberRequest, person: str) -> HttpResponse:
    """Say what removing a member means; on POST, remove."""
    member = _member(request, person)
    if request.method == "POST":
        remove_member(membership=member, actor=actor_of(request))
        return _back(request, gettext("%(email)s is no longer a member."), member.user.email)
    return render(request, "accounts/remove_member.html", {"member": member})


@require_http_methods(["GET", "POST"])
@for_members(Permission.SEE_AGREEMENTS)
def leave(request: MemberRequest) -> HttpResponse:
    """Say what leaving means; on POST, leave."""
    if request.method == "POST":
        try:
            leave_organisation(membership=request.membership, actor=actor_of(request))
        except DomainError as error:
            context = {"refusal": error.sentence(gettext)}
            return render(request, "accounts/leave.html", context, status=error.status)
        sentence = gettext("You are no longer a member of %(organisation)s.")
        messages.success(request, sentence % {"organisation": request.organisation.legal_name})
        return redirect("home_for_person")
    return render(request, "accounts/leave.html")


@require_POST
@for_members(Permission.MANAGE_ORGANISATION)
def withdraw(request: MemberRequest, invitation: str) -> HttpResponse:
    """Take an invitation back."""
    found = _invitation(request, invitation)
    withdraw_invitation(invitation=found, actor=actor_of(request))
    return _back(request, gettext("The invitation to %(email)s is withdrawn."), found.email)


@require_POST
@for_members(Permission.MANAGE_ORGANISATION)
def resend(request: MemberRequest, invitation: str) -> HttpResponse:
    """Send a new link in place of an old one."""
    found = _invitation(request, invitation)
    resend_invitation(invitation=found, sent_by=request.user, actor=actor_of(request))
    return _back(request, gettext("A new invitation is on its way to %(email)s."), found.email)


def _show(request: MemberRequest, form: InvitationForm) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "members": members_of(request.organisation),
        "invitations": unanswered_invitations(request.organisation),
        "now": clock.now(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/members.html", context, status=status)


def _back(request: MemberRequest, sentence: str, email: str) -> HttpResponse:
    messages.success(request, sentence % {"email": email})
    return redirect("accounts:members", request.organisation.public_id)


def _member(request: MemberRequest, person: str) -> Membership:
    try:
        return get_member(request.organisation, person)
    except Membership.DoesNotExist as error:
        raise Http404 from error


def _invitation(request: MemberRequest, invitation: str) -> Invitation:
    return get_object_or_404(Invitation, organisation=request.organisation, public_id=invitation)
