"""What else becomes of a placed order: approved, cancelled, expired; drafts discarded."""

from datetime import date, timedelta

import pytest

from billing.models import (
    Document,
    FinanceTask,
    Order,
)
from billing.models.document import DocumentKind
from billing.selectors import amount_due, orders_of
from billing.services.ordering import (
    approve_order,
    cancel_order,
    sweep_orders,
)
from licensing.models import KeyRequest
from portal.kit import clock
from portal.notifications.models import Mail
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


def test_given_a_placed_order_when_staff_approve_it_then_it_is_accepted_before_the_money(
    shop, customer, staff
):
    order = given.placed(shop, customer, pay_by="transfer")

    approved = approve_order(order=order, staff=staff, actor=given.staff_actor(staff))
    again = approve_order(order=order, staff=staff, actor=given.staff_actor(staff))

    assert (approved.status, approved.approved_by, approved.is_on_account) == (
        "accepted",
        staff,
        True,
    )
    assert again.status == "accepted"
    assert KeyRequest.objects.count() == 1
    assert not Document.objects.filter(kind=DocumentKind.INVOICE).exists()


def test_given_a_draft_when_staff_approve_it_then_it_is_refused(shop, customer, staff):
    order = given.draft(shop, customer)
    error = given.refused(approve_order, order=order, staff=staff, actor=given.staff_actor(staff))
    assert error.code == "illegal_transition"
    order.refresh_from_db()
    assert order.approved_by is None


def test_given_a_placed_order_when_cancelled_then_a_new_one_can_be_placed(shop, customer):
    order = given.placed(shop, customer)

    cancel_order(order=order, reason=" Wrong size ", actor=given.person(customer))

    order.refresh_from_db()
    assert (order.status, order.closed_reason) == ("cancelled", "Wrong size")
    assert amount_due(order) == 0
    assert Mail.objects.filter(kind="order_cancelled").count() == 1
    assert given.placed(shop, customer).status == "placed"
    error = given.refused(cancel_order, order=order, reason="", actor=given.person(customer))
    assert error.code == "illegal_transition"


def test_given_part_of_the_money_when_cancelled_then_only_staff_can_and_finance_is_told(
    shop, customer, staff
):
    order = given.placed(shop, customer, pay_by="transfer")
    given.pay(order, staff, "100.00")

    error = given.refused(cancel_order, order=order, reason="", actor=given.person(customer))
    assert error.code == "money_came"

    cancel_order(order=order, reason="", actor=given.staff_actor(staff))
    assert FinanceTask.objects.get().once_key == f"paid-closed:{order.public_id}"


def test_given_a_bank_debit_under_way_when_cancelled_then_it_is_refused(shop, customer):
    order = given.placed(shop, customer)
    given.processing(order)

    error = given.refused(cancel_order, order=order, reason="", actor=given.person(customer))
    assert error.code == "payment_on_its_way"
    order.refresh_from_db()
    assert order.status == "placed"


def test_given_the_last_day_is_over_when_swept_then_the_order_expires_once(shop, customer):
    order = given.placed(shop, customer)

    assert sweep_orders(order.good_until) == 0
    assert sweep_orders(order.good_until + timedelta(seconds=1)) == 1
    assert sweep_orders(order.good_until + timedelta(seconds=1)) == 0

    order.refresh_from_db()
    assert order.status == "expired"
    assert Mail.objects.filter(kind="order_expired").count() == 1


def test_given_money_or_a_debit_under_way_when_swept_then_the_orders_wait(
    shop, customer, stranger, staff
):
    partly_paid = given.placed(shop, customer, pay_by="transfer")
    given.pay(partly_paid, staff, "100.00")
    debited = given.placed(shop, stranger)
    given.processing(debited)

    late = MONDAY + timedelta(days=60)
    assert [sweep_orders(late), sweep_orders(late)] == [1, 0]

    assert set(Order.objects.values_list("status", flat=True)) == {"placed"}
    asked = FinanceTask.objects.get()
    assert (asked.kind, asked.subject_id) == ("part_paid", partly_paid.public_id)
    assert asked.note.startswith(f"£100.00 of £2,073.60 came for order {partly_paid.reference}")


def test_given_a_draft_of_31_days_when_swept_then_it_is_discarded_and_not_shown(shop, customer):
    old = given.draft(shop, customer)
    with clock.pretend(MONDAY + timedelta(days=20)):
        young = given.draft(shop, customer)

    assert sweep_orders(MONDAY + timedelta(days=31)) == 1

    old.refresh_from_db()
    assert old.status == "discarded"
    assert list(orders_of(customer.organisation)) == [young]


def test_given_an_order_that_cannot_expire_when_swept_then_the_others_still_do(
    shop, customer, stranger, monkeypatch
):
    broken = given.placed(shop, customer)
    fine = given.placed(shop, stranger)
    from billing.services import closing

    mail = closing.mail_order_expired

    def fail_for_one(order):
        if order.pk == broken.pk:
            raise RuntimeError("no mail today")
        mail(order)

    monkeypatch.setattr(closing, "mail_order_expired", fail_for_one)

    assert sweep_orders(MONDAY + timedelta(days=60)) == 1
    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.status, fine.status) == ("placed", "expired")
