"""Keys and money: the key with its invoice, or neither; a declined order gets its money back."""

import pytest

from billing.models import Document, LedgerEntry, Order, Refund
from billing.selectors import amount_due, balance_of, paid_amount
from billing.services.keys import (
    DeclineOutcome,
    NotPaid,
    OrderNotReady,
    answer_return,
    decline_request,
    issue_key_automatically,
    issue_key_for_request,
)
from billing.services.reconcile import sweep_automatic_keys
from billing.services.refunds import request_refund, settle_bank_refund
from licensing.domain.keys import read_key
from licensing.models import Agreement, KeyRequest, Licence
from licensing.services.errors import KeyAlreadyIssued
from licensing.services.key_requests import request_reissue
from licensing.services.keys import collect_key
from licensing.services.signing import keyring
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.errors import Invalid
from portal.notifications.models import Mail
from tests.billing.given import MONDAY, TUESDAY, person, placed, staff_actor
from tests.billing.paying import transfer
from tests.factories import CreditTermsFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def paid(shop, customer, staff) -> KeyRequest:
    """Given an order paid by transfer, whose key request is with the licence desk."""
    transfer(placed(shop, customer, pay_by="transfer"), "2073.60", staff)
    return KeyRequest.objects.get()


@pytest.fixture
def on_account(shop, customer) -> KeyRequest:
    CreditTermsFactory(organisation=customer.organisation)
    placed(shop, customer, pay_by="on_account")
    return KeyRequest.objects.get()


def issue(key_request, staff) -> Licence:
    return issue_key_for_request(key_request=key_request, staff=staff, actor=staff_actor(staff))


def decline(key_request, staff, outcome=DeclineOutcome.REFUND, reason="Wrong company name"):
    return decline_request(
        key_request=key_request, outcome=outcome, reason=reason, actor=staff_actor(staff)
    )


def test_given_a_paid_order_when_its_key_is_issued_then_it_is_fulfilled_with_one_invoice(
    paid, staff
):
    licence = issue(paid, staff)

    order = Order.objects.get()
    assert (order.status, licence.seats, licence.issued_by) == ("fulfilled", 12, staff.name)
    assert read_key(licence.key, keyring().public_keys).seats == 12
    assert Document.objects.filter(kind="invoice").count() == 1
    assert AuditEvent.objects.get(action="order.fulfilled").subject_id == order.public_id


def test_given_an_order_on_account_when_its_key_is_issued_then_the_invoice_follows(
    on_account, staff
):
    assert not Document.objects.exists()
    with clock.pretend(TUESDAY):
        issue(on_account, staff)

    order, invoice = Order.objects.get(), Document.objects.get()
    assert (order.status, invoice.kind, invoice.number) == (
        "fulfilled",
        "invoice",
        "INV-2026-00001",
    )
    assert invoice.paid_at_issue is False
    assert (invoice.issued_at, invoice.due_on.isoformat()) == (TUESDAY, "2026-12-24")
    assert (balance_of(order), amount_due(order)) == (207360, 207360)


def test_given_an_invoice_on_account_when_it_is_paid_then_it_is_settled_and_told(on_account, staff):
    issue(on_account, staff)
    transfer(Order.objects.get(), "2073.60", staff)

    order = Order.objects.get()
    assert (order.status, balance_of(order)) == ("fulfilled", 0)
    assert "INV-2026-00001" in Mail.objects.get(kind="paid").text
    assert Document.objects.count() == KeyRequest.objects.count() == 1


def test_given_signing_fails_when_a_key_is_issued_then_no_invoice_number_is_used(
    on_account, staff, settings
):
    settings.LICENCE_SIGNING_KEYS = "broken"
    with pytest.raises(ValueError, match="kid=base64"):
        issue(on_account, staff)

    assert Order.objects.get().status == "accepted"
    assert not Document.objects.exists()
    assert not Licence.objects.exists()
    settings.LICENCE_SIGNING_KEYS = "test-1=dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ="


def test_given_the_invoice_fails_when_a_key_is_issued_then_no_key_is_out(
    on_account, staff, monkeypatch
):
    def refuse(**_):
        raise Invalid("No number today.")

    monkeypatch.setattr("billing.services.keys.issue_invoice", refuse)
    with pytest.raises(Invalid):
        issue(on_account, staff)

    assert not Licence.objects.exists()
    assert KeyRequest.objects.get().status == "open"
    assert not Mail.objects.filter(kind="key_issued").exists()


def test_given_an_issued_key_when_it_is_issued_again_then_it_is_refused(paid, staff):
    issue(paid, staff)

    with pytest.raises(OrderNotReady):
        issue(paid, staff)

    assert Licence.objects.count() == 1


def test_given_money_that_went_back_when_the_key_is_issued_then_it_is_refused(paid, staff):
    order = Order.objects.get()
    back = request_refund(
        payment=order.payments.get(), amount=100, reason="Goodwill", actor=staff_actor(staff)
    )

    with pytest.raises(NotPaid):
        issue(paid, staff)
    assert not Licence.objects.exists()

    settle_bank_refund(refund=back, actor=staff_actor(staff))
    transfer(order, "1.00", staff)
    assert issue(paid, staff).seats == 12


def test_given_a_paid_order_when_it_is_declined_then_everything_is_taken_back(paid, staff):
    decline(paid, staff)

    order = Order.objects.get()
    invoice, note = (Document.objects.get(kind=kind) for kind in ("invoice", "credit_note"))
    back = Refund.objects.get()
    assert (order.status, order.closed_reason) == ("declined", "Wrong company name")
    assert KeyRequest.objects.get().status == "declined"
    assert Agreement.objects.get().status == "cancelled"
    assert (note.number, note.corrects) == ("CRN-2026-00001", invoice)
    assert (back.amount, back.status) == (207360, "requested")
    assert (paid_amount(order), amount_due(order)) == (0, 0)
    assert list(LedgerEntry.objects.values_list("kind", "amount")) == [
        ("payment", -207360),
        ("invoice", 207360),
        ("credit_note", -207360),
    ]
    assert Mail.objects.filter(kind="request_declined").count() == 1
    with pytest.raises(OrderNotReady):
        issue(paid, staff)
    assert not Licence.objects.exists()


def test_given_an_order_on_account_when_it_is_declined_then_nothing_is_owed(on_account, staff):
    decline(on_account, staff)

    order = Order.objects.get()
    assert (order.status, balance_of(order)) == ("declined", 0)
    assert not Document.objects.exists()
    assert not Refund.objects.exists()


def test_given_a_declined_order_when_the_customer_orders_again_then_it_can(
    paid, staff, shop, customer
):
    decline(paid, staff)

    transfer(placed(shop, customer, pay_by="transfer"), "2073.60", staff)

    assert Agreement.objects.filter(status="active").count() == 1


def test_given_a_paid_order_when_it_is_returned_then_it_keeps_its_money_and_the_clock_stands(
    paid, staff
):
    decline(paid, staff, DeclineOutcome.RETURN, "Which company name shall the key state?")

    order, key_request = Order.objects.get(), KeyRequest.objects.get()
    assert (order.status, key_request.status) == ("returned", "waiting_for_customer")
    assert key_request.due_at is None
    assert not Refund.objects.exists()
    assert not Document.objects.filter(kind="credit_note").exists()
    assert Mail.objects.filter(kind="request_question").count() == 1
    with pytest.raises(OrderNotReady):
        issue(key_request, staff)
    assert not Licence.objects.exists()


def test_given_a_returned_order_when_the_customer_answers_then_the_key_can_be_issued(
    paid, staff, customer
):
    decline(paid, staff, DeclineOutcome.RETURN, "Which company name?")
    answer_return(key_request=paid, answer="The new one.", actor=person(customer))

    order = Order.objects.get()
    assert (order.status, order.closed_reason) == ("accepted", "")
    paid.refresh_from_db()
    assert issue(paid, staff).seats == 12


def test_given_a_returned_order_when_it_is_declined_then_the_money_goes_back(paid, staff):
    decline(paid, staff, DeclineOutcome.RETURN, "Which company name?")

    decline(paid, staff)

    assert Order.objects.get().status == "declined"
    assert Refund.objects.get().amount == 207360


def test_given_an_issued_key_when_its_request_is_declined_then_it_is_refused(paid, staff):
    licence = issue(paid, staff)

    with pytest.raises(Exception, match="change from") as refusal:
        decline(paid, staff)

    assert refusal.value.code == "illegal_transition"
    licence.refresh_from_db()
    assert licence.status == "active"
    assert not Refund.objects.exists()


def test_given_a_lost_key_when_it_is_issued_again_then_no_second_invoice_follows(
    paid, staff, customer
):
    licence = issue(paid, staff)
    collect_key(licence=licence, actor=person(customer))
    again = request_reissue(
        agreement=licence.agreement,
        reason="The PC was lost",
        person=customer.owner,
        actor=person(customer),
    )

    second = issue(again, staff)

    assert (second.seats, Document.objects.filter(kind="invoice").count()) == (12, 1)
    with pytest.raises(KeyAlreadyIssued):
        issue(again, staff)


def test_given_a_lost_key_when_the_wish_is_declined_then_the_order_stays(paid, staff, customer):
    licence = issue(paid, staff)
    again = request_reissue(
        agreement=licence.agreement,
        reason="The PC was lost",
        person=customer.owner,
        actor=person(customer),
    )

    decline(again, staff, reason="It is on your page")

    assert Order.objects.get().status == "fulfilled"
    assert Agreement.objects.get().status == "active"
    assert not Refund.objects.exists()


def test_given_a_product_that_issues_by_itself_when_its_order_is_paid_then_the_sweep_has_the_key(
    shop, customer, staff
):
    shop.product.issue_automatically = True
    shop.product.save()
    transfer(placed(shop, customer, pay_by="transfer"), "2073.60", staff)
    # The job was lost: on-commit work does not run inside a test's transaction.
    assert not Licence.objects.exists()

    with clock.pretend(TUESDAY):
        assert sweep_automatic_keys(TUESDAY) == 1
        assert sweep_automatic_keys(TUESDAY) == 0

    assert Order.objects.get().status == "fulfilled"
    assert Licence.objects.get().issued_by == "portal"
    assert issue_key_automatically(KeyRequest.objects.get().public_id) is None


def test_given_a_product_with_a_desk_when_a_key_is_asked_for_automatically_then_none_is_issued(
    paid,
):
    assert issue_key_automatically(paid.public_id) is None
    assert not Licence.objects.exists()
