"""Statuses of orders, payments and refunds, and which may follow which."""

from enum import StrEnum
from typing import Final

from portal.kit.transitions import TransitionTable


class OrderStatus(StrEnum):
    """The life of an order."""

    DRAFT = "draft"
    PLACED = "placed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DISCARDED = "discarded"


# Accepted: paid, or on account. Returned: paid, but sent back to the customer for a correction.
# Fulfilled: the key was issued; it can still be cancelled in full, which revokes the key.
# Expired: the pro forma ran out; money that arrives later still accepts the order, because a
# buyer who paid late wants the seats.
ORDER: Final = TransitionTable(
    "order",
    {
        OrderStatus.DRAFT: frozenset({OrderStatus.PLACED, OrderStatus.DISCARDED}),
        OrderStatus.PLACED: frozenset(
            {OrderStatus.ACCEPTED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
        ),
        OrderStatus.ACCEPTED: frozenset(
            {
                OrderStatus.FULFILLED,
                OrderStatus.RETURNED,
                OrderStatus.DECLINED,
                OrderStatus.CANCELLED,
            }
        ),
        OrderStatus.RETURNED: frozenset(
            {OrderStatus.ACCEPTED, OrderStatus.DECLINED, OrderStatus.CANCELLED}
        ),
        OrderStatus.FULFILLED: frozenset({OrderStatus.CANCELLED}),
        OrderStatus.EXPIRED: frozenset({OrderStatus.ACCEPTED}),
        OrderStatus.DECLINED: frozenset(),
        OrderStatus.CANCELLED: frozenset(),
        OrderStatus.DISCARDED: frozenset(),
    },
)
# Nothing is owed or granted yet.
OPEN_ORDERS: Final = frozenset({OrderStatus.DRAFT, OrderStatus.PLACED})
# The vendor and the customer are bound: paid or on account.
BINDING_ORDERS: Final = frozenset(
    {OrderStatus.ACCEPTED, OrderStatus.RETURNED, OrderStatus.FULFILLED}
)
TERMINAL_ORDERS: Final = ORDER.terminal


class PaymentStatus(StrEnum):
    """The life of one attempt to pay."""

    CREATING = "creating"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


# Money is truth: whatever we thought of an attempt, a payment that came makes it paid, and
# nothing takes that back (a refund is a record of its own). Steps may be skipped, because news
# of an attempt can arrive before our own record of it.
PAYMENT: Final = TransitionTable(
    "payment",
    {
        PaymentStatus.CREATING: frozenset(
            {
                PaymentStatus.OPEN,
                PaymentStatus.PROCESSING,
                PaymentStatus.PAID,
                PaymentStatus.FAILED,
                PaymentStatus.EXPIRED,
            }
        ),
        PaymentStatus.OPEN: frozenset(
            {
                PaymentStatus.PROCESSING,
                PaymentStatus.PAID,
                PaymentStatus.FAILED,
                PaymentStatus.EXPIRED,
            }
        ),
        PaymentStatus.PROCESSING: frozenset({PaymentStatus.PAID, PaymentStatus.FAILED}),
        PaymentStatus.EXPIRED: frozenset({PaymentStatus.PROCESSING, PaymentStatus.PAID}),
        PaymentStatus.FAILED: frozenset({PaymentStatus.PAID}),
        PaymentStatus.PAID: frozenset(),
    },
)
# Money may still come from these without the customer doing anything new on our pages.
PENDING_PAYMENTS: Final = frozenset(
    {PaymentStatus.CREATING, PaymentStatus.OPEN, PaymentStatus.PROCESSING}
)
TERMINAL_PAYMENTS: Final = PAYMENT.terminal


class RefundStatus(StrEnum):
    """The life of a refund."""

    REQUESTED = "requested"
    SUBMITTED = "submitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# A refund that succeeded can still fail, days later, when the customer's bank sends it back
# (docs.stripe.com/refunds#failed-refunds).
REFUND: Final = TransitionTable(
    "refund",
    {
        RefundStatus.REQUESTED: frozenset({RefundStatus.SUBMITTED, RefundStatus.FAILED}),
        RefundStatus.SUBMITTED: frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
        RefundStatus.SUCCEEDED: frozenset({RefundStatus.FAILED}),
        RefundStatus.FAILED: frozenset(),
    },
)
