"""Pro formas, invoices and credit notes as pages and services read them."""

from django.db.models import QuerySet

from billing.models import Document, Order
from billing.models.document import DocumentKind
from portal.accounts.models import Organisation
from portal.kit.errors import NotFound


def documents_of(organisation: Organisation) -> QuerySet[Document]:
    """Return the organisation's documents, newest first; one query."""
    documents = Document.objects.filter(organisation=organisation)
    return documents.select_related("order__product", "corrects")


def document_for_page(organisation: Organisation, public_id: str) -> Document:
    """Return one document with its order. Raises NotFound, also for another organisation's."""
    document = documents_of(organisation).filter(public_id=public_id).first()
    if document is None:
        raise NotFound
    return document


def invoice_of(order: Order) -> Document | None:
    """Return the order's invoice, if it was issued."""
    return order.documents.filter(kind=DocumentKind.INVOICE).order_by("pk").first()


def pro_forma_of(order: Order) -> Document | None:
    """Return the order's pro forma; an order on account has none."""
    return order.documents.filter(kind=DocumentKind.PRO_FORMA).first()
