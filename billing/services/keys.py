"""Keys that money hangs on: issued with their invoice, or declined with the money going back."""

from enum import StrEnum

from django.db import transaction

from billing.domain.orders import OrderStatus
from billing.models import Order
from billing.selectors import invoice_of, paid_amount
from billing.services.documents import issue_credit_note, issue_invoice
from billing.services.locks import lock_order
from billing.services.refunds import refundable_amount, request_refund
from licensing.domain.statuses import KeyRequestStatus
from licensing.models import Agreement, KeyRequest, Licence
from licensing.models.key_request import KeyRequestKind
from licensing.services.agreements import REASON_LENGTH, cancel_agreement
from licensing.services.key_requests import (
    answer_question,
    decline_key_request,
    wait_for_customer,
)
from licensing.services.keys import issue_key
from portal.accounts.models import User
from portal.audit.services import SYSTEM, Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict, gettext_noop
from portal.kit.jobs import enqueue

AUTOMATIC = "portal"


class DeclineOutcome(StrEnum):
    """What becomes of a declined order: the money goes back, or the customer corrects it."""

    REFUND = "refund"
    RETURN = "return"


class NotPaid(Conflict):
    """The money for this key is not there, and the order is not on account."""

    code = "not_paid"
    default_message = gettext_noop("This order is not paid, so its key cannot be issued yet.")


class OrderNotReady(Conflict):
    """The order of this request is not one that grants a key now."""

    code = "order_not_ready"
    default_message = gettext_noop("The order of this key is not accepted, or was closed.")


def issue_key_for_request(*, key_request: KeyRequest, staff: User | None, actor: Actor) -> Licence:
    """Sign the key, number the invoice that follows it and fulfil the order, all or nothing.

    `staff` is None where the product issues by itself. Raises OrderNotReady, NotPaid and the
    refusals of licensing's `issue_key`.
    """
    issued_by = staff.get_full_name() if staff else AUTOMATIC
    with transaction.atomic():
        Agreement.objects.select_for_update().get(pk=key_request.agreement_id)
        order = _order_of(key_request)
        if order is not None:
            _check_grants_key(order)
        licence = issue_key(key_request=key_request, issued_by=issued_by, actor=actor)
        if order is not None:
            _fulfil(order, licence, actor)
    return licence


def decline_request(
    *, key_request: KeyRequest, outcome: DeclineOutcome, reason: str, actor: Actor
) -> KeyRequest:
    """Decline a request: refund cancels order and agreement and gives all money back; return asks.

    A returned order keeps its money and its place; the clock stands until the customer answers.
    A key that was only asked for again is declined, whatever the outcome. Raises OrderNotReady
    and the refusals of licensing.
    """
    with transaction.atomic():
        Agreement.objects.select_for_update().get(pk=key_request.agreement_id)
        order = _order_of(key_request)
        if order is None:
            return decline_key_request(key_request=key_request, reason=reason, actor=actor)
        if outcome is DeclineOutcome.RETURN:
            _move(order, OrderStatus.RETURNED, reason, actor)
            return wait_for_customer(key_request=key_request, question=reason, actor=actor)
        _move(order, OrderStatus.DECLINED, reason, actor)
        declined = decline_key_request(key_request=key_request, reason=reason, actor=actor)
        cancel_agreement(
            agreement=key_request.agreement, reason=reason[:REASON_LENGTH], actor=actor
        )
        _give_back(order, reason, actor)
    return declined


def answer_return(*, key_request: KeyRequest, answer: str, actor: Actor) -> KeyRequest:
    """Take the customer's correction: the order is accepted again and the clock runs on."""
    with transaction.atomic():
        Agreement.objects.select_for_update().get(pk=key_request.agreement_id)
        order = _order_of(key_request)
        if order is not None and order.status == OrderStatus.RETURNED:
            _move(order, OrderStatus.ACCEPTED, "", actor)
        return answer_question(key_request=key_request, answer=answer, actor=actor)


def issue_key_automatically(key_request_public_id: str) -> Licence | None:
    """Issue the key of a product that needs no licence desk; None where that was done already."""
    key_request = KeyRequest.objects.select_related("agreement__product").get(
        public_id=key_request_public_id
    )
    issues_itself = key_request.agreement.product.issue_automatically
    if key_request.status != KeyRequestStatus.OPEN or not issues_itself:
        return None
    return issue_key_for_request(key_request=key_request, staff=None, actor=SYSTEM)


def _order_of(key_request: KeyRequest) -> Order | None:
    """Return the locked order that a request came from; none where a key is asked for again."""
    if key_request.kind == KeyRequestKind.REISSUE:
        return None
    return lock_order(Order.objects.get(public_id=key_request.order_id))


def _check_grants_key(order: Order) -> None:
    if order.status != OrderStatus.ACCEPTED:
        raise OrderNotReady(data={"status": order.status})
    if not order.is_on_account and paid_amount(order) < order.gross_amount:
        raise NotPaid


def _fulfil(order: Order, licence: Licence, actor: Actor) -> None:
    """Number the invoice that follows the key, unless the money came first, and close the order."""
    order.move_to(OrderStatus.FULFILLED)
    order.save(update_fields=["status"])
    issue_invoice(order=order, at=clock.now(), actor=actor)
    record_event(
        action="order.fulfilled",
        subject_id=order.public_id,
        actor=actor,
        organisation_id=order.organisation.public_id,
        data={"licence": licence.public_id},
    )


def _move(order: Order, status: OrderStatus, reason: str, actor: Actor) -> None:
    order.move_to(status)
    order.closed_reason = reason
    order.save(update_fields=["status", "closed_reason"])
    record_event(
        action=f"order.{status}",
        subject_id=order.public_id,
        actor=actor,
        organisation_id=order.organisation.public_id,
        data={"reason": reason},
    )


def _give_back(order: Order, reason: str, actor: Actor) -> None:
    """Credit what was invoiced and send back whatever came for the order."""
    invoice = invoice_of(order)
    if invoice is not None:
        issue_credit_note(invoice=invoice, reason=reason, at=clock.now(), actor=actor)
    for payment in order.payments.order_by("pk"):
        left = refundable_amount(payment)
        if left:
            request_refund(payment=payment, amount=left, reason=reason, actor=actor)
    enqueue("billing.close_checkouts", order.public_id)
