"""The books hold after a busy day, and each invariant, once broken, is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from billing.models import Order
from billing.services.books import CHECKS, check_books
from billing.services.keys import DeclineOutcome, decline_request, issue_key_for_request
from billing.services.refunds import request_refund, settle_bank_refund
from licensing.models import KeyRequest
from licensing.services.key_requests import request_reissue
from portal.kit import clock
from tests import factories
from tests.billing.given import MONDAY, person, placed, staff_actor
from tests.billing.paying import transfer
from tests.conftest import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy_day(shop, staff) -> dict[str, Order]:
    """Given orders in every state: fulfilled, on account, declined, overpaid, placed, refunded."""
    with clock.pretend(MONDAY):
        orders = {
            "fulfilled": _paid(shop, staff),
            "on account": _on_account(shop, staff),
            "declined": _paid(shop, staff),
            "overpaid": _paid(shop, staff, amount="2100.00"),
            "placed": placed(shop, _customer(), pay_by="transfer"),
        }
        _issue(orders["fulfilled"], staff)
        _lose_the_key(orders["fulfilled"], staff)
        decline_request(
            key_request=_request(orders["declined"]),
            outcome=DeclineOutcome.REFUND,
            reason="Wrong company",
            actor=staff_actor(staff),
        )
        back = request_refund(
            payment=orders["overpaid"].payments.get(),
            amount=640,
            reason="Paid too much",
            actor=staff_actor(staff),
        )
        settle_bank_refund(refund=back, actor=staff_actor(staff))
    return orders


def _customer() -> Customer:
    membership = factories.MembershipFactory()
    return Customer(organisation=membership.organisation, owner=membership.user)


def _paid(shop, staff, amount="2073.60") -> Order:
    order = placed(shop, _customer(), pay_by="transfer")
    transfer(order, amount, staff)
    order.refresh_from_db()
    return order


def _on_account(shop, staff) -> Order:
    customer = _customer()
    factories.CreditTermsFactory(organisation=customer.organisation)
    order = placed(shop, customer, pay_by="on_account")
    _issue(order, staff)
    return order


def _request(order) -> KeyRequest:
    return KeyRequest.objects.get(order_id=order.public_id)


def _issue(order, staff) -> None:
    issue_key_for_request(key_request=_request(order), staff=staff, actor=staff_actor(staff))


def _lose_the_key(order, staff) -> None:
    agreement = _request(order).agreement
    customer = Customer(order.organisation, order.created_by)
    again = request_reissue(
        agreement=agreement, reason="Lost", person=customer.owner, actor=person(customer)
    )
    issue_key_for_request(key_request=again, staff=staff, actor=staff_actor(staff))


@contextmanager
def broken(sql: str, **orders: Order) -> Iterator[None]:
    """Break the rows behind every service's back, and mend them at the end."""
    ids = {name.replace(" ", "_"): order.pk for name, order in orders.items()}
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in sql.split(";"):
                cursor.execute(statement.format(**ids))
        yield
        transaction.set_rollback(True)


def codes() -> set[str]:
    return {finding.code for finding in check_books()}


BREAKS = [
    ("order_sums", "UPDATE billing_orderline SET amount = amount + 1 WHERE position = 1"),
    ("order_sums", "UPDATE billing_order SET tax_groups = '[]' WHERE id = {placed}"),
    (
        "order_sums",
        (
            "UPDATE billing_order SET net_amount = net_amount + 1, tax_amount = tax_amount - 1 "
            "WHERE id = {placed}"
        ),
    ),
    ("document_sums", "UPDATE billing_documentline SET amount = amount - 1 WHERE position = 2"),
    ("document_sums", "UPDATE billing_document SET tax_groups = '[]'"),
    (
        "document_differs",
        (
            "UPDATE billing_document SET net_amount = net_amount + 1, "
            "gross_amount = gross_amount + 1 WHERE kind = 'invoice'"
        ),
    ),
    ("document_differs", "UPDATE billing_document SET currency = 'EUR' WHERE kind = 'invoice'"),
    ("document_of_draft", "UPDATE billing_order SET status = 'draft' WHERE id = {placed}"),
    (
        "second_invoice",
        (
            "UPDATE billing_document SET order_id = {overpaid} "
            "WHERE kind = 'invoice' AND order_id = {fulfilled}"
        ),
    ),
    ("numbers_not_gapless", "UPDATE billing_numberseries SET last = last + 1"),
    (
        "numbers_not_gapless",
        (
            "UPDATE billing_document SET sequence = 9, number = 'INV-2026-00009' "
            "WHERE kind = 'invoice' AND sequence = 2"
        ),
    ),
    (
        "number_differs",
        "UPDATE billing_document SET number = 'INV-2026-00077' WHERE kind = 'invoice'",
    ),
    ("document_not_booked", "DELETE FROM billing_ledgerentry WHERE kind = 'invoice'"),
    ("document_not_booked", "DELETE FROM billing_ledgerentry WHERE kind = 'credit_note'"),
    (
        "document_not_booked",
        "UPDATE billing_ledgerentry SET amount = amount + 1 WHERE kind = 'invoice'",
    ),
    ("payment_not_booked", "DELETE FROM billing_ledgerentry WHERE kind = 'payment'"),
    (
        "payment_not_booked",
        "UPDATE billing_ledgerentry SET amount = amount - 1 WHERE kind = 'payment'",
    ),
    ("refund_not_booked", "DELETE FROM billing_ledgerentry WHERE kind = 'refund'"),
    (
        "refund_not_booked",
        "UPDATE billing_refund SET status = 'succeeded' WHERE status = 'requested'",
    ),
    ("entry_of_another_order", "UPDATE billing_ledgerentry SET currency = 'EUR'"),
    (
        "entry_of_another_order",
        "UPDATE billing_ledgerentry SET order_id = {placed} WHERE order_id = {overpaid}",
    ),
    (
        "online_payment_differs",
        (
            "UPDATE billing_payment SET method = 'stripe', payment_intent_id = 'pi_of_nobody' "
            "WHERE order_id = {fulfilled}"
        ),
    ),
    (
        "refunded_too_much",
        "UPDATE billing_refund SET amount = amount + 1 WHERE status = 'requested'",
    ),
    ("refund_currency", "UPDATE billing_refund SET currency = 'EUR'"),
    ("credit_without_task", "DELETE FROM billing_financetask"),
    (
        "paid_not_accepted",
        (
            "DELETE FROM billing_financetask; "
            "UPDATE billing_order SET status = 'placed' WHERE id = {fulfilled}"
        ),
    ),
    (
        "order_grants_not_once",
        "UPDATE licensing_keyrequest SET order_id = 'ord_of_nobody' WHERE status = 'open'",
    ),
    (
        "order_grants_not_once",
        "UPDATE billing_order SET agreement_id = NULL WHERE id = {overpaid}",
    ),
    (
        "request_without_order",
        "UPDATE licensing_keyrequest SET order_id = 'ord_of_nobody' WHERE status = 'open'",
    ),
    (
        "request_closed_early",
        "UPDATE licensing_keyrequest SET status = 'cancelled' WHERE status = 'open'",
    ),
    (
        "fulfilled_without_key",
        "UPDATE billing_order SET status = 'fulfilled' WHERE id = {overpaid}",
    ),
    (
        "invoice_missing",
        (
            "UPDATE billing_document SET kind = 'pro_forma', sequence = NULL, number = '' "
            "WHERE order_id = {on_account}"
        ),
    ),
    ("invoice_too_early", "UPDATE billing_order SET status = 'expired' WHERE id = {overpaid}"),
    ("credit_note_missing", "UPDATE billing_order SET status = 'cancelled' WHERE id = {fulfilled}"),
    (
        "key_not_paid",
        "UPDATE billing_order SET pay_by = 'card' WHERE id = {on_account}",
    ),
    (
        "key_not_paid",
        "UPDATE billing_payment SET amount = amount - 1 WHERE order_id = {fulfilled}",
    ),
    (
        "licence_without_order",
        "UPDATE billing_order SET status = 'cancelled' WHERE id = {fulfilled}",
    ),
    ("seats_differ", "UPDATE licensing_licence SET seats = 13"),
    ("several_in_force", "UPDATE licensing_licence SET status = 'active'"),
    ("key_not_genuine", "UPDATE licensing_licence SET key = replace(key, 'key/e', 'key/f')"),
    ("key_not_genuine", "UPDATE licensing_licence SET kid = 'another'"),
    ("key_states_other", "UPDATE licensing_licence SET seats = 13"),
    ("key_states_other", "UPDATE licensing_licence SET ends_on = '2029-01-01'"),
]


def test_given_a_busy_day_when_the_books_are_checked_then_they_hold(busy_day):
    assert check_books() == []


def test_given_a_busy_day_when_any_invariant_is_broken_then_it_is_found(busy_day):
    unnoticed = []
    for code, sql in BREAKS:
        with broken(sql, **busy_day):
            if code not in codes():
                unnoticed.append((code, sql))

    assert unnoticed == []


def test_given_every_check_when_the_breaks_are_counted_then_none_is_without_one():
    """A check that nothing here breaks could be one that finds nothing."""
    assert len({code for code, _ in BREAKS}) >= len(CHECKS)


def test_given_books_that_hold_when_the_command_runs_then_it_says_so(busy_day):
    out = StringIO()

    call_command("check_books", stdout=out)

    assert out.getvalue() == "The books hold.\n"


def test_given_broken_books_when_the_command_runs_then_it_exits_1_and_names_the_row(busy_day):
    out, err = StringIO(), StringIO()
    damage = broken("DELETE FROM billing_ledgerentry WHERE kind = 'refund'", **busy_day)
    with damage, pytest.raises(SystemExit) as end:
        call_command("check_books", stdout=out, stderr=err)

    assert end.value.code == 1
    assert out.getvalue().startswith("refund_not_booked\trfd_")
    assert "broken" in err.getvalue()
