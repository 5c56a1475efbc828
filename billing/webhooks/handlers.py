"""Which service an event leads to. The event only names an object; the service asks Stripe."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext

from billing.models import CheckoutAttempt, Payment, Refund, StripeEvent
from billing.services.checkout import UnknownSession, sync_checkout, sync_session
from billing.services.money_tasks import tell_unknown_object
from billing.services.refunds import sync_refund
from billing.stripe import gateway
from billing.stripe.errors import StripeRefused
from portal.kit.formatting import format_money

Outcome = StripeEvent.Outcome


def apply_event(event: StripeEvent) -> StripeEvent.Outcome:
    """Do what an event calls for; a type that is not ours calls for nothing."""
    handler = HANDLERS.get(event.type)
    return handler(event) if handler else Outcome.NOTHING_TO_DO


def _session(event: StripeEvent) -> StripeEvent.Outcome:
    try:
        sync_session(session_id=event.object_id)
    except UnknownSession as error:
        session = error.session
        if not session.is_paid:
            return Outcome.UNKNOWN_OBJECT
        paid = _was_paid(session.amount_total, session.currency)
        return _unknown_money(event, session.payment_intent_id, paid)
    except StripeRefused as error:
        return _missing(event, error)
    return Outcome.APPLIED


def _intent(event: StripeEvent) -> StripeEvent.Outcome:
    """News of a payment: its attempt is found by the intent, or named by it."""
    attempt = CheckoutAttempt.objects.filter(payment_intent_id=event.object_id).first()
    if attempt is not None:
        sync_checkout(attempt=attempt)
        return Outcome.APPLIED
    try:
        intent = gateway.retrieve_payment_intent(event.object_id)
    except StripeRefused as error:
        return _missing(event, error)
    attempt = CheckoutAttempt.objects.filter(public_id=intent.metadata.get("attempt", "")).first()
    if attempt is not None:
        sync_checkout(attempt=attempt)
        return Outcome.APPLIED
    if intent.amount_received == 0:
        return Outcome.UNKNOWN_OBJECT
    return _unknown_money(event, intent.id, _was_paid(intent.amount_received, intent.currency))


def _refund(event: StripeEvent) -> StripeEvent.Outcome:
    """News of a refund of ours; one that staff began at Stripe is told by its charge."""
    refund = Refund.objects.filter(stripe_refund_id=event.object_id).first()
    if refund is None:
        try:
            state = gateway.retrieve_refund(event.object_id)
        except StripeRefused as error:
            return _missing(event, error)
        named = state.metadata.get("refund", "")
        refund = Refund.objects.filter(public_id=named).first()
        if refund is None:
            return Outcome.UNKNOWN_OBJECT
    sync_refund(refund=refund)
    return Outcome.APPLIED


def _charge_refunded(event: StripeEvent) -> StripeEvent.Outcome:
    """Tell finance of money that went back without a refund of ours."""
    try:
        charge = gateway.retrieve_charge(event.object_id)
    except StripeRefused as error:
        return _missing(event, error)
    payment = Payment.objects.filter(payment_intent_id=charge.payment_intent_id).first()
    if payment is not None and charge.amount_refunded <= _refunded_by_us(payment):
        return Outcome.NOTHING_TO_DO
    amount = format_money(charge.amount_refunded, charge.currency)
    tell_unknown_object(
        event,
        once_key=f"refunded-at-stripe:{charge.id}:{charge.amount_refunded}",
        what=gettext("%(amount)s was refunded at Stripe, not from the portal.")
        % {"amount": amount},
    )
    return Outcome.UNKNOWN_OBJECT if payment is None else Outcome.APPLIED


def _dispute(event: StripeEvent) -> StripeEvent.Outcome:
    tell_unknown_object(
        event,
        once_key=f"dispute:{event.object_id}",
        what=gettext("A customer’s bank disputes a payment. Answer it at Stripe."),
    )
    return Outcome.APPLIED


def _refunded_by_us(payment: Payment) -> int:
    """Count refunds that failed too: the charge may tell of the time before they did."""
    return sum(payment.refunds.values_list("amount", flat=True))


def _was_paid(amount: int, currency: str) -> str:
    return gettext("%(amount)s was paid.") % {"amount": format_money(amount, currency)}


def _unknown_money(event: StripeEvent, intent: str | None, what: str) -> StripeEvent.Outcome:
    """Money that none of our attempts asked for; told once, by whatever event."""
    tell_unknown_object(event, once_key=f"unknown-money:{intent or event.object_id}", what=what)
    return Outcome.UNKNOWN_OBJECT


def _missing(event: StripeEvent, error: StripeRefused) -> StripeEvent.Outcome:
    """Stripe signed an event about an object that it does not show us: kept for staff."""
    if not error.is_missing:
        raise error
    if event.type in MONEY_CAME:
        return _unknown_money(event, None, gettext("Stripe does not show it to us."))
    return Outcome.UNKNOWN_OBJECT


MONEY_CAME: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "payment_intent.succeeded",
    }
)
Handler = Callable[[StripeEvent], StripeEvent.Outcome]
HANDLERS: Final[Mapping[str, Handler]] = {
    "checkout.session.completed": _session,
    "checkout.session.expired": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "payment_intent.processing": _intent,
    "payment_intent.succeeded": _intent,
    "payment_intent.payment_failed": _intent,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refunded": _charge_refunded,
    "charge.dispute.created": _dispute,
}
