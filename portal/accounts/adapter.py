"""How allauth sends its mail, and what happens when somebody has signed in."""

from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext

from portal.accounts.access import person_actor
from portal.accounts.models import User
from portal.accounts.permissions import client_address
from portal.accounts.services.invitations import accept_invitation
from portal.kit.errors import DomainError
from portal.kit.urls import absolute
from portal.notifications.services import queue_rendered

# The invitation by which somebody is signing up; taken up once the address is confirmed.
JOINING: Final = "joining_by_invitation"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put allauth's mails into the outbox, where they go out at once and are tried again."""
        request = allauth_context.request
        values = {
            "email": email,
            "portal_url": absolute("/"),
            "sender_name": _sender(),
            **_on_our_host(context),
        }
        subject = render_to_string(f"{template_prefix}_subject.txt", values, request).strip()
        body = render_to_string(f"{template_prefix}_message.txt", values, request).strip()
        parts = {
            **values,
            "subject": subject,
            "body": body,
            "paragraphs": [part.strip() for part in body.split("\n\n") if part.strip()],
        }
        queue_rendered(
            kind=template_prefix.replace("/email/", "."),
            recipients=[email],
            subject=subject,
            text=render_to_string("account/email/message.txt", parts),
            html=render_to_string("account/email/message.html", parts),
        )

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Let a person who signed up by an invitation in, now that the address is theirs."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        token = request.session.pop(JOINING, None)
        if token is None:
            return response
        return self._join(request, user, token) or response

    def _join(self, request: HttpRequest, user: User, token: str) -> HttpResponse | None:
        actor = person_actor(user, client_address(request))
        try:
            membership = accept_invitation(token=token, user=user, actor=actor)
        except DomainError as error:
            # It was withdrawn or ran out between the form and the code: the account stays.
            messages.error(request, error.sentence(gettext))
            return None
        return redirect("licensing:dashboard", membership.organisation.public_id)


def _on_our_host(context: dict[str, Any]) -> dict[str, Any]:
    """Return the context with every link at the portal's own address.

    allauth builds links from the request's Host header, which whoever asks for a mail can choose.
    """
    return {
        name: absolute(urlsplit(value)._replace(scheme="", netloc="").geturl())
        if name.endswith("_url") and isinstance(value, str)
        else value
        for name, value in context.items()
    }


def _sender() -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return name or address
