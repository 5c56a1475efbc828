"""Refunds, tasks, Stripe's objects and spreadsheets: finance's own work."""

import csv
import io

import pytest
from django.urls import reverse

from billing.models import FinanceTask, Payment, Refund, StripeEvent
from billing.services.tasks import open_task
from portal.accounts.models import Organisation
from portal.audit.models import AuditEvent
from portal.kit import clock
from tests.billing.given import pay
from tests.desk.pages import action, list_of, said


@pytest.fixture
def payment(order, finance) -> Payment:
    """Given a transfer of 26.40 more than was due."""
    return pay(order, finance, "2100.00")


def test_given_a_surplus_when_finance_refunds_a_part_then_the_bank_gets_a_task(
    as_staff, finance, payment
):
    data = {"amount": "20.00", "reason": "Paid too much"}

    response = as_staff(finance).post(
        action("billing_payment", payment, "refund"), data, follow=True
    )

    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.status) == (2000, "Paid too much", "requested")
    assert FinanceTask.objects.filter(kind="refund_by_bank").count() == 1
    assert said(response) == ["The refund is on its way."]


def test_given_money_that_the_order_needs_when_finance_refunds_it_then_a_sentence_says_no(
    as_staff, finance, payment
):
    data = {"amount": "26.41", "reason": "Goodwill"}

    response = as_staff(finance).post(action("billing_payment", payment, "refund"), data)

    assert response.status_code == 422
    page = response.content.decode()
    assert "At most £26.40 of this payment is not needed for its order." in page
    assert not Refund.objects.exists()


def test_given_a_refund_by_bank_when_finance_says_it_was_sent_then_it_is_booked(
    as_staff, finance, payment
):
    client = as_staff(finance)
    client.post(
        action("billing_payment", payment, "refund"), {"amount": "10", "reason": "Goodwill"}
    )
    refund = Refund.objects.get()

    client.post(action("billing_refund", refund, "settle"))

    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert refund.ledger_entries.get().amount == 1000


@pytest.mark.parametrize("group", ["Licence desk", "Sales", "Support"])
def test_given_another_group_when_it_refunds_then_it_is_refused(
    as_staff, member_of, payment, group
):
    response = as_staff(member_of(group)).post(
        action("billing_payment", payment, "refund"), {"amount": "1", "reason": "Why not"}
    )

    assert response.status_code == 403
    assert not Refund.objects.exists()


def test_given_a_task_when_finance_settles_it_then_it_says_how_and_by_whom(as_staff, finance, db):
    task = open_task(
        kind=FinanceTask.Kind.OVERPAID, once_key="k", note="Too much came.", subject_id="pay_1"
    )
    client = as_staff(finance)

    response = client.post(
        action("billing_financetask", task, "settle"), {"outcome": "Refunded"}, follow=True
    )

    task.refresh_from_db()
    assert (task.outcome, task.done_by) == ("Refunded", finance)
    assert said(response) == ["The task is settled."]
    again = client.post(action("billing_financetask", task, "settle"), {"outcome": "Twice"})
    assert again.status_code == 422
    assert "This task was settled already." in again.content.decode()


def test_given_sales_when_they_settle_a_task_then_it_is_refused(as_staff, sales, db):
    task = open_task(
        kind=FinanceTask.Kind.OVERPAID, once_key="k", note="Too much came.", subject_id="pay_1"
    )

    response = as_staff(sales).post(
        action("billing_financetask", task, "settle"), {"outcome": "Refunded"}
    )

    assert response.status_code == 403
    task.refresh_from_db()
    assert task.done_at is None


@pytest.fixture
def event(db) -> StripeEvent:
    return StripeEvent.objects.create(
        event_id="evt_1",
        type="radar.early_fraud_warning.created",
        payload={},
        created_at=clock.now(),
        received_at=clock.now(),
        outcome="failed",
        attempts=10,
    )


def test_given_an_event_that_was_given_up_when_finance_tries_again_then_it_is_handled(
    as_staff, finance, event, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        as_staff(finance).post(action("billing_stripeevent", event, "retry"))

    event.refresh_from_db()
    assert event.outcome == "nothing"
    assert event.handled_at is not None
    assert AuditEvent.objects.get(action="stripe_event.retried").actor_id == finance.public_id


def test_given_a_handled_event_when_finance_tries_again_then_a_sentence_says_no(
    as_staff, finance, event
):
    StripeEvent.objects.update(handled_at=clock.now(), outcome="applied")

    response = as_staff(finance).post(action("billing_stripeevent", event, "retry"), follow=True)

    assert said(response) == ["This event was handled already."]


def exported(client, model: str) -> list[dict[str, str]]:
    response = client.post(
        reverse(f"admin:billing_{model}_export"), {"format": "0", "resource": ""}
    )
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_given_an_order_when_finance_exports_the_list_then_amounts_are_in_major_units(
    as_staff, finance, order
):
    (row,) = exported(as_staff(finance), "order")

    assert row["Reference"] == order.reference
    assert (row["Net"], row["Tax"], row["Total"]) == ("1728.00", "345.60", "2073.60")
    assert row["Placed (UTC)"] == "2026-11-23 10:00:00"
    event = AuditEvent.objects.get(action="order.exported")
    assert event.data == {"rows": 1, "format": "csv"}


@pytest.mark.parametrize("name", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx"])
def test_given_a_name_that_is_a_formula_when_it_is_exported_then_it_is_text(
    as_staff, finance, order, name
):
    Organisation.objects.update(legal_name=name)

    (row,) = exported(as_staff(finance), "order")

    assert row["Customer"] == f"'{name}"


def test_given_a_payment_and_a_document_when_finance_exports_them_then_each_has_its_row(
    as_staff, finance, payment
):
    client = as_staff(finance)

    (paid,) = exported(client, "payment")
    documents = exported(client, "document")

    assert (paid["Amount"], paid["Currency"]) == ("2100.00", "GBP")
    assert {row["Kind"] for row in documents} == {"pro_forma", "invoice"}


@pytest.mark.parametrize("group", ["Licence desk", "Sales", "Support"])
def test_given_another_group_when_it_exports_the_orders_then_it_is_refused(
    as_staff, member_of, order, group
):
    client = as_staff(member_of(group))

    assert client.post(reverse("admin:billing_order_export"), {"format": "0"}).status_code == 403
    assert "Export" not in client.get(list_of("billing_order")).content.decode()
