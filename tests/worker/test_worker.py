"""Paid orders through a real web server, broker, worker and beat: all once, whatever dies."""

import os
import signal
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from billing.models import CheckoutAttempt, Document, Order, Payment, StripeEvent
from billing.services.checkout import start_checkout
from licensing.models import KeyRequest, Licence
from portal.audit.services import SYSTEM
from portal.kit import clock
from portal.notifications.models import Mail
from tests.billing.given import placed
from tests.worker.system import NO_BROKER, System, children_of, until

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
WEBHOOK = "/webhooks/stripe/"


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer)


def pay(order: Order, system: System) -> str:
    """Pay on Stripe's page, and return the id of the event that tells of it."""
    url = start_checkout(order=order, return_path="/pay/of-this-test/", actor=SYSTEM)
    attempt = CheckoutAttempt.objects.get(url=url)
    outcome = system.standin.pay(attempt.session_id or "")
    assert outcome.error == ""
    [event] = system.standin.events("checkout.session.completed")
    return str(event["id"])


def everything_is_handled() -> bool:
    return (
        StripeEvent.objects.exists()
        and not StripeEvent.objects.filter(handled_at=None).exists()
        and not Mail.objects.exclude(status="sent").exists()
    )


def assert_sold_once(order: Order) -> None:
    order.refresh_from_db()
    assert order.status in ("accepted", "fulfilled")
    assert Payment.objects.count() == KeyRequest.objects.count() == 1
    assert Document.objects.filter(kind="invoice").count() == 1
    for kind in ("order_accepted", "invoice"):
        assert Mail.objects.filter(kind=kind).count() == 1


def assert_sent_once(system: System, since: int) -> None:
    """Every mail that was written after the order was placed went out, each one time."""
    written = Mail.objects.filter(pk__gt=since).values_list("public_id", flat=True)
    assert system.sent_mails() == sorted(written)


def last_mail() -> int:
    newest = Mail.objects.order_by("pk").last()
    return newest.pk if newest else 0


def test_given_a_paid_page_when_its_events_come_twice_then_the_worker_sells_it_once(
    order, system, web, worker
):
    before = last_mail()
    system.standin.set_webhook(f"{web}{WEBHOOK}")

    pay(order, system)
    system.standin.repeat("checkout.session.completed", times=2)
    system.standin.wait_until_delivered()

    until(everything_is_handled)
    assert_sold_once(order)
    assert_sent_once(system, before)
    assert not Licence.objects.exists()


def test_given_a_product_with_automatic_keys_when_it_is_paid_then_the_worker_issues_the_key(
    shop, customer, system, web, worker
):
    shop.product.issue_automatically = True
    shop.product.save()
    order = placed(shop, customer)
    before = last_mail()
    system.standin.set_webhook(f"{web}{WEBHOOK}")

    pay(order, system)

    until(Licence.objects.exists)
    until(everything_is_handled)
    assert_sold_once(order)
    assert_sent_once(system, before)
    assert Licence.objects.get().seats == order.quantity
    assert Order.objects.get().status == "fulfilled"
    assert Mail.objects.filter(kind="key_issued").count() == 1


def test_given_a_worker_when_its_children_are_shot_between_payment_and_key_then_it_is_sold_once(
    order, system, web, worker
):
    before = last_mail()
    system.standin.set_webhook(f"{web}{WEBHOOK}")
    with psycopg.connect(**connection_to_the_test_database()) as other:
        # The key request's agreement cannot be written: the payment before it is, uncommitted.
        other.execute("LOCK TABLE licensing_agreement IN EXCLUSIVE MODE")
        event_id = pay(order, system)
        until(lambda: StripeEvent.objects.filter(event_id=event_id).exists())
        until(is_waiting_for_the_lock)
        shot = children_of(worker)
        for child in shot:
            os.kill(child, signal.SIGKILL)
        until(lambda: len(set(children_of(worker)) - set(shot)) == 2)
    until(lambda: not is_waiting_for_the_lock())
    assert not Payment.objects.exists()
    assert not KeyRequest.objects.exists()
    order.refresh_from_db()
    assert order.status == "placed"

    long_ago = clock.now() - timedelta(minutes=6)
    StripeEvent.objects.filter(handled_at=None).update(claimed_at=long_ago, received_at=long_ago)
    with system.beat():
        until(everything_is_handled)

    assert StripeEvent.objects.get(event_id=event_id).outcome == "applied"
    assert_sold_once(order)
    assert_sent_once(system, before)


def test_given_no_broker_when_an_event_comes_then_beat_and_the_worker_find_it(order, system):
    before = last_mail()
    with system.web_server(REDIS_URL=NO_BROKER) as url:
        system.standin.set_webhook(f"{url}{WEBHOOK}")
        pay(order, system)
        system.standin.wait_until_delivered()
    assert {row["status"] for row in system.standin.deliveries()} == {"delivered"}
    assert StripeEvent.objects.filter(claimed_at=None, handled_at=None).exists()
    assert not Payment.objects.exists()

    StripeEvent.objects.update(received_at=clock.now() - timedelta(minutes=2))
    with system.worker(), system.beat():
        until(everything_is_handled)

    assert_sold_once(order)
    assert_sent_once(system, before)


def is_waiting_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND relation = 'licensing_agreement'::regclass"
        )
        [waiting] = cursor.fetchone() or (0,)
    return bool(waiting)


def connection_to_the_test_database() -> dict[str, object]:
    database = connection.settings_dict
    return {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"] or "127.0.0.1",
        "port": database["PORT"] or 5432,
    }
