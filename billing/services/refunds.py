"""Money that goes back: a row first, then Stripe (or a person at the bank), then the ledger."""

from django.db import transaction

from billing.domain.orders import REFUND, RefundStatus
from billing.models import LedgerEntry, Payment, Refund
from billing.models.payment import LedgerKind, PaymentMethod
from billing.services.locks import lock_order
from billing.services.money_tasks import tell_refund_by_bank, tell_refund_failed
from billing.services.payment_mails import mail_refund
from billing.stripe import gateway
from billing.stripe.errors import AmountNotChargeable, StripeRefused
from billing.stripe.types import RefundState
from billing.stripe.types import RefundStatus as StripeStatus
from portal.audit.services import STRIPE, SYSTEM, Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict, Invalid, gettext_noop
from portal.kit.jobs import enqueue

STATUS_OF = {
    StripeStatus.PENDING: RefundStatus.SUBMITTED,
    StripeStatus.REQUIRES_ACTION: RefundStatus.SUBMITTED,
    StripeStatus.SUCCEEDED: RefundStatus.SUCCEEDED,
    StripeStatus.FAILED: RefundStatus.FAILED,
    StripeStatus.CANCELED: RefundStatus.FAILED,
}


class RefundTooLarge(Invalid):
    """More than is left of the payment, or nothing."""

    code = "refund_too_large"
    default_message = gettext_noop("At most what is left of the payment can be given back.")


class NotByBank(Conflict):
    """Stripe gives this money back; nobody records that by hand."""

    code = "refund_not_by_bank"
    default_message = gettext_noop("This refund is made by the payment service.")


def refundable_amount(payment: Payment) -> int:
    """Return what is left of a payment, in minor units; a refund under way counts as gone."""
    gone = payment.refunds.exclude(status=RefundStatus.FAILED).values_list("amount", flat=True)
    return payment.amount - sum(gone)


def request_refund(*, payment: Payment, amount: int, reason: str, actor: Actor) -> Refund:
    """Ask for money to go back, at most what is left of the payment; it is sent after commit.

    `amount` is minor units of the payment's currency. A transfer goes back by hand: finance gets
    a task and records it with `settle_bank_refund`. Raises RefundTooLarge.
    """
    with transaction.atomic():
        order = lock_order(payment.order)
        if not 1 <= amount <= refundable_amount(payment):
            raise RefundTooLarge(field="amount", data={"left": refundable_amount(payment)})
        refund = Refund.objects.create(
            payment=payment,
            amount=amount,
            currency=payment.currency,
            reason=reason,
            requested_by=actor.name,
            requested_at=clock.now(),
        )
        record_event(
            action="refund.requested",
            subject_id=refund.public_id,
            actor=actor,
            organisation_id=order.organisation.public_id,
            data={"payment": payment.public_id, "amount": amount, "reason": reason},
        )
        if payment.method == PaymentMethod.STRIPE:
            enqueue("billing.submit_refund", refund.public_id)
        else:
            tell_refund_by_bank(refund)
    return refund


def submit_refund(refund_public_id: str) -> Refund:
    """Ask Stripe to give the money back, once, however often this is called.

    Stripe forgets idempotency keys after a day, so the refunds it has are looked at before one
    is asked for. Raises StripeUnavailable: the row stays and is sent again.
    """
    refund = _load(refund_public_id)
    if refund.status != RefundStatus.REQUESTED or refund.payment.method != PaymentMethod.STRIPE:
        return refund
    Refund.objects.filter(pk=refund.pk).update(checked_at=clock.now())
    try:
        state = _made_before(refund) or _ask(refund)
    except (StripeRefused, AmountNotChargeable) as error:
        return _fail(refund, error.reason)
    return _apply(refund, state)


def sync_refund(*, refund: Refund) -> Refund:
    """Ask Stripe how a refund stands and apply what is new; the same news twice does nothing."""
    if refund.stripe_refund_id is None:
        return submit_refund(refund.public_id)
    Refund.objects.filter(pk=refund.pk).update(checked_at=clock.now())
    return _apply(refund, gateway.retrieve_refund(refund.stripe_refund_id))


def settle_bank_refund(*, refund: Refund, actor: Actor) -> Refund:
    """Record that a transfer was sent back by hand. Raises NotByBank and IllegalTransition."""
    if refund.payment.method == PaymentMethod.STRIPE:
        raise NotByBank
    with transaction.atomic():
        refund = _lock(refund)
        refund.move_to(RefundStatus.SUBMITTED)
        _succeed(refund, actor)
    return refund


def _load(public_id: str) -> Refund:
    return Refund.objects.select_related("payment__order").get(public_id=public_id)


def _lock(refund: Refund) -> Refund:
    lock_order(refund.payment.order)
    rows = Refund.objects.select_for_update(of=("self",))
    return rows.select_related("payment__order__organisation").get(pk=refund.pk)


def _made_before(refund: Refund) -> RefundState | None:
    """Return what an earlier call made at Stripe, if we died before writing its answer down."""
    intent = str(refund.payment.payment_intent_id)
    for state in gateway.list_refunds(payment_intent=intent):
        if state.metadata.get("refund") == refund.public_id:
            return state
    return None


def _ask(refund: Refund) -> RefundState:
    payment = refund.payment
    return gateway.create_refund(
        payment_intent=str(payment.payment_intent_id),
        amount=refund.amount,
        currency=refund.currency,
        idempotency_key=refund.public_id,
        metadata={"refund": refund.public_id, "order": payment.order.public_id},
    )


def _apply(refund: Refund, state: RefundState) -> Refund:
    """Move a refund to where Stripe has it, if that is forward."""
    with transaction.atomic(durable=True):
        refund = _lock(refund)
        refund.stripe_refund_id = state.id
        if refund.status == RefundStatus.REQUESTED:
            refund.move_to(RefundStatus.SUBMITTED)
        refund.save(update_fields=["stripe_refund_id", "status"])
        status = STATUS_OF[state.status]
        if not REFUND.allows(refund.status, status):
            return refund
        if status is RefundStatus.SUCCEEDED:
            _succeed(refund, STRIPE)
        else:
            _fail_locked(refund, state.failure_reason or str(state.status))
    return refund


def _fail(refund: Refund, reason: str) -> Refund:
    with transaction.atomic(durable=True):
        refund = _lock(refund)
        if REFUND.allows(refund.status, RefundStatus.FAILED):
            _fail_locked(refund, reason)
    return refund


def _succeed(refund: Refund, actor: Actor) -> None:
    refund.move_to(RefundStatus.SUCCEEDED)
    refund.settled_at = clock.now()
    refund.save(update_fields=["status", "settled_at"])
    _book(refund, LedgerKind.REFUND, refund.amount)
    _record(refund, "refund.succeeded", actor)
    mail_refund(refund=refund)


def _fail_locked(refund: Refund, reason: str) -> None:
    """The money stays with us, or came back: it is the customer's credit again."""
    had_succeeded = refund.status == RefundStatus.SUCCEEDED
    refund.move_to(RefundStatus.FAILED)
    refund.failure = reason[:200]
    refund.settled_at = clock.now()
    refund.save(update_fields=["status", "failure", "settled_at"])
    if had_succeeded:
        _book(refund, LedgerKind.REFUND_BACK, -refund.amount)
    _record(refund, "refund.failed", SYSTEM)
    tell_refund_failed(refund)


def _book(refund: Refund, kind: LedgerKind, amount: int) -> None:
    payment = refund.payment
    LedgerEntry.objects.create(
        organisation=payment.organisation,
        order=payment.order,
        kind=kind,
        currency=refund.currency,
        amount=amount,
        refund=refund,
        at=refund.settled_at or clock.now(),
    )


def _record(refund: Refund, action: str, actor: Actor) -> None:
    record_event(
        action=action,
        subject_id=refund.public_id,
        actor=actor,
        organisation_id=refund.payment.organisation.public_id,
        data={"amount": refund.amount, "currency": refund.currency, "failure": refund.failure},
    )
