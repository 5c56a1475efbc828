"""Help pages, and the contact form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.permissions import client_address
from portal.help.forms import ContactForm
from portal.help.services import send_enquiry
from portal.kit.ratelimit import TooManyRequests


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one of the written pages; the URL table names them."""
    return render(request, f"help/{name}.html")


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Ask the vendor a question; what a program typed is dropped without a word."""
    form = ContactForm(request.POST or None, initial=_known(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if not form.is_trapped():
                send_enquiry(**form.enquiry(), address=client_address(request) or "")
        except TooManyRequests as error:
            form.add_error(None, error.sentence(gettext))
            status = error.status
        else:
            return redirect("help:contact_sent")
    return render(request, "help/contact.html", {"form": form}, status=status)


def _known(request: HttpRequest) -> dict[str, Any]:
    """Return the name and address of a person who is signed in, and the topic of the link."""
    topic = {"topic": request.GET.get("topic", "")}
    if not request.user.is_authenticated:
        return topic
    return {**topic, "name": request.user.name, "email": request.user.email}
