"""Asking Stripe about all that should have had news by now: payments, refunds, paid orders."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from billing.domain.orders import PENDING_PAYMENTS, PaymentStatus, RefundStatus
from billing.models import CheckoutAttempt, FinanceTask, Order, Refund
from billing.models.payment import PaymentMethod
from billing.services.checkout import close_checkout, is_wanted, sync_checkout
from billing.services.keys import issue_key_automatically
from billing.services.payments import accept_paid_order
from billing.services.refunds import sync_refund
from billing.services.sweeping import BATCH, for_each
from licensing.domain.statuses import KeyRequestStatus
from licensing.models import KeyRequest

# The payer is probably still on the page, and the webhook on its way.
QUIET: Final = timedelta(minutes=3)
ASK_AGAIN: Final = timedelta(minutes=10)


def reconcile_attempts(now: datetime) -> int:
    """Sync attempts whose webhook may be lost, oldest news first; return how many were asked.

    One that we may not have heard Stripe's answer for is asked for again with the same words, and
    a page that nobody should pay on any more is closed.
    """
    waiting = CheckoutAttempt.objects.filter(
        Q(checked_at=None) | Q(checked_at__lte=now - ASK_AGAIN),
        status__in=PENDING_PAYMENTS,
        created_at__lte=now - QUIET,
    )
    oldest_news = waiting.select_related("order").order_by(F("checked_at").asc(nulls_first=True))
    return for_each(oldest_news[:BATCH], _reconcile, what="checkout_attempts")


def sweep_refunds(now: datetime) -> int:
    """Send refunds whose job was lost, and ask about those on their way; return how many."""
    waiting = Refund.objects.filter(
        Q(checked_at=None) | Q(checked_at__lte=now - ASK_AGAIN),
        status__in=[RefundStatus.REQUESTED, RefundStatus.SUBMITTED],
        payment__method=PaymentMethod.STRIPE,
        requested_at__lte=now - QUIET,
    )
    oldest_news = waiting.select_related("payment__order").order_by(
        F("checked_at").asc(nulls_first=True)
    )
    return for_each(oldest_news[:BATCH], lambda refund: sync_refund(refund=refund), what="refunds")


def sweep_paid_orders(now: datetime) -> int:
    """Try again to accept paid orders that an obstacle kept back; return how many were accepted."""
    tasks = FinanceTask.objects.filter(kind=FinanceTask.Kind.NOT_ACCEPTED, done_at=None)
    orders = Order.objects.filter(public_id__in=tasks.values("subject_id"))
    return for_each(
        orders[:BATCH], lambda order: accept_paid_order(order=order), what="paid_orders"
    )


def sweep_automatic_keys(now: datetime) -> int:
    """Issue the keys of products without a licence desk whose job was lost; return how many."""
    waiting = KeyRequest.objects.filter(
        status=KeyRequestStatus.OPEN,
        agreement__product__issue_automatically=True,
        requested_at__lte=now - QUIET,
    )
    ids = list(waiting.order_by("due_at").values_list("public_id", flat=True)[:BATCH])
    return for_each(ids, issue_key_automatically, what="automatic_keys")


def _reconcile(attempt: CheckoutAttempt) -> None:
    if attempt.status != PaymentStatus.PROCESSING and not is_wanted(attempt):
        close_checkout(attempt=attempt)
    else:
        sync_checkout(attempt=attempt)
