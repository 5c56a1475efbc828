"""Return page, webhook, sweep and two clicks at the same moment; and a worker that is shot."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.db import connection

from billing.models import CheckoutAttempt, Document, Order, Payment, Refund, StripeEvent
from billing.services.checkout import sync_checkout
from billing.services.refunds import request_refund
from billing.webhooks.inbox import handle_event, sweep_events
from licensing.models import KeyRequest
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.notifications.models import Mail
from tests.billing.given import placed, staff_actor
from tests.billing.paying import transfer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
TOGETHER = 4

# Handles one event as a worker does, and is shot when it is about to open the key request:
# the payment is written by then, and not committed.
SHOT_WORKER = """
import os, signal, sys
import django
django.setup()
from billing.services import acceptance
from billing.webhooks.inbox import handle_event
from billing.models import Payment

def shot(**_):
    print("payments", Payment.objects.count(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

acceptance.open_agreement = shot
handle_event(sys.argv[1])
"""


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in as many threads, all let go together; a refusal comes back as its code."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return call()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


def assert_sold_once(order: Order) -> None:
    order.refresh_from_db()
    assert order.status == "accepted"
    assert Payment.objects.count() == KeyRequest.objects.count() == 1
    assert Document.objects.filter(kind="invoice").count() == 1
    assert Mail.objects.filter(kind="invoice").count() == 1


def test_given_a_paid_page_when_all_hear_of_it_at_once_then_it_is_sold_once(order, payer):
    attempt = payer.pay(order)

    answers = at_once([lambda: sync_checkout(attempt=attempt).status] * TOGETHER)

    assert answers == ["paid"] * TOGETHER
    assert_sold_once(order)


def test_given_one_event_when_several_workers_take_it_then_one_handles_it(order, payer):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    payer.post(completed)
    StripeEvent.objects.update(handled_at=None, outcome="", claimed_at=None, attempts=0)

    answers = at_once([lambda: handle_event(completed["id"])] * TOGETHER)

    assert sum(answer is not None for answer in answers) == 1
    assert StripeEvent.objects.get().attempts == 1
    assert_sold_once(order)


def test_given_two_clicks_when_they_come_at_once_then_one_page_is_opened(order, payer):
    answers = at_once([lambda: payer.open_page(order).pk] * TOGETHER)

    opened = CheckoutAttempt.objects.get()
    assert opened.status == "open"
    # Stripe refuses a request whose twin still runs; that click tries again.
    assert set(answers) <= {opened.pk, "payment_provider_unavailable"}


def test_given_a_transfer_and_a_card_when_they_come_at_once_then_one_is_credit(order, payer, staff):
    attempt = payer.pay(order)

    at_once(
        [
            lambda: sync_checkout(attempt=attempt),
            lambda: transfer(order, "2073.60", staff, form_token="one-form"),
        ]
    )

    order.refresh_from_db()
    assert order.status == "accepted"
    assert Payment.objects.count() == 2
    assert KeyRequest.objects.count() == 1
    assert Document.objects.filter(kind="invoice").count() == 1


def test_given_two_of_the_staff_when_they_record_the_same_line_at_once_then_its_money_came_once(
    order, staff
):
    def record(form: str) -> Any:
        line = "statement 17, line 4"
        return transfer(order, "2073.60", staff, form_token=form, reference=line).pk

    answers = at_once([lambda: record("ann"), lambda: record("bob")])

    assert answers.count("transfer_recorded_before") == 1
    assert_sold_once(order)


def test_given_a_payment_when_its_refund_is_asked_for_twice_at_once_then_it_goes_back_once(
    order, payer, staff
):
    sync_checkout(attempt=payer.pay(order))
    transfer(order, "2073.60", staff)
    payment = order.payments.get(method="stripe")

    def ask() -> str:
        actor = staff_actor(staff)
        return request_refund(payment=payment, amount=207360, reason="Twice", actor=actor).status

    answers = at_once([ask] * TOGETHER)

    assert answers.count("refund_too_large") == TOGETHER - 1
    assert Refund.objects.get().status == "succeeded"


def test_given_a_worker_when_it_is_shot_between_payment_and_key_request_then_nothing_is_lost(
    order, payer, monkeypatch
):
    payer.pay(order)
    [completed] = payer.standin.events("checkout.session.completed")
    with monkeypatch.context() as no_job:
        no_job.setattr("billing.webhooks.inbox.enqueue", lambda *_: None)
        payer.post(completed)

    worker = subprocess.run(
        [sys.executable, "-c", SHOT_WORKER, completed["id"]],
        cwd=ROOT,
        env={**os.environ, **worker_settings()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (worker.returncode, worker.stdout) == (-signal.SIGKILL, "payments 1\n"), worker.stderr
    assert not Payment.objects.exists()
    assert StripeEvent.objects.get().handled_at is None
    with clock.pretend(clock.now() + timedelta(minutes=6)):
        assert sweep_events(clock.now()) == 1
    assert StripeEvent.objects.get().attempts == 2
    assert_sold_once(order)


def worker_settings() -> dict[str, str]:
    """Point another process at this test's database and at its stand-in."""
    database = connection.settings_dict
    host, port = database["HOST"] or "127.0.0.1", database["PORT"] or 5432
    account = f"{database['USER']}:{database['PASSWORD']}"
    return {
        "DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings",
        "DATABASE_URL": f"postgres://{account}@{host}:{port}/{database['NAME']}",
        "WORKER_STRIPE_API_BASE": live_settings.STRIPE_API_BASE,
    }
