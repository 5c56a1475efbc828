"""Money that staff record: in full, in part, too much, too late, and twice."""

from datetime import timedelta

import pytest

from billing.models import Document, FinanceTask, LedgerEntry, Order, Payment
from billing.selectors import amount_due, balance_of
from billing.services.closing import expire_order
from billing.services.ordering import approve_order, cancel_order
from billing.services.payments import FormUsed, TransferKnown, accept_paid_order
from licensing.models import Agreement, KeyRequest
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.errors import Invalid
from portal.kit.money import CurrencyMismatch, InvalidAmount
from portal.notifications.models import Mail
from tests.billing.given import MONDAY, person, placed, staff_actor
from tests.billing.paying import transfer
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def order(shop, customer) -> Order:
    """Twelve seats with premier support: £2,073.60, to be paid by transfer."""
    return placed(shop, customer, pay_by="transfer")


def mails(kind: str) -> int:
    return Mail.objects.filter(kind=kind).count()


def test_given_a_placed_order_when_the_whole_sum_comes_then_it_is_accepted_and_invoiced(
    order, staff
):
    payment = transfer(order, "2,073.60", staff)

    order.refresh_from_db()
    invoice = order.documents.get(kind="invoice")
    assert (order.status, order.accepted_at) == ("accepted", MONDAY)
    assert (payment.amount, payment.currency, payment.method) == (207360, "GBP", "transfer")
    assert (invoice.number, invoice.gross_amount) == ("INV-2026-00001", 207360)
    assert invoice.paid_at_issue is True
    assert KeyRequest.objects.get().order_id == order.public_id
    assert list(LedgerEntry.objects.values_list("kind", "amount")) == [
        ("payment", -207360),
        ("invoice", 207360),
    ]
    assert (balance_of(order), amount_due(order)) == (0, 0)
    assert (mails("invoice"), mails("order_accepted"), mails("payment_partial")) == (1, 1, 0)
    recorded = AuditEvent.objects.get(action="payment.recorded")
    assert (recorded.subject_id, recorded.actor_name) == (payment.public_id, staff.email)


def test_given_a_placed_order_when_a_part_comes_then_it_waits_and_says_what_is_due(order, staff):
    transfer(order, "1000.00", staff)

    order.refresh_from_db()
    assert (order.status, amount_due(order)) == ("placed", 107360)
    assert not KeyRequest.objects.exists()
    assert not Document.objects.filter(kind="invoice").exists()
    assert "£1,073.60" in Mail.objects.get(kind="payment_partial").text
    assert not FinanceTask.objects.exists()


def test_given_a_part_when_the_rest_comes_then_the_invoice_is_numbered_with_it(order, staff):
    transfer(order, "1000.00", staff)
    with clock.pretend(MONDAY + timedelta(days=1)):
        transfer(order, "1073.60", staff)

    order.refresh_from_db()
    invoice = order.documents.get(kind="invoice")
    assert order.status == "accepted"
    assert invoice.issued_at == MONDAY + timedelta(days=1)
    assert KeyRequest.objects.count() == 1
    assert mails("payment_partial") == 1


def test_given_a_placed_order_when_too_much_comes_then_the_surplus_is_a_task(order, staff):
    payment = transfer(order, "2100.00", staff)

    order.refresh_from_db()
    task = FinanceTask.objects.get()
    assert order.status == "accepted"
    assert balance_of(order) == -2640
    assert (task.kind, task.subject_id) == ("overpaid", payment.public_id)
    assert "£26.40" in task.note


def test_given_a_paid_order_when_it_is_paid_again_then_nothing_more_is_granted(order, staff):
    transfer(order, "2073.60", staff)
    second = transfer(order, "2073.60", staff)

    task = FinanceTask.objects.get()
    assert (task.kind, task.subject_id) == ("overpaid", second.public_id)
    assert balance_of(order) == -207360
    assert KeyRequest.objects.count() == 1
    assert Document.objects.filter(kind="invoice").count() == 1


def test_given_a_form_when_it_is_sent_twice_then_one_payment_is_recorded(order, staff):
    first = transfer(order, "2073.60", staff, form_token="one-form")
    again = transfer(order, "2073.60", staff, form_token="one-form")

    assert first == again
    assert Payment.objects.count() == LedgerEntry.objects.filter(kind="payment").count() == 1


def test_given_a_form_when_it_is_sent_again_with_another_sum_then_it_is_refused(order, staff):
    transfer(order, "1000.00", staff, form_token="one-form")

    with pytest.raises(FormUsed):
        transfer(order, "900.00", staff, form_token="one-form")

    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"amount_text": "0"}, Invalid, "amount_not_positive"),
        ({"amount_text": "-5"}, Invalid, "amount_not_positive"),
        ({"amount_text": "five"}, InvalidAmount, "amount_not_a_number"),
        ({"amount_text": "20.736"}, InvalidAmount, "amount_too_precise"),
        ({"amount_text": "9" * 30}, InvalidAmount, "amount_too_large"),
        ({"received_on": MONDAY.date() + timedelta(days=1)}, Invalid, "date_in_future"),
        ({"currency": "EUR"}, CurrencyMismatch, "currency_mismatch"),
    ],
)
def test_given_bad_input_when_a_transfer_is_recorded_then_nothing_is_stored(
    order, staff, changes, error, code
):
    with pytest.raises(error) as refusal:
        transfer(order, changes.pop("amount_text", "2073.60"), staff, **changes)

    assert refusal.value.code == code
    assert not Payment.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert Order.objects.get().status == "placed"


def test_given_an_expired_order_when_its_money_comes_then_it_is_accepted(order, staff):
    late = MONDAY + timedelta(days=40)
    with clock.pretend(late):
        assert expire_order(order=order, at=late) is True
        transfer(order, "2073.60", staff)

    order.refresh_from_db()
    assert order.status == "accepted"
    assert not FinanceTask.objects.exists()


def test_given_an_expired_order_with_another_in_its_place_when_its_money_comes_then_finance_decides(
    shop, customer, order, staff
):
    late = MONDAY + timedelta(days=40)
    with clock.pretend(late):
        expire_order(order=order, at=late)
        other = placed(shop, customer, pay_by="transfer")
        payment = transfer(order, "2073.60", staff)

    order.refresh_from_db()
    other.refresh_from_db()
    task = FinanceTask.objects.get()
    assert (order.status, other.status) == ("expired", "placed")
    assert (task.kind, task.subject_id) == ("paid_closed", payment.public_id)
    assert not Agreement.objects.exists()
    assert not Document.objects.filter(kind="invoice").exists()


def test_given_an_expired_order_when_a_part_comes_then_finance_decides(order, staff):
    late = MONDAY + timedelta(days=40)
    with clock.pretend(late):
        expire_order(order=order, at=late)
        transfer(order, "10.00", staff)

    assert FinanceTask.objects.get().kind == "paid_closed"
    assert mails("payment_partial") == 0


def test_given_a_cancelled_order_when_money_comes_then_it_grants_nothing(order, customer, staff):
    cancel_order(order=order, reason="Not needed", actor=person(customer))

    payment = transfer(order, "2073.60", staff)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert FinanceTask.objects.get().subject_id == payment.public_id
    assert not KeyRequest.objects.exists()


def test_given_an_approved_order_when_its_money_comes_before_the_key_then_the_invoice_comes_too(
    order, staff
):
    approve_order(order=order, staff=staff, actor=staff_actor(staff))
    assert not order.documents.filter(kind="invoice").exists()

    transfer(order, "2073.60", staff)

    assert order.documents.get(kind="invoice").paid_at_issue is True
    assert KeyRequest.objects.count() == 1


def test_given_an_obstacle_when_the_money_comes_then_it_is_kept_and_accepted_later(
    order, staff, monkeypatch
):
    def refuse(**_):
        raise Invalid("Something is missing.")

    with monkeypatch.context() as obstacle:
        obstacle.setattr("billing.services.payments.issue_invoice", refuse)
        transfer(order, "2073.60", staff)
    order.refresh_from_db()
    assert (order.status, Payment.objects.count()) == ("placed", 1)
    assert not KeyRequest.objects.exists()
    task = FinanceTask.objects.get()
    assert (task.kind, task.done_at) == ("not_accepted", None)

    assert accept_paid_order(order=order) is True

    order.refresh_from_db()
    task.refresh_from_db()
    assert (order.status, task.done_at) == ("accepted", MONDAY)
    assert order.documents.filter(kind="invoice").count() == 1


def test_given_a_transfer_when_a_colleague_records_the_same_line_again_then_it_is_refused(
    order, staff
):
    """Else finance would be asked to send back money that never came."""
    line = {"reference": "statement 17, line 4", "form_token": "ann"}
    transfer(order, "2073.60", staff, **line)

    with pytest.raises(TransferKnown):
        transfer(order, "2073.60", staff, reference="Statement 17, line 4 ", form_token="bob")

    assert Payment.objects.count() == 1
    assert not FinanceTask.objects.exists()
    assert transfer(order, "2073.60", staff, **line) == Payment.objects.get()


def test_given_an_expired_order_when_the_rest_follows_a_part_then_its_task_is_settled(order, staff):
    late = MONDAY + timedelta(days=40)
    with clock.pretend(late):
        expire_order(order=order, at=late)
        transfer(order, "10.00", staff)
        transfer(order, "2063.60", staff)

    order.refresh_from_db()
    assert order.status == "accepted"
    assert FinanceTask.objects.get().done_at == late


def test_given_an_approved_order_when_a_part_comes_then_the_mail_says_what_is_missing(order, staff):
    approve_order(order=order, staff=staff, actor=staff_actor(staff))

    transfer(order, "1000.00", staff)

    mail = Mail.objects.get(kind="payment_partial")
    assert "£1,073.60 is still to pay" in mail.text
    assert "/pay/" not in mail.text + mail.html
    assert "the invoice for the rest follows with the key" in mail.text


def test_given_the_buyer_left_when_the_money_comes_then_the_others_are_told_and_not_the_buyer(
    order, customer, staff
):
    owner = MembershipFactory(organisation=customer.organisation, role="owner").user
    customer.organisation.memberships.get(user=customer.owner).delete()

    transfer(order, "2073.60", staff)

    told = Mail.objects.filter(kind__in=["order_accepted", "invoice"]).order_by("pk")
    assert [mail.recipients for mail in told] == [[owner.email], [owner.email]]
