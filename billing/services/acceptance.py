"""Acceptance: the vendor is bound, the term is fixed and the key request opens."""

from datetime import date, datetime

from billing.domain.orders import OrderStatus
from billing.models import Order
from billing.services.order_mails import mail_order_accepted
from licensing.models import KeyRequest, Term
from licensing.services.agreements import open_agreement
from portal.audit.services import Actor, record_event
from portal.kit.jobs import enqueue
from portal.vendor.selectors import vendor_today


def accept_order(*, order: Order, actor: Actor, at: datetime) -> KeyRequest:
    """Accept a placed or expired order: it starts on the vendor's date of `at`, or later if wished.

    Runs in the caller's transaction with the order locked, once the money came or the order is on
    account. Opens the agreement with its term and the key request. The order's lines keep the
    periods of the day of placing, as its pro forma prints them; the term made here is the real
    one, and the invoice states it. Raises IllegalTransition, and Conflict `agreement_exists`.
    """
    order.move_to(OrderStatus.ACCEPTED)
    key_request = open_agreement(
        organisation=order.organisation,
        product=order.product,
        label=order.label,
        currency=order.currency,
        starts_on=starting_day(order, at),
        quantity=order.quantity,
        support=order.support_plan.code if order.support_plan else "",
        order_id=order.public_id,
        requested_by=(order.placed_by or order.created_by).email,
        at=at,
        actor=actor,
    )
    order.agreement = key_request.agreement
    order.accepted_at = at
    order.save(update_fields=["status", "agreement", "accepted_at"])
    _record_and_tell(order, key_request, actor, at)
    if order.product.issue_automatically:
        enqueue("billing.issue_key_automatically", key_request.public_id)
    return key_request


def starting_day(order: Order, at: datetime) -> date:
    """Return the first day of the term: the vendor's date of `at`, or the later one wished for."""
    today = vendor_today(at)
    return max(order.wanted_start or today, today)


def _record_and_tell(order: Order, key_request: KeyRequest, actor: Actor, at: datetime) -> None:
    term = Term.objects.get(agreement=key_request.agreement, order_id=order.public_id)
    record_event(
        action="order.accepted",
        subject_id=order.public_id,
        actor=actor,
        organisation_id=order.organisation.public_id,
        data={"key_request": key_request.public_id, "starts_on": term.starts_on.isoformat()},
    )
    mail_order_accepted(
        order,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        key_due_at=key_request.due_at or at,
    )
