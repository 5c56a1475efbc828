"""A process killed at any write: after the sweeps, everything happened, and happened once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from billing.models import CheckoutAttempt, Document, Order, Payment, Refund, StripeEvent
from billing.services.checkout import sync_checkout
from billing.services.keys import issue_key_for_request
from billing.services.reconcile import reconcile_attempts, sweep_refunds
from billing.services.refunds import request_refund
from billing.stripe import gateway
from billing.webhooks.inbox import handle_event, sweep_events
from licensing.models import Agreement, KeyRequest, Licence
from portal.kit import clock
from portal.notifications.models import Mail
from tests import factories
from tests.billing.given import placed, staff_actor
from tests.billing.paying import transfer
from tests.conftest import Customer
from tests.faults.killing import Killed, die_after, die_before, killed_before_write

pytestmark = pytest.mark.django_db(transaction=True)
MORE_WRITES_THAN_ANY_STEP_HAS = 200


def new_order(shop, **choices) -> Order:
    membership = factories.MembershipFactory()
    customer = Customer(membership.organisation, membership.user)
    if choices.get("pay_by") == "on_account":
        factories.CreditTermsFactory(organisation=customer.organisation)
    return placed(shop, customer, **choices)


def kill_at_every_write(prepare: Callable, act: Callable, recover: Callable) -> int:
    """Run an act on something new again and again, killed one write later each time."""
    for number in range(1, MORE_WRITES_THAN_ANY_STEP_HAS):
        subject = prepare()
        try:
            with killed_before_write(number):
                act(subject)
        except Killed:
            recover(subject)
        else:
            recover(subject)
            return number - 1
    raise AssertionError("this step writes more than expected")


def later(minutes: int = 20):
    return clock.pretend(clock.now() + timedelta(minutes=minutes))


def assert_sold_once(order: Order) -> None:
    order.refresh_from_db()
    assert order.status == "accepted"
    assert Payment.objects.filter(order=order).count() == 1
    assert Agreement.objects.filter(organisation=order.organisation).count() == 1
    assert KeyRequest.objects.filter(order_id=order.public_id).count() == 1
    assert Document.objects.filter(order=order, kind="invoice").count() == 1
    for kind in ("invoice", "order_accepted"):
        assert Mail.objects.filter(kind=kind, subject_id=order.public_id).count() == 1


def test_given_a_paid_session_when_the_worker_is_killed_at_any_write_then_it_is_sold_once(
    shop, payer, monkeypatch
):
    monkeypatch.setattr("billing.webhooks.inbox.enqueue", lambda *_: None)

    def pay() -> tuple[Order, str]:
        order = new_order(shop)
        attempt = payer.pay(order)
        event = next(
            event
            for event in reversed(payer.standin.events("checkout.session.completed"))
            if event["data"]["object"]["id"] == attempt.session_id
        )
        payer.post(event)
        return order, event["id"]

    def recover(subject: tuple[Order, str]) -> None:
        with later():
            sweep_events(clock.now())
        assert_sold_once(subject[0])
        assert StripeEvent.objects.get(event_id=subject[1]).outcome == "applied"

    kills = kill_at_every_write(pay, lambda subject: handle_event(subject[1]), recover)

    assert kills > 20


def test_given_the_payment_page_when_its_opening_is_killed_at_any_write_then_there_is_one_page(
    shop, payer
):
    def recover(order: Order) -> None:
        assert payer.open_page(order).status == "open"
        assert CheckoutAttempt.objects.filter(order=order).count() == 1
        assert sessions_of(order) == 1

    kills = kill_at_every_write(lambda: new_order(shop), payer.open_page, recover)

    assert kills >= 3


@pytest.mark.parametrize("death", [die_before, die_after])
def test_given_the_payment_page_when_we_die_around_stripes_answer_then_there_is_one_page(
    shop, payer, monkeypatch, death
):
    order = new_order(shop)
    with monkeypatch.context() as killed:
        create = gateway.create_checkout_session
        killed.setattr(gateway, "create_checkout_session", death(create))
        with pytest.raises(Killed):
            payer.open_page(order)
    assert CheckoutAttempt.objects.get().status == "creating"

    with later():
        assert reconcile_attempts(clock.now()) == 1

    attempt = CheckoutAttempt.objects.get()
    assert (attempt.status, sessions_of(order)) == ("open", 1)
    payer.standin.pay(attempt.session_id)
    sync_checkout(attempt=attempt)
    assert_sold_once(order)


def test_given_a_page_we_never_heard_of_when_it_is_paid_then_its_event_finds_the_order(
    shop, payer, monkeypatch
):
    order = new_order(shop)
    made = []

    def create(**request):
        made.append(gateway_create(**request))
        raise Killed("before the answer was written down")

    gateway_create = gateway.create_checkout_session
    with monkeypatch.context() as killed:
        killed.setattr(gateway, "create_checkout_session", create)
        with pytest.raises(Killed):
            payer.open_page(order)
    payer.standin.pay(made[0].id)

    payer.deliver()

    assert_sold_once(order)
    assert CheckoutAttempt.objects.get().session_id == made[0].id


def test_given_a_refund_when_the_worker_is_killed_at_any_write_then_stripe_refunds_once(
    shop, payer, staff
):
    def prepare() -> Payment:
        order = new_order(shop)
        attempt = payer.open_page(order)
        payer.standin.pay(attempt.session_id)
        transfer(order, "2073.60", staff)
        sync_checkout(attempt=attempt)
        return order.payments.get(method="stripe")

    def ask(payment: Payment) -> None:
        request_refund(payment=payment, amount=100, reason="Twice", actor=staff_actor(staff))

    def recover(payment: Payment) -> None:
        if not payment.refunds.exists():
            ask(payment)
        with later():
            sweep_refunds(clock.now())
        refund = Refund.objects.get(payment=payment)
        at_stripe = gateway.list_refunds(payment_intent=str(payment.payment_intent_id))
        assert refund.status == "succeeded"
        assert [state.id for state in at_stripe] == [refund.stripe_refund_id]
        assert refund.ledger_entries.count() == 1
        assert Mail.objects.filter(once_key=f"refund_sent:{refund.public_id}").count() == 1

    kills = kill_at_every_write(prepare, ask, recover)

    assert kills > 5


def test_given_a_key_on_account_when_its_issue_is_killed_at_any_write_then_both_or_neither(
    shop, staff
):
    def issue(order: Order) -> None:
        issue_key_for_request(
            key_request=KeyRequest.objects.get(order_id=order.public_id),
            staff=staff,
            actor=staff_actor(staff),
        )

    def recover(order: Order) -> None:
        licences = Licence.objects.filter(key_request__order_id=order.public_id)
        invoices = Document.objects.filter(order=order, kind="invoice")
        assert licences.count() == invoices.count()
        if not licences.exists():
            issue(order)
        assert licences.count() == invoices.count() == 1

    kills = kill_at_every_write(lambda: new_order(shop, pay_by="on_account"), issue, recover)

    assert kills > 8


def sessions_of(order: Order) -> int:
    since = clock.now() - timedelta(hours=1)
    sessions = gateway.list_checkout_sessions(since=since)
    return sum(session.client_reference_id == order.public_id for session in sessions)
