"""Every call that the portal makes to Stripe.

Amounts are integer minor units by ISO 4217, currencies upper-case codes, times aware datetimes.
Every function raises StripeUnavailable (repeat with the same idempotency key) or StripeRefused
(final). None of them may be called inside a transaction or a row lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from billing.stripe.client import client, stripe_errors
from billing.stripe.mapping import to_stripe_amount
from billing.stripe.reading import (
    read_charge,
    read_checkout_session,
    read_event,
    read_intent,
    read_refund,
)
from billing.stripe.types import (
    ChargeState,
    CheckoutSessionState,
    PaymentIntentState,
    RefundState,
    StripeEventEnvelope,
)

if TYPE_CHECKING:
    from stripe import Event
    from stripe.params import EventListParams, RefundCreateParams, RefundListParams
    from stripe.params.checkout import SessionCreateParams, SessionListParams

PAGE_SIZE = 100
WITH_INTENT = ["payment_intent"]


def create_checkout_session(
    *,
    amount: int,
    currency: str,
    description: str,
    order_public_id: str,
    success_url: str,
    cancel_url: str,
    customer_email: str,
    expires_at: datetime,
    idempotency_key: str,
    metadata: Mapping[str, str],
    statement_descriptor_suffix: str = "",
) -> CheckoutSessionState:
    """Open a hosted payment page for one sum: the portal's total, tax included, as one line.

    `description` is what the payer reads; `order_public_id` becomes `client_reference_id`;
    `{CHECKOUT_SESSION_ID}` in `success_url` is filled by Stripe; `customer_email` may be empty;
    `expires_at` lies 30 minutes to 24 hours ahead. The metadata is set on the session and on
    its payment intent. Raises AmountNotChargeable besides the errors of this module.
    Source: https://docs.stripe.com/api/checkout/sessions/create
    """
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency.lower(),
                    "unit_amount": to_stripe_amount(amount, currency),
                    "product_data": {"name": description},
                },
            }
        ],
        "client_reference_id": order_public_id,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
        "metadata": dict(metadata),
        "payment_intent_data": {"description": description, "metadata": dict(metadata)},
        "expand": WITH_INTENT,
    }
    if customer_email:
        params["customer_email"] = customer_email
    if statement_descriptor_suffix:
        params["payment_intent_data"]["statement_descriptor_suffix"] = statement_descriptor_suffix
    with stripe_errors():
        session = client().v1.checkout.sessions.create(params, {"idempotency_key": idempotency_key})
    return read_checkout_session(session)


def retrieve_checkout_session(session_id: str) -> CheckoutSessionState:
    """Fetch a session as it stands now, with its payment intent."""
    with stripe_errors():
        session = client().v1.checkout.sessions.retrieve(session_id, {"expand": WITH_INTENT})
    return read_checkout_session(session)


def expire_checkout_session(session_id: str) -> CheckoutSessionState:
    """Close an open session, so that nobody can pay on it; one no longer open is refused."""
    with stripe_errors():
        session = client().v1.checkout.sessions.expire(session_id, {"expand": WITH_INTENT})
    return read_checkout_session(session)


def list_checkout_sessions(*, since: datetime) -> Iterator[CheckoutSessionState]:
    """Every payment session created at or after `since`, newest first, page by page."""
    params: SessionListParams = {
        "created": {"gte": int(since.timestamp())},
        "limit": PAGE_SIZE,
        "expand": ["data.payment_intent"],
    }
    with stripe_errors():
        for session in client().v1.checkout.sessions.list(params).auto_paging_iter():
            # The account may be shared with what sells subscriptions.
            if session.mode == "payment":
                yield read_checkout_session(session)


def retrieve_payment_intent(payment_intent_id: str) -> PaymentIntentState:
    """Fetch a payment intent as it stands now."""
    with stripe_errors():
        return read_intent(client().v1.payment_intents.retrieve(payment_intent_id))


def retrieve_charge(charge_id: str) -> ChargeState:
    """Fetch a charge as it stands now."""
    with stripe_errors():
        return read_charge(client().v1.charges.retrieve(charge_id))


def create_refund(
    *,
    payment_intent: str,
    amount: int,
    currency: str,
    idempotency_key: str,
    metadata: Mapping[str, str],
) -> RefundState:
    """Give back `amount` of a payment, in the payment's own currency."""
    params: RefundCreateParams = {
        "payment_intent": payment_intent,
        "amount": to_stripe_amount(amount, currency),
        "metadata": dict(metadata),
    }
    with stripe_errors():
        return read_refund(client().v1.refunds.create(params, {"idempotency_key": idempotency_key}))


def retrieve_refund(refund_id: str) -> RefundState:
    """Fetch a refund as it stands now."""
    with stripe_errors():
        return read_refund(client().v1.refunds.retrieve(refund_id))


def list_refunds(*, payment_intent: str) -> tuple[RefundState, ...]:
    """Every refund of a payment, newest first."""
    params: RefundListParams = {"payment_intent": payment_intent, "limit": PAGE_SIZE}
    with stripe_errors():
        refunds = client().v1.refunds.list(params).auto_paging_iter()
        return tuple(read_refund(refund) for refund in refunds)


def list_events(*, since: datetime, types: Sequence[str]) -> tuple[StripeEventEnvelope, ...]:
    """Every event of these types (at most 20) since then, oldest first; Stripe keeps 30 days."""
    params: EventListParams = {
        "created": {"gte": int(since.timestamp())},
        "types": list(types),
        "limit": PAGE_SIZE,
    }
    with stripe_errors():
        newest_first = [read_event(event) for event in _pages(params)]
    return tuple(reversed(newest_first))


def _pages(params: EventListParams) -> Iterator[Event]:
    return client().v1.events.list(params).auto_paging_iter()
