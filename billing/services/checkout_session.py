"""Asking Stripe for the payment page of an attempt, as often as it takes, with the same words."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from billing.domain.orders import PaymentStatus
from billing.models import CheckoutAttempt
from billing.services.locks import lock_order
from billing.services.money_tasks import tell_page_refused
from billing.stripe import gateway
from billing.stripe.errors import AmountNotChargeable, StripeRefused
from billing.stripe.types import CheckoutSessionState
from portal.audit.services import SYSTEM, record_event
from portal.kit import clock

# Stripe opens no page for less; an attempt that was lost for so long is refused as a matter of
# course, and the payer has had another since.
SHORTEST: Final = timedelta(minutes=30)


def open_session(attempt: CheckoutAttempt) -> CheckoutAttempt:
    """Ask for the attempt's session and store it; a repetition gets the session made before.

    Everything that is sent comes from the row and the idempotency key is the row's id, so that a
    crash before, during or after the call cannot open two. Once its time to expire is too near,
    Stripe refuses to make a new one. Raises StripeUnavailable: the row stays as it is; and
    StripeRefused or AmountNotChargeable: the attempt has failed.
    """
    try:
        session = _ask(attempt)
    except (StripeRefused, AmountNotChargeable) as error:
        _give_up(attempt, error.reason)
        raise
    return _store(attempt, session)


def forget_session(attempt: CheckoutAttempt, reason: str) -> CheckoutAttempt:
    """Give up an open page that Stripe does not know; should its money come, it is booked still."""
    with transaction.atomic():
        attempt = CheckoutAttempt.objects.select_for_update().get(pk=attempt.pk)
        if attempt.status == PaymentStatus.OPEN:
            _fail(attempt, "checkout.forgotten", reason)
    return attempt


def _ask(attempt: CheckoutAttempt) -> CheckoutSessionState:
    back = f"{attempt.return_url}?checkout={attempt.public_id}"
    order_id = attempt.order.public_id
    return gateway.create_checkout_session(
        amount=attempt.amount,
        currency=attempt.currency,
        description=attempt.description,
        order_public_id=order_id,
        success_url=back,
        cancel_url=f"{back}&cancelled=1",
        customer_email=attempt.customer_email,
        expires_at=attempt.expires_at,
        idempotency_key=attempt.public_id,
        metadata={"attempt": attempt.public_id, "order": order_id},
    )


def _store(attempt: CheckoutAttempt, session: CheckoutSessionState) -> CheckoutAttempt:
    with transaction.atomic(durable=True):
        order = lock_order(attempt.order)
        attempt = CheckoutAttempt.objects.select_for_update().get(pk=attempt.pk)
        attempt.order = order
        if attempt.session_id:
            # A webhook or another request with the same key was faster.
            return attempt
        attempt.session_id = session.id
        attempt.url = session.url or ""
        if attempt.status == PaymentStatus.CREATING:
            attempt.move_to(PaymentStatus.OPEN)
        attempt.save(update_fields=["session_id", "url", "status"])
    return attempt


def _give_up(attempt: CheckoutAttempt, reason: str) -> None:
    with transaction.atomic():
        attempt = CheckoutAttempt.objects.select_for_update().get(pk=attempt.pk)
        if attempt.status != PaymentStatus.CREATING:
            return
        _fail(attempt, "checkout.refused", reason)
        if attempt.expires_at > clock.now() + SHORTEST:
            tell_page_refused(attempt)


def _fail(attempt: CheckoutAttempt, action: str, reason: str) -> None:
    attempt.move_to(PaymentStatus.FAILED)
    attempt.failure_code = reason[:60]
    attempt.save(update_fields=["status", "failure_code"])
    record_event(
        action=action,
        subject_id=attempt.public_id,
        actor=SYSTEM,
        organisation_id=attempt.order.organisation.public_id,
        data={"reason": reason},
    )
