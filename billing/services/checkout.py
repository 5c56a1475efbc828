"""Online payment: an attempt is a row first, then a Stripe Checkout Session, then news of it.

Stripe is never called inside a transaction. Whatever dies between two steps, the row is there and
the same request is repeated with the row's id as idempotency key.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext

from billing.domain.orders import PENDING_PAYMENTS, PaymentStatus
from billing.models import CheckoutAttempt, Order
from billing.selectors import amount_due
from billing.services.checkout_news import apply_news
from billing.services.checkout_session import forget_session, open_session
from billing.services.locks import lock_order
from billing.stripe import gateway
from billing.stripe.errors import StripeRefused
from billing.stripe.types import CheckoutSessionState
from portal.audit.models import AuditEvent
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict, NotFound, gettext_noop
from portal.kit.urls import absolute

# Stripe allows 30 minutes to 24 hours. Long enough to repeat a lost request, short enough that an
# abandoned page does not stay payable for a day.
SESSION_LASTS: Final = timedelta(hours=3)
# A page that runs out while the payer types helps nobody, and below half an hour Stripe refuses
# to open one.
REUSABLE_FOR: Final = timedelta(minutes=35)


class NothingDue(Conflict):
    """Nothing can be paid on this order now."""

    code = "nothing_due"
    default_message = gettext_noop("Nothing is due on this order at the moment.")


class PaymentOnItsWay(Conflict):
    """A bank debit is under way; a second payment would pay twice."""

    code = "payment_on_its_way"
    default_message = gettext_noop(
        "A payment for this order is on its way already. We tell you as soon as it has arrived."
    )


class UnknownSession(NotFound):
    """Stripe has this session, and no attempt of ours asked for it."""

    code = "unknown_session"

    def __init__(self, session: CheckoutSessionState) -> None:
        super().__init__()
        self.session = session


def start_checkout(*, order: Order, return_path: str, actor: Actor) -> str:
    """Return the address of Stripe's page on which what is due now can be paid.

    A page that is open for the same sum is used again, so a double click opens one. The payer
    comes back to `return_path` with `?checkout=<attempt's id>`, and `&cancelled=1` from "back".
    Raises NothingDue, PaymentOnItsWay, StripeUnavailable (the attempt is kept and repeated),
    StripeRefused and AmountNotChargeable. Not to be called inside a transaction.
    """
    for known in _pending(order, PaymentStatus.OPEN):
        # The payer may have paid on it, and we have not heard of it yet.
        sync_checkout(attempt=known)
    attempt = _prepare_attempt(order=order, return_url=absolute(return_path), actor=actor)
    if attempt.status == PaymentStatus.CREATING:
        attempt = open_session(attempt)
    if attempt.status != PaymentStatus.OPEN:
        raise NothingDue
    return attempt.url


def sync_checkout(*, attempt: CheckoutAttempt) -> CheckoutAttempt:
    """Ask Stripe how an attempt stands, and apply what is new; the same news twice does nothing.

    Called by the return page, by webhooks and by the reconciliation alike; none of them is
    believed. A page that Stripe does not know, as after a change of the account, has failed: else
    the order could never be paid online. Raises StripeUnavailable and StripeRefused. Not to be
    called inside a transaction.
    """
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(checked_at=clock.now())
    if not attempt.session_id:
        attempt = open_session(attempt)
    try:
        session = gateway.retrieve_checkout_session(str(attempt.session_id))
    except StripeRefused as error:
        if not error.is_missing or attempt.status != PaymentStatus.OPEN:
            raise
        return forget_session(attempt, error.reason)
    return apply_news(attempt=attempt, session=session)


def sync_session(*, session_id: str) -> CheckoutAttempt:
    """Apply what Stripe says of a session that an event named. Raises UnknownSession."""
    attempt = CheckoutAttempt.objects.filter(session_id=session_id).first()
    if attempt is not None:
        return sync_checkout(attempt=attempt)
    session = gateway.retrieve_checkout_session(session_id)
    # The event overtook our own record of Stripe's answer, or we died before writing it.
    attempt_id = session.metadata.get("attempt", "")
    attempt = CheckoutAttempt.objects.filter(public_id=attempt_id).first()
    if attempt is None or attempt.session_id not in (None, session.id):
        raise UnknownSession(session)
    return apply_news(attempt=attempt, session=session)


def close_checkouts(*, order: Order) -> int:
    """Close payment pages that nobody should pay on any more; return how many.

    That is: nothing is due, or another sum. One that was paid meanwhile is applied instead.
    """
    open_attempts = _pending(order, PaymentStatus.CREATING, PaymentStatus.OPEN)
    unwanted = [attempt for attempt in open_attempts if not is_wanted(attempt)]
    for attempt in unwanted:
        close_checkout(attempt=attempt)
    return len(unwanted)


def close_checkout(*, attempt: CheckoutAttempt) -> CheckoutAttempt:
    """Expire one payment page at Stripe, unless money came or is on its way through it."""
    attempt = sync_checkout(attempt=attempt)
    if attempt.status != PaymentStatus.OPEN:
        return attempt
    try:
        session = gateway.expire_checkout_session(str(attempt.session_id))
    except StripeRefused:
        # The payer was faster: what became of it is news like any other.
        return sync_checkout(attempt=attempt)
    return apply_news(attempt=attempt, session=session)


def is_wanted(attempt: CheckoutAttempt) -> bool:
    """Say whether a payment on this attempt would be exactly what is due."""
    return attempt.amount == amount_due(attempt.order)


def _prepare_attempt(*, order: Order, return_url: str, actor: Actor) -> CheckoutAttempt:
    """Write the row that a session is asked for with, or find the one that serves already."""
    now = clock.now()
    with transaction.atomic(durable=True):
        order = lock_order(order)
        due = amount_due(order)
        if due < 1:
            raise NothingDue
        pending = list(_pending(order, *PENDING_PAYMENTS))
        if any(attempt.status == PaymentStatus.PROCESSING for attempt in pending):
            raise PaymentOnItsWay
        for attempt in pending:
            if _serves(attempt, due, return_url, now):
                return attempt
        attempt = CheckoutAttempt.objects.create(
            order=order,
            amount=due,
            currency=order.currency,
            return_url=return_url,
            description=_description(order),
            customer_email=actor.name if actor.kind == AuditEvent.ActorKind.PERSON else "",
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
        record_event(
            action="checkout.started",
            subject_id=attempt.public_id,
            actor=actor,
            organisation_id=order.organisation.public_id,
            data={"order": order.public_id, "amount": due, "currency": order.currency},
        )
    return attempt


def _serves(attempt: CheckoutAttempt, due: int, return_url: str, now: datetime) -> bool:
    """The same sum and the same way back: a payer without a login must not end at one."""
    return (
        attempt.amount == due
        and attempt.return_url == return_url
        and attempt.expires_at > now + REUSABLE_FOR
    )


def _description(order: Order) -> str:
    texts = {"product": order.product.name, "reference": order.reference}
    return gettext("%(product)s, order %(reference)s") % texts


def _pending(order: Order, *statuses: PaymentStatus) -> Iterable[CheckoutAttempt]:
    attempts = CheckoutAttempt.objects.filter(order=order, status__in=statuses)
    return attempts.select_related("order").order_by("-created_at", "-pk")
