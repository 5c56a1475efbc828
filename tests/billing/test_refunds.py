"""Money that goes back: by Stripe or by hand, once, in the ledger when it went."""

from datetime import timedelta

import pytest
from django.db import connection

from billing.models import FinanceTask, LedgerEntry, Order, Refund
from billing.selectors import balance_of
from billing.services.checkout import sync_checkout
from billing.services.keys import DeclineOutcome, decline_request
from billing.services.reconcile import sweep_refunds
from billing.services.refunds import (
    NotByBank,
    RefundTooLarge,
    request_refund,
    settle_bank_refund,
    submit_refund,
    sync_refund,
)
from licensing.models import KeyRequest
from portal.kit import clock
from portal.kit.transitions import IllegalTransition
from portal.notifications.models import Mail
from tests.billing.given import placed, staff_actor
from tests.billing.paying import transfer

pytestmark = pytest.mark.django_db(transaction=True)
# A card whose refunds take a while, as Stripe's test cards have it.
CARD_SLOW_REFUND = "4000 0000 0000 7726"


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer)


@pytest.fixture
def paid_twice(order, payer, staff):
    """Given an order paid by transfer and then again by card: the card's sum is credit."""

    def pay(**how):
        attempt = payer.open_page(order)
        payer.standin.pay(attempt.session_id, **how)
        transfer(order, "2073.60", staff, reference="before")
        sync_checkout(attempt=attempt)
        order.refresh_from_db()
        return order.payments.get(method="stripe")

    return pay


def refund(payment, staff, amount=207360) -> Refund:
    asked = request_refund(
        payment=payment, amount=amount, reason="Paid twice", actor=staff_actor(staff)
    )
    asked.refresh_from_db()
    return asked


def ledger(refund: Refund) -> list[tuple[str, int]]:
    return list(
        LedgerEntry.objects.filter(refund=refund).order_by("pk").values_list("kind", "amount")
    )


def test_given_a_second_payment_when_it_is_refunded_then_stripe_sends_it_and_the_ledger_knows(
    order, paid_twice, staff
):
    back = refund(paid_twice(), staff)

    assert (back.status, back.amount, back.requested_by) == ("succeeded", 207360, staff.email)
    assert back.stripe_refund_id.startswith("re_")
    assert ledger(back) == [("refund", 207360)]
    assert balance_of(order) == 0
    assert "£2,073.60" in Mail.objects.get(kind="refund_sent").text


def test_given_a_refund_when_it_is_submitted_again_then_stripe_makes_no_second(
    paid_twice, staff, standin
):
    back = refund(paid_twice(), staff)

    submit_refund(back.public_id)
    Refund.objects.filter(pk=back.pk).update(status="requested", stripe_refund_id=None)
    LedgerEntry.objects.filter(refund=back)._raw_delete("default")
    submit_refund(back.public_id)

    back.refresh_from_db()
    assert back.status == "succeeded"
    assert len(standin.events("refund.created")) == 1


@pytest.mark.parametrize("amount", [0, -1, 207361])
def test_given_a_payment_when_more_or_less_than_there_is_is_asked_for_then_it_is_refused(
    paid_twice, staff, amount
):
    payment = paid_twice()

    with pytest.raises(RefundTooLarge):
        refund(payment, staff, amount=amount)

    assert not Refund.objects.exists()


def test_given_a_part_went_back_when_more_than_the_rest_is_asked_for_then_it_is_refused(
    paid_twice, staff
):
    payment = paid_twice()
    refund(payment, staff, amount=200000)

    with pytest.raises(RefundTooLarge) as refusal:
        refund(payment, staff, amount=7361)

    assert refusal.value.data == {"left": 7360}
    assert refund(payment, staff, amount=7360).status == "succeeded"


def test_given_a_slow_refund_when_it_settles_then_it_is_booked_then_and_not_before(
    order, paid_twice, staff, standin
):
    back = refund(paid_twice(card=CARD_SLOW_REFUND), staff)
    assert (back.status, ledger(back)) == ("submitted", [])
    assert not Mail.objects.filter(kind="refund_sent").exists()

    standin.settle_refund(back.stripe_refund_id)
    assert sync_refund(refund=back).status == "succeeded"
    assert sync_refund(refund=back).status == "succeeded"

    assert ledger(back) == [("refund", 207360)]


def test_given_a_refund_that_succeeded_when_the_bank_sends_it_back_then_it_is_credit_again(
    order, paid_twice, staff, standin
):
    back = refund(paid_twice(), staff)
    standin.fail_refund(back.stripe_refund_id)

    back = sync_refund(refund=back)

    assert back.status == "failed"
    assert ledger(back) == [("refund", 207360), ("refund_back", -207360)]
    assert balance_of(order) == -207360
    assert FinanceTask.objects.get(kind="refund_failed").subject_id == back.public_id
    assert refund(back.payment, staff).status == "succeeded"


def test_given_stripe_is_down_when_a_refund_is_asked_for_then_the_sweep_sends_it_once(
    paid_twice, staff, standin, settings
):
    payment = paid_twice()
    address, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    back = refund(payment, staff)
    assert (back.status, back.stripe_refund_id) == ("requested", None)
    settings.STRIPE_API_BASE = address

    later = clock.now() + timedelta(minutes=20)
    with clock.pretend(later):
        assert sweep_refunds(later) == 1
        assert sweep_refunds(later) == 0

    back.refresh_from_db()
    assert back.status == "succeeded"
    assert len(standin.events("refund.created")) == 1


def test_given_stripe_refuses_when_a_refund_is_asked_for_then_finance_is_told(
    paid_twice, staff, standin
):
    payment = paid_twice()
    with connection.cursor() as cursor:
        for table in ("billing_payment", "billing_checkoutattempt"):
            cursor.execute(
                f"UPDATE {table} SET payment_intent_id = 'pi_gone' WHERE payment_intent_id = %s",
                [payment.payment_intent_id],
            )
    payment.refresh_from_db()

    back = refund(payment, staff)

    task = FinanceTask.objects.get(kind="refund_failed")
    assert (back.status, back.failure, ledger(back)) == ("failed", "resource_missing", [])
    assert (task.subject_id, "resource_missing" in task.note) == (back.public_id, True)
    assert not Mail.objects.filter(kind="refund_sent").exists()


def test_given_a_transfer_when_it_is_refunded_then_finance_sends_it_and_records_it(
    order, paid_twice, staff
):
    paid_twice()
    transferred = order.payments.get(method="transfer")
    back = refund(transferred, staff)
    assert (back.status, ledger(back)) == ("requested", [])
    assert FinanceTask.objects.get(kind="refund_by_bank").subject_id == back.public_id

    settle_bank_refund(refund=back, actor=staff_actor(staff))

    back.refresh_from_db()
    assert (back.status, ledger(back)) == ("succeeded", [("refund", 207360)])
    with pytest.raises(IllegalTransition):
        settle_bank_refund(refund=back, actor=staff_actor(staff))


def test_given_an_online_payment_when_its_refund_is_recorded_by_hand_then_it_is_refused(
    paid_twice, staff
):
    back = refund(paid_twice(card=CARD_SLOW_REFUND), staff)

    with pytest.raises(NotByBank):
        settle_bank_refund(refund=back, actor=staff_actor(staff))


def test_given_a_card_order_when_its_key_is_declined_then_stripe_gives_the_money_back(
    order, payer, staff
):
    sync_checkout(attempt=payer.pay(order))

    decline_request(
        key_request=KeyRequest.objects.get(),
        outcome=DeclineOutcome.REFUND,
        reason="Wrong company",
        actor=staff_actor(staff),
    )

    back = Refund.objects.get()
    assert (back.status, back.amount) == ("succeeded", 207360)
    assert balance_of(order) == 0
    assert Mail.objects.filter(kind="refund_sent").count() == 1
