"""Mails about money: in words, once each, to the buyer and the billing contacts."""

from typing import Any
from zoneinfo import ZoneInfo

from billing.models import CheckoutAttempt, Document, Order, Payment, Refund
from billing.selectors import amount_due, paid_amount
from billing.services.links import document_url, pay_url
from billing.services.order_mails import document_addresses, order_context
from portal.notifications.services import queue_mail


def mail_partial_payment(*, order: Order, payment: Payment) -> None:
    """A part of the sum came: say how much is missing, and where to pay it if it can be paid.

    On account nothing is due before the invoice, and the rest is missing all the same.
    """
    is_due = amount_due(order) > 0
    _queue(
        "payment_partial",
        order,
        once=payment.public_id,
        received_amount=payment.amount,
        balance_amount=order.gross_amount - paid_amount(order),
        pay_url=pay_url(order) if is_due else "",
    )


def mail_paid(*, order: Order, invoice: Document, payment: Payment) -> None:
    """An invoice that was sent before the money is paid now."""
    _queue(
        "paid",
        order,
        once=payment.public_id,
        attachments=(invoice.public_id,),
        number=invoice.number,
        amount=payment.amount,
        document_url=document_url(invoice),
    )


def mail_processing(*, attempt: CheckoutAttempt) -> None:
    """The money is under way, as with a bank debit: no key before it is here."""
    _queue("payment_processing", attempt.order, once=attempt.public_id, amount=attempt.amount)


def mail_failed(*, attempt: CheckoutAttempt, reason: str) -> None:
    """A payment did not work, or its page ran out: nothing was charged; here is another try."""
    order = attempt.order
    _queue(
        "payment_failed",
        order,
        once=attempt.public_id,
        amount=attempt.amount,
        pay_url=pay_url(order),
        reason=reason,
    )


def mail_refund(*, refund: Refund) -> None:
    """Money went back."""
    _queue(
        "refund_sent",
        refund.payment.order,
        once=refund.public_id,
        amount=refund.amount,
        reason=refund.reason,
    )


def _queue(
    kind: str, order: Order, *, once: str, attachments: tuple[str, ...] = (), **context: Any
) -> None:
    organisation = order.organisation
    queue_mail(
        kind=kind,
        recipients=document_addresses(order),
        context={**order_context(order), **context},
        time_zone=ZoneInfo(organisation.time_zone),
        organisation_id=organisation.public_id,
        subject_id=order.public_id,
        attachments=attachments,
        once_key=f"{kind}:{once}",
    )
