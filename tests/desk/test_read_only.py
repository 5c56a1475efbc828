"""History does not change: not by a form, not by a deletion, not even for a superuser."""

import pytest
from django.urls import reverse

from billing.models import (
    CheckoutAttempt,
    Document,
    FinanceTask,
    LedgerEntry,
    Order,
    Payment,
    Refund,
    StripeEvent,
)
from billing.services.refunds import request_refund
from billing.services.tasks import open_task
from licensing.models import Agreement, KeyRequest, Licence, SeatLedgerEntry
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.notifications.models import Mail
from tests.billing.given import MONDAY, pay, processing, staff_actor
from tests.desk.pages import action, list_of, page_of

MODELS = (
    Order,
    Document,
    Payment,
    Refund,
    LedgerEntry,
    FinanceTask,
    StripeEvent,
    CheckoutAttempt,
    Agreement,
    SeatLedgerEntry,
    KeyRequest,
    Licence,
    AuditEvent,
    Mail,
)


def name_of(model) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.fixture
def history(as_staff, staff, order):
    """Given one row of each kind."""
    processing(order)
    payment = pay(order, staff, "2074.60")
    key_request = KeyRequest.objects.get()
    as_staff(staff).post(action("licensing_keyrequest", key_request, "issue"))
    request_refund(payment=payment, amount=100, reason="Goodwill", actor=staff_actor(staff))
    open_task(kind=FinanceTask.Kind.OVERPAID, once_key="k", note="n", subject_id="s")
    StripeEvent.objects.create(
        event_id="evt_1", type="x", payload={}, created_at=MONDAY, received_at=clock.now()
    )


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_given_history_when_a_superuser_tries_to_change_it_then_it_is_refused(
    as_staff, staff, history, model
):
    client = as_staff(staff)
    row = model.objects.first()
    before = model.objects.filter(pk=row.pk).values().get()
    rows = model.objects.count()

    assert client.get(page_of(name_of(model), row)).status_code == 200
    assert client.post(page_of(name_of(model), row), {"status": "draft"}).status_code == 403
    key = getattr(row, "public_id", row.pk)
    assert client.post(reverse(f"admin:{name_of(model)}_delete", args=[key])).status_code == 403
    assert client.post(reverse(f"admin:{name_of(model)}_add"), {}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    client.post(list_of(name_of(model)), bulk)

    assert model.objects.filter(pk=row.pk).values().get() == before
    assert model.objects.count() == rows


@pytest.mark.parametrize("path", ["billing_price", "billing_taxrule", "licensing_product"])
def test_given_the_catalogue_when_a_superuser_deletes_a_row_then_it_is_refused(
    as_staff, staff, order, path
):
    model = {
        "billing_price": type(order.price),
        "billing_taxrule": type(order.tax_rule),
        "licensing_product": type(order.product),
    }[path]
    row = model.objects.first()
    key = getattr(row, "public_id", row.pk)

    response = as_staff(staff).post(reverse(f"admin:{path}_delete", args=[key]), {"post": "yes"})

    assert response.status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_given_a_licence_when_the_desk_suspends_reinstates_and_revokes_it_then_each_is_kept(
    as_staff, desk, history
):
    client = as_staff(desk)
    licence = Licence.objects.get()
    for name, status in (("suspend", "suspended"), ("reinstate", "active"), ("revoke", "revoked")):
        client.post(action("licensing_licence", licence, name), {"reason": f"To {name} it"})
        licence.refresh_from_db()
        assert (licence.status, licence.status_reason) == (status, f"To {name} it")
    actions = AuditEvent.objects.filter(actor_id=desk.public_id).values_list("action", flat=True)
    assert set(actions) == {"licence.suspended", "licence.reinstated", "licence.revoked"}


@pytest.mark.parametrize("group", ["Sales", "Finance", "Support"])
def test_given_another_group_when_it_revokes_a_licence_then_it_is_refused(
    as_staff, member_of, history, group
):
    licence = Licence.objects.get()

    response = as_staff(member_of(group)).post(
        action("licensing_licence", licence, "revoke"), {"reason": "Why not"}
    )

    assert response.status_code == 403
    licence.refresh_from_db()
    assert licence.status == "active"


def test_given_a_document_when_finance_opens_its_pdf_then_it_is_the_customers(
    as_staff, finance, history
):
    invoice = Document.objects.get(kind="invoice")

    response = as_staff(finance).get(
        reverse("admin:billing_document_pdf", args=[invoice.public_id])
    )

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert invoice.number in response["Content-Disposition"]
