"""What else becomes of a placed order: approved before the money, cancelled, or dropped."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import OrderStatus, PaymentStatus
from billing.models import CheckoutAttempt, FinanceTask, Order
from billing.selectors.money import paid_amount
from billing.services.acceptance import accept_order
from billing.services.checkout import PaymentOnItsWay
from billing.services.locks import lock_order
from billing.services.money_tasks import tell_part_paid
from billing.services.order_mails import mail_order_cancelled, mail_order_expired
from billing.services.sweeping import BATCH, for_each
from billing.services.tasks import open_task
from portal.accounts.models import User
from portal.audit.services import SYSTEM, Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict
from portal.kit.formatting import format_money
from portal.kit.jobs import enqueue
from portal.kit.transitions import IllegalTransition

DRAFT_DAYS: Final = 30
REASON_LENGTH: Final = 500


class MoneyCame(Conflict):
    """Part of the money is here, so that staff have to settle it."""

    code = "money_came"
    default_message = _("Money came for this order already. Please contact us to cancel it.")


@transaction.atomic
def approve_order(*, order: Order, staff: User, actor: Actor) -> Order:
    """Accept a placed order before its money: it is on account, and the invoice follows the key.

    Staff decide, whatever the organisation's credit limit. An order that was approved before
    stays as it is. Raises IllegalTransition unless it is placed, and what acceptance raises.
    """
    order = lock_order(order)
    if order.approved_by_id is not None:
        return order
    _require_placed(order, OrderStatus.ACCEPTED)
    order.approved_by = staff
    order.save(update_fields=["approved_by"])
    _record("order.approved", order, actor)
    accept_order(order=order, actor=actor, at=clock.now())
    return order


@transaction.atomic
def cancel_order(*, order: Order, reason: str, actor: Actor) -> Order:
    """Cancel a placed order; its payment link then shows that nothing is owed.

    Staff may cancel where part of the money came: finance then gets a task to send it back.
    Raises IllegalTransition unless it is placed, PaymentOnItsWay, and MoneyCame for a customer.
    """
    order = lock_order(order)
    _require_placed(order, OrderStatus.CANCELLED)
    if is_payment_processing(order):
        raise PaymentOnItsWay(
            _("A payment for this order is on its way, so it cannot be cancelled now.")
        )
    paid = paid_amount(order)
    if paid and not actor.is_staff:
        raise MoneyCame
    order.closed_reason = reason.strip()[:REASON_LENGTH]
    _close(order, OrderStatus.CANCELLED, "order.cancelled", actor)
    if paid:
        _ask_finance(order, paid, actor)
    mail_order_cancelled(order)
    return order


@transaction.atomic
def expire_order(*, order: Order, at: datetime) -> bool:
    """Drop a placed order that no money came for until `good_until`; say whether it was dropped.

    A payment that is on its way, or a part that came, keeps the order waiting.
    """
    order = lock_order(order)
    is_over = order.good_until is not None and order.good_until < at
    if order.status != OrderStatus.PLACED or not is_over:
        return False
    if is_payment_processing(order) or order.payments.exists():
        return False
    _close(order, OrderStatus.EXPIRED, "order.expired", SYSTEM)
    mail_order_expired(order)
    return True


@transaction.atomic
def discard_draft(*, order: Order) -> bool:
    """Discard a draft that nobody placed; say whether it was one still."""
    order = lock_order(order)
    if order.status != OrderStatus.DRAFT:
        return False
    _close(order, OrderStatus.DISCARDED, "order.discarded", SYSTEM)
    return True


def sweep_orders(now: datetime) -> int:
    """Close what ran out: placed orders past their day, drafts of 30 days; return how many.

    An order that was paid in part is not closed: finance is told once.
    """
    late = Order.objects.filter(status=OrderStatus.PLACED, good_until__lt=now).exclude(
        checkout_attempts__status=PaymentStatus.PROCESSING
    )
    waiting = late.filter(payments__isnull=True)
    told = FinanceTask.objects.filter(
        kind=FinanceTask.Kind.PART_PAID, subject_id=OuterRef("public_id")
    )
    part_paid = late.filter(payments__isnull=False).exclude(Exists(told)).distinct()
    old = Order.objects.filter(
        status=OrderStatus.DRAFT, created_at__lt=now - timedelta(days=DRAFT_DAYS)
    )
    expired = for_each(
        list(waiting.order_by("good_until")[:BATCH]),
        lambda order: expire_order(order=order, at=now),
        what="expire_orders",
    )
    discarded = for_each(
        list(old.order_by("created_at")[:BATCH]),
        lambda order: discard_draft(order=order),
        what="discard_drafts",
    )
    asked = for_each(
        list(part_paid.order_by("good_until")[:BATCH]),
        lambda order: tell_part_paid(order, paid_amount(order)),
        what="part_paid_orders",
    )
    return expired + discarded + asked


def is_payment_processing(order: Order) -> bool:
    """Say whether an online payment was confirmed by the buyer and is not settled yet."""
    attempts = CheckoutAttempt.objects.filter(order=order, status=PaymentStatus.PROCESSING)
    return attempts.exists()


def _require_placed(order: Order, wanted: OrderStatus) -> None:
    if order.status != OrderStatus.PLACED:
        data = {"from": order.status, "to": str(wanted), "machine": "order"}
        raise IllegalTransition(data=data)


def _close(order: Order, status: OrderStatus, action: str, actor: Actor) -> None:
    order.move_to(status)
    order.save(update_fields=["status", "closed_reason"])
    _record(action, order, actor)
    if order.placed_at is not None:
        # A payment page that is still open could take money for nothing.
        enqueue("billing.close_checkouts", order.public_id)


def _record(action: str, order: Order, actor: Actor) -> None:
    record_event(
        action=action,
        subject_id=order.public_id,
        actor=actor,
        organisation_id=order.organisation.public_id,
        data={"reason": order.closed_reason} if order.closed_reason else {},
    )


def _ask_finance(order: Order, paid: int, actor: Actor) -> None:
    open_task(
        kind=FinanceTask.Kind.PAID_CLOSED_ORDER,
        once_key=f"paid-closed:{order.public_id}",
        organisation=order.organisation,
        subject_id=order.public_id,
        note=gettext("Order %(order)s was cancelled, and %(amount)s had come for it: refund it.")
        % {"order": order.reference, "amount": format_money(paid, order.currency)},
        actor=actor,
    )
