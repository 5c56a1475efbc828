"""What is mailed about an order: written in the transaction of what it tells."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.models import Document, Order
from billing.services.links import document_url, order_url, pay_url
from portal.accounts.models import Role
from portal.accounts.selectors import billing_emails, emails_of, is_active_member
from portal.kit.dates import local_today
from portal.notifications.services import queue_mail
from portal.vendor.selectors import get_vendor


def order_context(order: Order) -> dict[str, Any]:
    """Return what every mail about an order knows; amounts are minor units."""
    return {
        "organisation_name": order.organisation.legal_name,
        "order_id": order.reference,
        "order_url": order_url(order),
        "product_name": order.product.name,
        "quantity": order.quantity,
        "currency": order.currency,
        "gross_amount": order.gross_amount,
    }


def buyer_addresses(order: Order) -> list[str]:
    """Return who is told about an order: who placed it, or prepared it.

    Somebody who left the organisation is told nothing more; then its owners and billing members
    are.
    """
    person = order.placed_by or order.created_by
    if is_active_member(order.organisation, person):
        return [person.email]
    return emails_of(order.organisation, (Role.OWNER, Role.BILLING))


def document_addresses(order: Order) -> list[str]:
    """Return who gets its documents: the buyer, and who gets the organisation's documents."""
    return [*buyer_addresses(order), *billing_emails(order.organisation)]


def mail_order_placed(order: Order) -> None:
    """Tell the buyer that the order waits for its online payment."""
    _queue(
        order,
        "order_placed",
        buyer_addresses(order),
        pay_by=order.pay_by,
        pay_url=pay_url(order),
        good_until=good_until_day(order),
    )


def mail_pro_forma(order: Order, pro_forma: Document) -> None:
    """Send the pro forma with what to write on the transfer."""
    _queue(
        order,
        "pro_forma",
        document_addresses(order),
        attachments=(pro_forma.public_id,),
        pay_url=pay_url(order),
        good_until=good_until_day(order),
        bank_reference=order.reference,
    )


def mail_order_accepted(
    order: Order, *, starts_on: date, ends_on: date | None, key_due_at: datetime
) -> None:
    """Tell the buyer that the key is being prepared, and by when it will be there."""
    _queue(
        order,
        "order_accepted",
        buyer_addresses(order),
        starts_on=starts_on,
        ends_on=ends_on,
        key_due_at=key_due_at,
        key_due=get_vendor().calendar().shown_due(key_due_at),
    )


def mail_invoice(order: Order, invoice: Document, *, balance: int) -> None:
    """Send the invoice; it says paid, or by when and how to pay."""
    _queue(
        order,
        "invoice",
        document_addresses(order),
        attachments=(invoice.public_id,),
        number=invoice.number,
        is_paid=invoice.paid_at_issue,
        due_on=invoice.due_on,
        document_url=document_url(invoice),
        pay_url=pay_url(order) if balance else "",
        balance_amount=balance,
    )


def mail_credit_note(order: Order, note: Document, invoice: Document) -> None:
    """Send the credit note that takes the invoice back."""
    _queue(
        order,
        "credit_note",
        document_addresses(order),
        attachments=(note.public_id,),
        number=note.number,
        invoice_number=invoice.number,
        document_url=document_url(note),
        reason=note.reason,
    )


def mail_order_cancelled(order: Order) -> None:
    """Tell the buyer that the order was cancelled."""
    _queue(order, "order_cancelled", buyer_addresses(order), reason=order.closed_reason)


def mail_order_expired(order: Order) -> None:
    """Tell the buyer that the order was dropped because no money came."""
    _queue(order, "order_expired", buyer_addresses(order), good_until=good_until_day(order))


def good_until_day(order: Order) -> date | None:
    """Return the last day on which the order waits for money, in the vendor's zone."""
    if order.good_until is None:
        return None
    return local_today(order.good_until, get_vendor().zone)


def _queue(
    order: Order,
    kind: str,
    recipients: list[str],
    *,
    attachments: tuple[str, ...] = (),
    **context: Any,
) -> None:
    """Queue the one mail of its kind about the order; its times are in the organisation's zone."""
    queue_mail(
        kind=kind,
        recipients=recipients,
        context={**order_context(order), **context},
        time_zone=ZoneInfo(order.organisation.time_zone),
        organisation_id=order.organisation.public_id,
        subject_id=order.public_id,
        attachments=attachments,
        once_key=f"{kind}:{order.public_id}",
    )
