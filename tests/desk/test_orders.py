"""Orders in the admin: transfers, approval before the money, cancelling; each for its group."""

import pytest

from billing.models import Document, FinanceTask, Order, Payment
from licensing.models import KeyRequest
from portal.audit.models import AuditEvent
from tests.billing.given import pay
from tests.desk.pages import action, page_of, said

MODEL = "billing_order"


def transfer(order, amount="2073.60", **changes) -> dict[str, str]:
    return {
        "amount": amount,
        "currency": order.currency,
        "received_on": "2026-11-23",
        "reference": "STATEMENT 7",
        "form_token": "token-1",
        **changes,
    }


def test_given_a_placed_order_when_finance_records_the_whole_sum_then_it_is_accepted(
    as_staff, finance, order
):
    response = as_staff(finance).post(
        action(MODEL, order, "record_transfer"), transfer(order), follow=True
    )

    order.refresh_from_db()
    payment = Payment.objects.get()
    assert order.status == "accepted"
    assert (payment.amount, payment.reference, payment.recorded_by) == (
        207360,
        "STATEMENT 7",
        finance,
    )
    assert KeyRequest.objects.get(order_id=order.public_id).status == "open"
    assert said(response) == ["£2,073.60 is recorded. Nothing more is due."]
    event = AuditEvent.objects.get(action="payment.recorded")
    assert (event.actor_kind, event.actor_id) == ("staff", finance.public_id)


def test_given_a_form_that_is_sent_twice_when_it_is_the_same_then_it_is_one_payment(
    as_staff, finance, order
):
    client = as_staff(finance)
    for _ in range(2):
        client.post(action(MODEL, order, "record_transfer"), transfer(order, "1000.00"))

    assert Payment.objects.get().amount == 100000


def test_given_a_part_when_finance_records_it_then_the_order_waits_for_the_rest(
    as_staff, finance, order
):
    as_staff(finance).post(action(MODEL, order, "record_transfer"), transfer(order, "1,000.00"))

    order.refresh_from_db()
    assert order.status == "placed"
    assert not KeyRequest.objects.exists()


def test_given_too_much_when_finance_records_it_then_finance_gets_a_task(as_staff, finance, order):
    as_staff(finance).post(action(MODEL, order, "record_transfer"), transfer(order, "2100.00"))

    order.refresh_from_db()
    assert order.status == "accepted"
    assert FinanceTask.objects.get().kind == "overpaid"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "0"}, "A payment is more than nothing."),
        ({"amount": "twelve"}, "Please give an amount such as 1234.50."),
        ({"amount": "1.005"}, "An amount in GBP has at most 2 decimals."),
        ({"currency": "EUR"}, "This order is in GBP."),
        ({"received_on": "2026-11-24"}, "This day has not come yet."),
        ({"received_on": "soon"}, "Enter a valid date."),
    ],
)
def test_given_a_wrong_transfer_when_finance_records_it_then_a_sentence_says_why(
    as_staff, finance, order, changes, sentence
):
    response = as_staff(finance).post(
        action(MODEL, order, "record_transfer"), transfer(order, **changes)
    )

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Payment.objects.exists()


def test_given_the_form_when_finance_opens_it_then_it_knows_what_is_due(as_staff, finance, order):
    pay(order, finance, "73.60")

    page = as_staff(finance).get(action(MODEL, order, "record_transfer")).content.decode()

    assert 'value="2,000.00"' in page
    assert 'value="2026-11-23"' in page


@pytest.mark.parametrize("group", ["Licence desk", "Sales", "Support"])
def test_given_another_group_when_it_records_a_transfer_then_it_is_refused(
    as_staff, member_of, order, group
):
    client = as_staff(member_of(group))

    assert client.post(action(MODEL, order, "record_transfer"), transfer(order)).status_code == 403
    assert client.get(action(MODEL, order, "record_transfer")).status_code == 403
    assert not Payment.objects.exists()


@pytest.mark.parametrize("group", ["Sales", "Finance"])
def test_given_a_placed_order_when_staff_approve_it_then_it_is_accepted_before_its_money(
    as_staff, member_of, order, group
):
    approver = member_of(group)

    response = as_staff(approver).post(action(MODEL, order, "approve"), follow=True)

    order.refresh_from_db()
    assert (order.status, order.approved_by) == ("accepted", approver)
    assert not Document.objects.filter(kind="invoice").exists()
    assert said(response) == ["The order is accepted before its money."]
    assert AuditEvent.objects.get(action="order.approved").actor_id == approver.public_id


def test_given_an_approval_when_it_is_opened_then_it_says_what_it_will_do(as_staff, sales, order):
    page = as_staff(sales).get(action(MODEL, order, "approve")).content.decode()

    assert "the invoice follows it. This cannot be taken back." in page
    order.refresh_from_db()
    assert order.status == "placed"


def test_given_a_placed_order_when_sales_cancel_it_then_the_reason_is_kept(as_staff, sales, order):
    response = as_staff(sales).post(
        action(MODEL, order, "cancel"), {"reason": "Ordered twice."}, follow=True
    )

    order.refresh_from_db()
    assert (order.status, order.closed_reason) == ("cancelled", "Ordered twice.")
    assert said(response) == ["The order is cancelled."]


def test_given_an_accepted_order_when_sales_cancel_it_then_a_sentence_says_no(
    as_staff, sales, finance, order
):
    pay(order, finance, "2073.60")

    response = as_staff(sales).post(action(MODEL, order, "cancel"), {"reason": "Too late."})

    assert response.status_code == 422
    assert "This cannot change from “accepted” to “cancelled”." in response.content.decode()
    order.refresh_from_db()
    assert order.status == "accepted"


@pytest.mark.parametrize("name", ["approve", "cancel"])
@pytest.mark.parametrize("group", ["Licence desk", "Support"])
def test_given_another_group_when_it_decides_on_an_order_then_it_is_refused(
    as_staff, member_of, order, name, group
):
    response = as_staff(member_of(group)).post(action(MODEL, order, name), {"reason": "Because."})

    assert response.status_code == 403
    assert Order.objects.get().status == "placed"


def test_given_an_order_when_finance_opens_it_then_every_sum_is_there(as_staff, finance, order):
    page = as_staff(finance).get(page_of(MODEL, order)).content.decode()

    for words in ("£2,073.60", "£1,728.00", "£345.60", "Record a transfer", "/pay/", "20%"):
        assert words in page, words


def test_given_an_id_that_looks_quoted_when_its_page_is_opened_then_it_is_found(
    as_staff, finance, order
):
    Order.objects.filter(pk=order.pk).update(public_id="ord_22" + "a" * 24)
    order.refresh_from_db()

    assert as_staff(finance).get(page_of(MODEL, order)).status_code == 200
