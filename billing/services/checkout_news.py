"""What Stripe says of an attempt, applied: forward only, and money only where it is ours."""

from django.db import transaction
from django.utils.translation import gettext

from billing.domain.orders import PAYMENT, PENDING_PAYMENTS, PaymentStatus
from billing.models import CheckoutAttempt
from billing.models.payment import PaymentMethod
from billing.selectors import amount_due
from billing.services.locks import lock_order
from billing.services.money_tasks import tell_amount_differs
from billing.services.payment_mails import mail_failed, mail_processing
from billing.services.payments import record_payment
from billing.stripe.types import CheckoutSessionState, CheckoutStatus
from portal.audit.services import STRIPE, record_event
from portal.kit import clock
from portal.vendor.selectors import vendor_today

AMOUNT_DIFFERS = "amount_differs"


def apply_news(*, attempt: CheckoutAttempt, session: CheckoutSessionState) -> CheckoutAttempt:
    """Move an attempt to where its session stands, if that is forward; book money exactly once.

    `session` was fetched from Stripe just now, outside of this transaction. Older news than what
    is stored changes nothing: an attempt that is paid stays paid.
    """
    with transaction.atomic(durable=True):
        order = lock_order(attempt.order)
        attempt = CheckoutAttempt.objects.select_for_update().get(pk=attempt.pk)
        attempt.order = order
        _note(attempt, session)
        status = _status_of(session)
        if status is not None and PAYMENT.allows(attempt.status, status):
            _move(attempt, session, status)
    return attempt


def _status_of(session: CheckoutSessionState) -> PaymentStatus | None:
    """Translate Stripe's states; None where they do not say yet what became of the money."""
    if session.is_paid:
        return PaymentStatus.PAID
    if session.is_processing:
        return PaymentStatus.PROCESSING
    if session.has_failed:
        return PaymentStatus.FAILED
    if session.status is CheckoutStatus.EXPIRED:
        return PaymentStatus.EXPIRED
    return PaymentStatus.OPEN if session.status is CheckoutStatus.OPEN else None


def _note(attempt: CheckoutAttempt, session: CheckoutSessionState) -> None:
    """Keep the facts that are true in any state."""
    attempt.session_id = session.id
    attempt.payment_intent_id = session.payment_intent_id or attempt.payment_intent_id
    attempt.url = session.url or attempt.url
    if session.last_error:
        attempt.failure_code = session.last_error.code[:60]
    attempt.checked_at = clock.now()
    attempt.save(
        update_fields=["session_id", "payment_intent_id", "url", "failure_code", "checked_at"]
    )


def _move(attempt: CheckoutAttempt, session: CheckoutSessionState, status: PaymentStatus) -> None:
    if status is PaymentStatus.PAID and not _is_ours(attempt, session):
        _refuse(attempt, session)
        return
    before = attempt.status
    _set_status(attempt, status)
    if status is PaymentStatus.PAID:
        _book(attempt)
    elif status is PaymentStatus.PROCESSING:
        mail_processing(attempt=attempt)
    elif status is PaymentStatus.FAILED:
        mail_failed(attempt=attempt, reason=_reason(session))
    elif status is PaymentStatus.EXPIRED and before != PaymentStatus.CREATING:
        _tell_expired(attempt)


def _is_ours(attempt: CheckoutAttempt, session: CheckoutSessionState) -> bool:
    """The sum, the currency and the order are those that we asked for, to the last unit."""
    intent = session.payment_intent
    return (
        session.amount_total == attempt.amount
        and session.currency == attempt.currency
        and session.client_reference_id == attempt.order.public_id
        and session.payment_intent_id is not None
        and (intent is None or intent.amount_received == attempt.amount)
    )


def _refuse(attempt: CheckoutAttempt, session: CheckoutSessionState) -> None:
    """Grant nothing for money that is not what we asked for; finance has a look."""
    tell_amount_differs(attempt, session)
    attempt.failure_code = AMOUNT_DIFFERS
    attempt.save(update_fields=["failure_code"])
    if PAYMENT.allows(attempt.status, PaymentStatus.FAILED):
        _set_status(attempt, PaymentStatus.FAILED)


def _book(attempt: CheckoutAttempt) -> None:
    record_payment(
        order=attempt.order,
        method=PaymentMethod.STRIPE,
        amount=attempt.amount,
        currency=attempt.currency,
        received_on=vendor_today(clock.now()),
        reference=attempt.payment_intent_id,
        payment_intent_id=attempt.payment_intent_id,
        actor=STRIPE,
    )


def _set_status(attempt: CheckoutAttempt, status: PaymentStatus) -> None:
    attempt.move_to(status)
    attempt.save(update_fields=["status"])
    if status is PaymentStatus.OPEN:
        return
    record_event(
        action=f"checkout.{status}",
        subject_id=attempt.public_id,
        actor=STRIPE,
        organisation_id=attempt.order.organisation.public_id,
        data={"order": attempt.order.public_id, "session": attempt.session_id},
    )


def _tell_expired(attempt: CheckoutAttempt) -> None:
    """Say that a page ran out, unless nobody waits for it: paid otherwise, or tried again."""
    others = CheckoutAttempt.objects.filter(order=attempt.order, status__in=PENDING_PAYMENTS)
    if attempt.amount != amount_due(attempt.order) or others.exists():
        return
    mail_failed(attempt=attempt, reason=gettext("The payment page was not used in time."))


def _reason(session: CheckoutSessionState) -> str:
    """Stripe's own sentence for the payer, where it has one."""
    return session.last_error.message if session.last_error else ""
