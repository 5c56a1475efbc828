"""The PDF of a document: rendered once, kept, and attached to mails."""

from billing.documents.render import render_pdf
from billing.models import Document, DocumentFile, FinanceTask
from billing.services.document_content import content_of
from billing.services.tasks import open_task
from portal.kit import clock
from portal.notifications.attachments import Attachment


def document_pdf(document: Document) -> DocumentFile:
    """Return the stored PDF, rendering it the first time; one that is not accessible tells finance.

    Rendering takes a good part of a second, so call it outside of transactions that hold locks.
    Two at once render the same bytes, and one of them is kept.
    """
    stored = DocumentFile.objects.filter(document=document).first()
    if stored is not None:
        return stored
    rendered = render_pdf(content_of(document))
    file, _made = DocumentFile.objects.get_or_create(
        document=document,
        defaults={
            "pdf": rendered.pdf,
            "sha256": rendered.sha256,
            "tagged": rendered.tagged,
            "made_at": clock.now(),
        },
    )
    if not rendered.tagged:
        _tell_finance(document, rendered.missing_characters)
    return file


def document_attachment(public_id: str) -> Attachment:
    """Return a document as a mail carries it. Raises Document.DoesNotExist."""
    document = Document.objects.select_related("order__price").get(public_id=public_id)
    return Attachment(
        filename=document_filename(document),
        content_type="application/pdf",
        content=bytes(document_pdf(document).pdf),
    )


def document_filename(document: Document) -> str:
    """Return the file name under which a document is saved: INV-2026-00001.pdf."""
    return f"{document.number or f'PRO-FORMA-{document.order.reference}'}.pdf"


def _tell_finance(document: Document, missing: tuple[str, ...]) -> None:
    open_task(
        kind=FinanceTask.Kind.UNTAGGED_PDF,
        once_key=f"untagged:{document.public_id}",
        organisation=document.organisation,
        subject_id=document.public_id,
        note=f"No font has these characters: {' '.join(missing)}",
    )
