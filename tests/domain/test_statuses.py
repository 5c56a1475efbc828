"""The status tables of orders, payments, refunds, key requests, licences and agreements."""

import pytest

from billing.domain.orders import (
    BINDING_ORDERS,
    OPEN_ORDERS,
    ORDER,
    PAYMENT,
    PENDING_PAYMENTS,
    REFUND,
    TERMINAL_ORDERS,
    TERMINAL_PAYMENTS,
    OrderStatus,
    PaymentStatus,
    RefundStatus,
)
from licensing.domain.statuses import (
    AGREEMENT_TRANSITIONS,
    CURRENT_AGREEMENTS,
    CURRENT_LICENCES,
    KEY_REQUEST_TRANSITIONS,
    LICENCE_TRANSITIONS,
    PENDING_KEY_REQUESTS,
    TERMINAL_AGREEMENTS,
    TERMINAL_KEY_REQUESTS,
    TERMINAL_LICENCES,
    AgreementStatus,
    KeyRequestStatus,
    LicenceStatus,
)
from portal.kit.transitions import IllegalTransition

# Each table in full: every other pair is refused.
ALLOWED = {
    "order": (
        ORDER,
        OrderStatus,
        (
            "draft>placed draft>discarded placed>accepted placed>cancelled placed>expired "
            "accepted>fulfilled accepted>returned accepted>declined accepted>cancelled "
            "returned>accepted returned>declined returned>cancelled fulfilled>cancelled "
            "expired>accepted"
        ),
    ),
    "payment": (
        PAYMENT,
        PaymentStatus,
        (
            "creating>open creating>processing creating>paid creating>failed creating>expired "
            "open>processing open>paid open>failed open>expired processing>paid processing>failed "
            "expired>paid expired>processing failed>paid"
        ),
    ),
    "refund": (
        REFUND,
        RefundStatus,
        (
            "requested>submitted requested>failed submitted>succeeded submitted>failed "
            "succeeded>failed"
        ),
    ),
    "key request": (
        KEY_REQUEST_TRANSITIONS,
        KeyRequestStatus,
        (
            "open>waiting_for_customer waiting_for_customer>open open>issued open>declined "
            "open>cancelled waiting_for_customer>cancelled waiting_for_customer>declined"
        ),
    ),
    "licence": (
        LICENCE_TRANSITIONS,
        LicenceStatus,
        (
            "active>superseded active>suspended active>revoked suspended>active suspended>revoked "
            "suspended>superseded superseded>revoked"
        ),
    ),
    "agreement": (
        AGREEMENT_TRANSITIONS,
        AgreementStatus,
        (
            "active>suspended active>lapsed active>cancelled suspended>active suspended>lapsed "
            "suspended>cancelled lapsed>active lapsed>cancelled"
        ),
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_given_a_table_then_exactly_the_listed_steps_are_allowed(name):
    table, statuses, listed = ALLOWED[name]
    assert table.name == name
    assert table.statuses == set(statuses)
    for from_ in statuses:
        for to in statuses:
            if f"{from_}>{to}" in listed.split():
                table.check(from_, to)
            else:
                with pytest.raises(IllegalTransition):
                    table.check(from_, to)


def test_given_the_named_sets_then_they_hold_what_their_names_say():
    assert {"draft", "placed"} == OPEN_ORDERS
    assert {"accepted", "returned", "fulfilled"} == BINDING_ORDERS
    assert {"declined", "cancelled", "discarded"} == TERMINAL_ORDERS
    assert {"creating", "open", "processing"} == PENDING_PAYMENTS
    assert {"paid"} == TERMINAL_PAYMENTS
    assert {"open", "waiting_for_customer"} == PENDING_KEY_REQUESTS
    assert {"issued", "declined", "cancelled"} == TERMINAL_KEY_REQUESTS
    assert {"active", "suspended"} == CURRENT_LICENCES
    assert {"revoked"} == TERMINAL_LICENCES
    assert {"active", "suspended"} == CURRENT_AGREEMENTS
    assert {"cancelled"} == TERMINAL_AGREEMENTS


@pytest.mark.parametrize("status", list(PaymentStatus))
def test_given_any_payment_that_is_not_paid_then_money_that_came_makes_it_paid(status):
    assert PAYMENT.allows(status, "paid") is (status != PaymentStatus.PAID)
