"""Pro formas, invoices and credit notes: read, and seen as the customer got them."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.columns import CUSTOMER, ORDER, buyer
from billing.admin.export import FinanceExport
from billing.admin.resources import DocumentResource
from billing.models import Document, DocumentLine
from billing.services.document_files import document_filename, document_pdf
from portal.kit.admin import RangeDateFilter, ReadOnlyAdmin, ReadOnlyInline, choices_filter
from portal.kit.admin_columns import day, last_day, link, money


@admin.display(description=_("PDF"))
def pdf_link(document: Document) -> str:
    """Return a link to the PDF, the same bytes as the customer's."""
    return link(reverse("admin:billing_document_pdf", args=[document.public_id]), gettext("PDF"))


class LineInline(ReadOnlyInline):
    model = DocumentLine
    fields = (
        "description",
        "detail",
        "quantity",
        money("unit_amount", _("Unit price"), currency="document__currency"),
        day("period_start", _("From")),
        last_day("period_end", _("Last day")),
        money("amount", _("Amount"), currency="document__currency"),
    )
    readonly_fields = fields


@admin.register(Document)
class DocumentAdmin(FinanceExport, ReadOnlyAdmin):
    resource_classes = (DocumentResource,)
    list_display = (
        "name",
        "kind",
        CUSTOMER,
        ORDER,
        money("gross_amount", _("Total")),
        day("issued_on", _("Date")),
        day("due_on", _("Due")),
        pdf_link,
    )
    list_filter = (choices_filter("kind"), "currency", ("issued_on", RangeDateFilter))
    list_select_related = ("organisation", "order")
    search_fields = ("number", "organisation__legal_name", "=public_id", "=order__public_id")
    search_help_text = _("A number, a customer or an id")
    fields = (
        "name",
        "kind",
        CUSTOMER,
        ORDER,
        "corrects",
        money("net_amount", _("Net")),
        money("tax_amount", _("Tax")),
        money("gross_amount", _("Total")),
        day("issued_on", _("Date")),
        day("due_on", _("Due")),
        "purchase_order",
        "reason",
        buyer("buyer", _("Buyer")),
        pdf_link,
        "public_id",
    )
    inlines = (LineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        documents: QuerySet[Document] = super().get_queryset(request)
        return documents.select_related("organisation", "order")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pdf_view)
        return [
            path("<path:object_id>/pdf/", view, name="billing_document_pdf"),
            *super().get_urls(),
        ]

    @admin.display(description=_("Number"), ordering="number")
    def name(self, document: Document) -> str:
        return document.number or document.order.reference

    def pdf_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the PDF, the same bytes as the customer's."""
        document = self.get_object(request, object_id)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        if document is None:
            raise Http404
        response = HttpResponse(bytes(document_pdf(document).pdf), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{document_filename(document)}"'
        return response
