"""What Stripe told us, as our own frozen values.

Amounts are integer minor units by ISO 4217 (Stripe's own units are mapped away), currencies
upper-case codes, times aware datetimes in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CheckoutStatus(StrEnum):
    """States of a Checkout Session (https://docs.stripe.com/api/checkout/sessions/object)."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    """Whether the money of a Checkout Session is available."""

    PAID = "paid"
    UNPAID = "unpaid"
    NO_PAYMENT_REQUIRED = "no_payment_required"


class IntentStatus(StrEnum):
    """States of a PaymentIntent (https://docs.stripe.com/payments/paymentintents/lifecycle)."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    REQUIRES_CAPTURE = "requires_capture"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class RefundStatus(StrEnum):
    """States of a Refund (https://docs.stripe.com/api/refunds/object)."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class PaymentError:
    """Why the last attempt to pay failed; `message` is Stripe's sentence for the payer."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True, slots=True)
class PaymentIntentState:
    """One PaymentIntent as it stands at Stripe."""

    id: str
    status: IntentStatus
    amount: int
    amount_received: int
    currency: str
    latest_charge_id: str | None
    last_error: PaymentError | None
    created: datetime
    livemode: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckoutSessionState:
    """One Checkout Session as it stands at Stripe.

    `payment_intent` is None until the payer first tried to pay. `url` is None once the session
    is no longer open. `payment_intent_id` is known also where the intent was not expanded.
    """

    id: str
    status: CheckoutStatus
    payment_status: PaymentStatus
    amount_total: int
    currency: str
    payment_intent_id: str | None
    payment_intent: PaymentIntentState | None
    url: str | None
    created: datetime
    expires_at: datetime
    client_reference_id: str | None
    customer_email: str | None
    livemode: bool
    metadata: Mapping[str, str]

    @property
    def payment_intent_status(self) -> IntentStatus | None:
        """The state of the payment behind the session, None before the first attempt."""
        return self.payment_intent.status if self.payment_intent else None

    @property
    def last_error(self) -> PaymentError | None:
        """Why the last attempt failed, None if none did or a later one worked."""
        return self.payment_intent.last_error if self.payment_intent else None

    @property
    def is_paid(self) -> bool:
        """The money is there: complete and paid, never merely complete."""
        return self.status is CheckoutStatus.COMPLETE and self.payment_status is PaymentStatus.PAID

    @property
    def is_processing(self) -> bool:
        """The payer is done and the money is under way (a bank debit)."""
        return self._is_complete_but_unpaid and self.payment_intent_status in (
            IntentStatus.PROCESSING,
            IntentStatus.REQUIRES_ACTION,
        )

    @property
    def has_failed(self) -> bool:
        """The payer was done, and the money did not come (a returned bank debit)."""
        return self._is_complete_but_unpaid and self.payment_intent_status in (
            IntentStatus.REQUIRES_PAYMENT_METHOD,
            IntentStatus.CANCELED,
        )

    @property
    def _is_complete_but_unpaid(self) -> bool:
        return (
            self.status is CheckoutStatus.COMPLETE and self.payment_status is PaymentStatus.UNPAID
        )


@dataclass(frozen=True, slots=True)
class ChargeState:
    """One Charge as it stands at Stripe; `amount_refunded` is what went back of it so far."""

    id: str
    amount: int
    amount_refunded: int
    currency: str
    payment_intent_id: str | None


@dataclass(frozen=True, slots=True)
class RefundState:
    """One Refund as it stands at Stripe."""

    id: str
    status: RefundStatus
    amount: int
    currency: str
    payment_intent_id: str | None
    charge_id: str | None
    failure_reason: str | None
    created: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StripeEventEnvelope:
    """The outside of an event: what happened to which object, and when.

    The object inside is not carried: for money the handler fetches it again. `object_id` is
    empty for the few objects without one (a balance).
    """

    id: str
    type: str
    created: datetime
    api_version: str
    object_id: str
    object_type: str
    livemode: bool
