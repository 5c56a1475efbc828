"""Jobs of billing: each fetches by id and calls one service; a sweep finds what a job lost."""

from celery import shared_task

from billing.models import Order
from billing.services import checkout, keys, reconcile, refunds
from billing.services.ordering import sweep_orders
from billing.webhooks import inbox
from billing.webhooks.reconcile import reconcile_events

PERIODIC = (
    inbox.sweep_events,
    reconcile.reconcile_attempts,
    reconcile.sweep_refunds,
    reconcile_events,
    reconcile.sweep_paid_orders,
    reconcile.sweep_automatic_keys,
    sweep_orders,
)


@shared_task(name="billing.handle_stripe_event")
def handle_stripe_event(event_id: str) -> None:
    inbox.handle_event(event_id)


@shared_task(name="billing.close_checkouts")
def close_checkouts(order_public_id: str) -> None:
    checkout.close_checkouts(order=Order.objects.get(public_id=order_public_id))


@shared_task(name="billing.submit_refund")
def submit_refund(refund_public_id: str) -> None:
    refunds.submit_refund(refund_public_id)


@shared_task(name="billing.issue_key_automatically")
def issue_key_automatically(key_request_public_id: str) -> None:
    keys.issue_key_automatically(key_request_public_id)
