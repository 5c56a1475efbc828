"""What several of the buyer's pages need."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from csp.decorators import csp_update
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from billing.models import Document
from billing.services.documents import document_filename, document_pdf
from portal.accounts.access import MemberRequest
from portal.kit.dates import DueKind, ShownDue
from portal.vendor.models import VendorProfile

ROWS = 25
View = Callable[..., HttpResponse]


def render_in_zone(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    zone: ZoneInfo,
    status: int = 200,
) -> HttpResponse:
    """Render with moments in `zone`, unless the signed-in person has chosen their own."""
    own = getattr(request.user, "time_zone", "")
    with timezone.override(ZoneInfo(own) if own else zone):
        return render(request, template, context, status=status)


def render_for_member(
    request: MemberRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page of the customer's area: the person's time zone, else the organisation's."""
    zone = ZoneInfo(request.organisation.time_zone)
    return render_in_zone(request, template, context, zone=zone, status=status)


def leads_to_checkout(view: View) -> View:
    """Let the page's forms end at the payment page.

    Browsers hold `form-action` against the redirects after a form too, so that a POST answered
    with a redirect to Stripe's host would be stopped by the portal's own policy.
    """

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> HttpResponse:
        origins = {"form-action": settings.STRIPE_CHECKOUT_ORIGINS}
        return cast("HttpResponse", csp_update(origins)(view)(*args, **kwargs))

    return allowed


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """Return the page of a list that the address asks for; a wrong number is the nearest page."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def pdf_response(document: Document) -> HttpResponse:
    """Return a document's PDF as a download under its number."""
    response = HttpResponse(bytes(document_pdf(document).pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{document_filename(document)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def shown_due(vendor: VendorProfile, due_at: datetime) -> ShownDue:
    """Return a due time as people read it, by the vendor's working hours."""
    return vendor.calendar().shown_due(due_at)


def close_day(due: ShownDue | None) -> Any:
    """Return the working day by whose close something is due, None for a time within a day."""
    return due.day if due is not None and due.kind is DueKind.BY_CLOSE else None


def query_of(data: Any, names: list[str], **changes: object) -> str:
    """Return the named parameters as a query, with changes; what is empty is left out."""
    query = QueryDict(mutable=True)
    values = {name: data.get(name, "") for name in names} | changes
    for name, value in values.items():
        if value not in ("", None):
            query[name] = str(value)
    return query.urlencode()
