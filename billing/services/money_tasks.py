"""What finance is told about money that does not fit: one sentence each, once each."""

from django.utils.translation import gettext as _

from billing.models import CheckoutAttempt, FinanceTask, Order, Payment, Refund, StripeEvent
from billing.services.tasks import open_task
from billing.stripe.types import CheckoutSessionState
from portal.kit.formatting import format_money


def tell_overpaid(order: Order, payment: Payment, surplus: int) -> None:
    """More came than was due: the rest is the customer's credit."""
    open_task(
        kind=FinanceTask.Kind.OVERPAID,
        once_key=f"overpaid:{payment.public_id}",
        subject_id=payment.public_id,
        organisation=order.organisation,
        note=_(
            "Order %(order)s was paid %(surplus)s more than was due. It is the customer’s credit: "
            "refund it, or agree what it is for. No second key was granted."
        )
        % {"order": order.reference, "surplus": format_money(surplus, order.currency)},
    )


def tell_closed(order: Order, payment: Payment) -> None:
    """Money came for an order that cannot be accepted any more."""
    open_task(
        kind=FinanceTask.Kind.PAID_CLOSED_ORDER,
        once_key=f"closed:{payment.public_id}",
        subject_id=payment.public_id,
        organisation=order.organisation,
        note=_(
            "%(amount)s came for order %(order)s, which is closed (%(status)s). No key was "
            "granted: refund it, or agree with the customer what it is for."
        )
        % {
            "amount": format_money(payment.amount, payment.currency),
            "order": order.reference,
            "status": order.get_status_display(),
        },
    )


def tell_part_paid(order: Order, paid: int) -> None:
    """A part of the money came, and the rest did not by the day it was due."""
    open_task(
        kind=FinanceTask.Kind.PART_PAID,
        once_key=f"part-paid:{order.public_id}",
        subject_id=order.public_id,
        organisation=order.organisation,
        note=_(
            "%(paid)s of %(total)s came for order %(order)s, and its pro forma has run out. Ask "
            "for the rest, or cancel the order and refund what came. No key was granted."
        )
        % {
            "paid": format_money(paid, order.currency),
            "total": format_money(order.gross_amount, order.currency),
            "order": order.reference,
        },
    )


def tell_not_accepted(order: Order, reason: str) -> None:
    """A rule kept a paid order from being accepted; the portal tries again by itself."""
    open_task(
        kind=FinanceTask.Kind.NOT_ACCEPTED,
        once_key=f"not-accepted:{order.public_id}",
        subject_id=order.public_id,
        organisation=order.organisation,
        note=_(
            "Order %(order)s is paid and could not be accepted: %(reason)s The portal tries again "
            "by itself until that is mended."
        )
        % {"order": order.reference, "reason": reason},
    )


def tell_page_refused(attempt: CheckoutAttempt) -> None:
    """A customer wants to pay online, and Stripe opens no page."""
    open_task(
        kind=FinanceTask.Kind.STRIPE_REFUSED,
        once_key=f"refused:{attempt.public_id}",
        subject_id=attempt.public_id,
        organisation=attempt.order.organisation,
        note=_(
            "Stripe refused to open a page on which order %(order)s can be paid (%(reason)s). "
            "Offer the customer another way to pay."
        )
        % {"order": attempt.order.reference, "reason": attempt.failure_code},
    )


def tell_amount_differs(attempt: CheckoutAttempt, session: CheckoutSessionState) -> None:
    """Stripe took another sum than we asked for, or for another order."""
    order = attempt.order
    open_task(
        kind=FinanceTask.Kind.AMOUNT_DIFFERS,
        once_key=f"differs:{attempt.public_id}",
        subject_id=attempt.public_id,
        organisation=order.organisation,
        note=_(
            "Stripe’s session %(session)s is paid with %(theirs)s for %(reference)s; we asked for "
            "%(ours)s for %(order)s. Nothing was booked or granted."
        )
        % {
            "session": session.id,
            "theirs": format_money(session.amount_total, session.currency),
            "reference": session.client_reference_id or "—",
            "ours": format_money(attempt.amount, attempt.currency),
            "order": order.public_id,
        },
    )


def tell_refund_failed(refund: Refund) -> None:
    """Money that was to go back did not arrive."""
    open_task(
        kind=FinanceTask.Kind.REFUND_FAILED,
        once_key=f"refund-failed:{refund.public_id}",
        subject_id=refund.public_id,
        organisation=refund.payment.organisation,
        note=_("The refund of %(amount)s failed: %(reason)s. Pay it back in another way.")
        % {
            "amount": format_money(refund.amount, refund.currency),
            "reason": refund.failure or _("no reason was given"),
        },
    )


def tell_refund_by_bank(refund: Refund) -> None:
    """A transfer is given back by hand, and then recorded here."""
    open_task(
        kind=FinanceTask.Kind.REFUND_BY_BANK,
        once_key=f"refund-by-bank:{refund.public_id}",
        subject_id=refund.public_id,
        organisation=refund.payment.organisation,
        note=_(
            "Send %(amount)s back to the account that order %(order)s was paid from, and record "
            "it at the refund. Reason: %(reason)s"
        )
        % {
            "amount": format_money(refund.amount, refund.currency),
            "order": refund.payment.order.reference,
            "reason": refund.reason,
        },
    )


def tell_unknown_object(event: StripeEvent, *, once_key: str, what: str) -> None:
    """Stripe moved money that no row of ours speaks of."""
    open_task(
        kind=FinanceTask.Kind.UNKNOWN_STRIPE_OBJECT,
        once_key=once_key,
        subject_id=event.object_id,
        note=_("Event %(event)s (%(type)s) is about %(object)s: %(what)s")
        % {
            "event": event.event_id,
            "type": event.type,
            "object": event.object_id,
            "what": what,
        },
    )


def tell_event_failed(event: StripeEvent) -> None:
    """An event was tried often enough; somebody has to look at it."""
    open_task(
        kind=FinanceTask.Kind.EVENT_FAILED,
        once_key=f"event-failed:{event.event_id}",
        subject_id=event.event_id,
        note=_("Event %(event)s (%(type)s) failed %(attempts)s times. The last error: %(error)s")
        % {
            "event": event.event_id,
            "type": event.type,
            "attempts": event.attempts,
            "error": event.error,
        },
    )
