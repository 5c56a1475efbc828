"""The documents of an organisation: the list, and each one's PDF."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from billing.selectors import document_for_page, documents_of
from billing.views.shared import page_of, pdf_response, render_for_member
from portal.accounts.access import MemberRequest, for_members
from portal.accounts.permissions import Permission


@require_safe
@for_members(Permission.SEE_DOCUMENTS)
def documents(request: MemberRequest) -> HttpResponse:
    """List pro formas, invoices and credit notes, newest first."""
    page = page_of(request, documents_of(request.organisation))
    return render_for_member(request, "billing/documents.html", {"page": page})


@require_safe
@for_members(Permission.SEE_DOCUMENTS)
def document_pdf(request: MemberRequest, document: str) -> HttpResponse:
    """Download one document."""
    return pdf_response(document_for_page(request.organisation, document))
