"""Stripe's objects read into our types."""

from datetime import UTC, datetime
from typing import Any

import stripe

from billing.stripe.mapping import from_stripe_amount
from billing.stripe.types import (
    ChargeState,
    CheckoutSessionState,
    CheckoutStatus,
    IntentStatus,
    PaymentError,
    PaymentIntentState,
    PaymentStatus,
    RefundState,
    RefundStatus,
    StripeEventEnvelope,
)


def read_checkout_session(session: stripe.checkout.Session) -> CheckoutSessionState:
    """Read a session in payment mode, with or without its payment intent expanded."""
    currency = (session.currency or "").upper()
    intent = session.payment_intent
    return CheckoutSessionState(
        id=session.id,
        status=CheckoutStatus(session.status or ""),
        payment_status=PaymentStatus(session.payment_status),
        amount_total=from_stripe_amount(session.amount_total or 0, currency),
        currency=currency,
        payment_intent_id=id_of(intent),
        payment_intent=None if intent is None or isinstance(intent, str) else read_intent(intent),
        url=session.url,
        created=moment(session.created),
        expires_at=moment(session.expires_at),
        client_reference_id=session.client_reference_id,
        customer_email=session.customer_email,
        livemode=session.livemode,
        metadata=plain(session.metadata),
    )


def read_intent(intent: stripe.PaymentIntent) -> PaymentIntentState:
    """Read a payment intent."""
    currency = intent.currency.upper()
    return PaymentIntentState(
        id=intent.id,
        status=IntentStatus(intent.status),
        amount=from_stripe_amount(intent.amount, currency),
        amount_received=from_stripe_amount(intent.amount_received, currency),
        currency=currency,
        latest_charge_id=id_of(intent.latest_charge),
        last_error=_last_error(intent),
        created=moment(intent.created),
        livemode=intent.livemode,
        metadata=plain(intent.metadata),
    )


def read_charge(charge: stripe.Charge) -> ChargeState:
    """Read a charge."""
    currency = charge.currency.upper()
    return ChargeState(
        id=charge.id,
        amount=from_stripe_amount(charge.amount, currency),
        amount_refunded=from_stripe_amount(charge.amount_refunded, currency),
        currency=currency,
        payment_intent_id=id_of(charge.payment_intent),
    )


def read_refund(refund: stripe.Refund) -> RefundState:
    """Read a refund."""
    currency = refund.currency.upper()
    return RefundState(
        id=refund.id,
        status=RefundStatus(refund.status or ""),
        amount=from_stripe_amount(refund.amount, currency),
        currency=currency,
        payment_intent_id=id_of(refund.payment_intent),
        charge_id=id_of(refund.charge),
        # Stripe leaves the field out, not null, where nothing failed.
        failure_reason=getattr(refund, "failure_reason", None),
        created=moment(refund.created),
        metadata=plain(refund.metadata),
    )


def read_event(event: stripe.Event) -> StripeEventEnvelope:
    """Read the outside of an event."""
    inner: dict[str, Any] = event.data.object.to_dict()
    return StripeEventEnvelope(
        id=event.id,
        type=event.type,
        created=moment(event.created),
        api_version=event.api_version or "",
        object_id=str(inner.get("id") or ""),
        object_type=str(inner["object"]),
        livemode=event.livemode,
    )


def id_of(value: Any) -> str | None:
    """The id of a field that may be absent, an id, or the whole object."""
    return value if value is None or isinstance(value, str) else str(value.id)


def moment(timestamp: int) -> datetime:
    """A Unix timestamp in seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(timestamp, UTC)


def plain(metadata: Any) -> dict[str, str]:
    """Metadata as a dict of our own; Stripe's objects are not dicts."""
    return {} if metadata is None else {key: str(text) for key, text in metadata.to_dict().items()}


def _last_error(intent: stripe.PaymentIntent) -> PaymentError | None:
    error = intent.last_payment_error
    if error is None:
        return None
    return PaymentError(
        code=getattr(error, "code", None) or error.type,
        decline_code=getattr(error, "decline_code", None) or "",
        message=getattr(error, "message", None) or "",
    )
