"""The PDF of a document, and who may read it."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from billing.models import DocumentFile, FinanceTask
from billing.selectors import document_for_page, documents_of
from billing.services import document_files
from billing.services.documents import (
    document_pdf,
    issue_invoice,
)
from billing.services.ordering import approve_order
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.notifications.attachments import resolve
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def approved(shop, customer, staff):
    """Given an order on account: the key comes before the money."""
    order = given.placed(shop, customer, pay_by="transfer", purchase_order="PO-17")
    return approve_order(order=order, staff=staff, actor=given.staff_actor(staff))


def text_of(file: DocumentFile) -> str:
    pages = PdfReader(BytesIO(bytes(file.pdf))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_given_an_invoice_when_its_pdf_is_asked_for_twice_then_it_is_made_once(
    approved, monkeypatch
):
    invoice = issue_invoice(order=approved, at=MONDAY)
    made = []
    render = document_files.render_pdf

    def counting(content):
        made.append(content)
        return render(content)

    monkeypatch.setattr(document_files, "render_pdf", counting)

    first, second = document_pdf(invoice), document_pdf(invoice)

    assert first.pk == second.pk
    assert len(made) == 1
    assert first.tagged
    text = text_of(first)
    for part in ("INV-2026-00001", "2,073.60", "PO-17", "20% of the licence fee", "22 Nov 2027"):
        assert part in text


def test_given_an_invoice_when_mailed_then_its_pdf_is_the_attachment(approved):
    invoice = issue_invoice(order=approved, at=MONDAY)

    attachment = resolve(invoice.public_id)

    assert (attachment.filename, attachment.content_type) == (
        "INV-2026-00001.pdf",
        "application/pdf",
    )
    assert attachment.content == bytes(DocumentFile.objects.get().pdf)


def test_given_a_name_that_no_font_has_when_rendered_then_the_pdf_comes_and_finance_is_told_once(
    shop, customer
):
    customer.organisation.legal_name = "Cuneiform \U00012000 Ltd"
    customer.organisation.save()
    pro_forma = given.placed(shop, customer, pay_by="transfer").documents.get()

    file = document_pdf(pro_forma)
    document_pdf(pro_forma)

    assert not file.tagged
    task = FinanceTask.objects.get()
    assert (task.kind, task.subject_id) == ("untagged_pdf", pro_forma.public_id)
    assert "\U00012000" in task.note


def test_given_another_organisation_when_it_asks_for_a_document_then_it_does_not_exist(
    approved, customer, stranger
):
    invoice = issue_invoice(order=approved, at=MONDAY)

    assert document_for_page(customer.organisation, invoice.public_id) == invoice
    with pytest.raises(NotFound):
        document_for_page(stranger.organisation, invoice.public_id)
    assert not documents_of(stranger.organisation).exists()


def test_given_many_documents_when_listed_then_one_query_does(
    shop, customer, django_assert_num_queries
):
    for number in range(6):
        given.placed(shop, customer, label=f"Lab {number}")

    with django_assert_num_queries(1):
        names = [row.order.product.name for row in documents_of(customer.organisation)]
    assert names == ["Distribution Engine"] * 6
