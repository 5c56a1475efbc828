"""One customer on one page: what it holds, ordered, paid, asked and was told."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from billing.models import CreditTerms
from billing.selectors import documents_of, orders_of
from licensing.models import Licence
from licensing.selectors import agreements_of, key_requests_of
from portal.accounts.models import Organisation, User
from portal.accounts.permissions import may_act_as
from portal.accounts.selectors import contacts_of, latest_passed_check, members_of
from portal.audit.models import AuditEvent
from portal.desk.labels import status_text
from portal.desk.selectors import balances, find_customers
from portal.notifications.models import Mail

FOUND = 50
RECENT = 20
see_customers = permission_required("accounts.view_organisation", raise_exception=True)


@see_customers
def customers(request: HttpRequest) -> HttpResponse:
    """Find a customer by what one has at hand."""
    text = request.GET.get("q", "")
    context = {"title": _("Find a customer"), "q": text, "found": find_customers(text)[:FOUND]}
    return _page(request, "desk/customers.html", context)


@see_customers
def customer(request: HttpRequest, organisation: str) -> HttpResponse:
    """Show one customer; each part only to those who may see its rows."""
    found = Organisation.objects.filter(public_id=organisation).first()
    if found is None:
        raise Http404
    context = {"title": found.legal_name, "organisation": found, **_about(request, found)}
    for permission, name, rows in PARTS:
        if request.user.has_perm(permission):
            context[name] = rows(found)
    return _page(request, "desk/customer.html", context)


def _about(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    return {
        "members": [
            {"membership": member, "may_visit": _may_visit(request, member.user)}
            for member in members_of(organisation)
        ],
        "contacts": contacts_of(organisation),
        "tax_check": latest_passed_check(organisation),
    }


def _licences_of(organisation: Organisation) -> Any:
    licences = Licence.objects.filter(agreement__organisation=organisation)
    return licences.select_related("agreement__product")[:RECENT]


def _key_requests_of(organisation: Organisation) -> list[dict[str, Any]]:
    rows = key_requests_of(organisation)[:RECENT]
    return [{"request": row, "status": status_text(row)} for row in rows]


PARTS: tuple[tuple[str, str, Any], ...] = (
    ("licensing.view_agreement", "agreements", agreements_of),
    ("licensing.view_keyrequest", "key_requests", _key_requests_of),
    ("licensing.view_licence", "licences", _licences_of),
    ("billing.view_order", "orders", lambda o: orders_of(o)[:RECENT]),
    ("billing.view_document", "documents", lambda o: documents_of(o)[:RECENT]),
    (
        "billing.view_payment",
        "payments",
        lambda o: o.payments.select_related("order")[:RECENT],
    ),
    ("billing.view_payment", "balances", balances),
    (
        "billing.view_creditterms",
        "credit",
        lambda o: CreditTerms.objects.filter(organisation=o).first(),
    ),
    (
        "audit.view_auditevent",
        "events",
        lambda o: AuditEvent.objects.filter(organisation_id=o.public_id)[:RECENT],
    ),
    (
        "notifications.view_mail",
        "mails",
        lambda o: Mail.objects.filter(organisation_id=o.public_id).defer("html", "text")[:RECENT],
    ),
)


def _may_visit(request: HttpRequest, person: User) -> bool:
    return may_act_as(hijacker=request.user, hijacked=person)  # type: ignore[arg-type]


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})
