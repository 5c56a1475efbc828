"""What an order's page shows, whoever reads it: a member, or a payer who follows a link."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from billing.domain.orders import BINDING_ORDERS, OrderStatus, PaymentStatus
from billing.models import CheckoutAttempt, Document, Order, Refund
from billing.models.document import DocumentKind
from billing.models.order import PayBy
from billing.models.payment import PAYMENT_METHOD_LABELS
from billing.selectors import order_money
from billing.views.attempts import Explanation, explain
from billing.views.shared import close_day
from licensing.domain.statuses import KeyRequestStatus
from licensing.models import KeyRequest, Licence, Term
from licensing.selectors import key_request_of_order
from portal.kit.dates import ShownDue
from portal.kit.formatting import format_money
from portal.vendor.models import VendorProfile


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the order's life; `pending` ones are still to come."""

    title: str
    at: datetime | None = None
    text: str = ""
    pending: bool = False
    tone: str = ""
    due: ShownDue | None = None
    close_on: date | None = None


class OrderPage:
    """One order with what was paid, what is due and how its key stands; a fixed set of queries."""

    def __init__(self, order: Order, vendor: VendorProfile) -> None:
        self.order, self.vendor = order, vendor
        money = order_money(order)
        self.due, self.paid = money.due, money.paid
        self.attempt = _telling_attempt(order)
        self.key_request: KeyRequest | None = (
            key_request_of_order(order.public_id) if order.accepted_at else None
        )

    @cached_property
    def licence(self) -> Licence | None:
        """The key that this order granted, once it is issued."""
        if self.key_request is None or self.key_request.status != KeyRequestStatus.ISSUED:
            return None
        return Licence.objects.filter(key_request=self.key_request).first()

    @cached_property
    def term(self) -> Term | None:
        """The licence year that acceptance fixed."""
        if self.key_request is None:
            return None
        return Term.objects.filter(order_id=self.order.public_id).first()

    @cached_property
    def refunds(self) -> list[Refund]:
        """What goes or went back; asked for only where money came."""
        if not self.order.payments.all():
            return []
        return list(Refund.objects.filter(payment__order=self.order).order_by("requested_at"))

    @property
    def is_partly_paid(self) -> bool:
        return self.paid > 0 and self.due > 0

    @property
    def is_processing(self) -> bool:
        """Whether money is on its way, so that nobody should pay again."""
        return self.attempt is not None and self.attempt.status == PaymentStatus.PROCESSING

    @property
    def can_pay_online(self) -> bool:
        return self.due > 0 and not self.is_processing

    @property
    def can_cancel(self) -> bool:
        """A customer cancels what waits for money, as long as none came."""
        is_waiting = self.order.status == OrderStatus.PLACED
        return is_waiting and not self.paid and not self.is_processing

    @property
    def explanation(self) -> Explanation | None:
        """What became of the last try to pay online, while something is still due."""
        if self.attempt is None or not (self.due or self.is_processing):
            return None
        return explain(self.attempt)

    @cached_property
    def documents(self) -> list[Document]:
        """The order's documents, oldest first."""
        return sorted(self.order.documents.all(), key=lambda document: document.issued_at)

    @property
    def bank(self) -> dict[str, Any]:
        """The account to transfer to, as the latest document that asks for money states it."""
        asking = [d for d in self.documents if d.kind != DocumentKind.CREDIT_NOTE]
        return asking[-1].bank_details if asking and self.due else {}

    @property
    def pay_until(self) -> date | None:
        """The day by which an invoice is due, or until which a pro forma is good."""
        asking = [d for d in self.documents if d.kind != DocumentKind.CREDIT_NOTE]
        return asking[-1].due_on if asking and self.due else None

    @property
    def question(self) -> str:
        """What the licence desk asks while the clock stands still, else nothing."""
        request = self.key_request
        if request is None or request.status != KeyRequestStatus.WAITING_FOR_CUSTOMER:
            return ""
        return request.question

    @property
    def key_due(self) -> ShownDue | None:
        """When the key is due; None while the clock stands still or there is no request."""
        if self.key_request is None or self.key_request.due_at is None:
            return None
        return self.vendor.calendar().shown_due(self.key_request.due_at)

    @property
    def happenings(self) -> list[Happening]:
        """The order's life, oldest first, with what is to come."""
        return [*self._past(), *self._to_come()]

    @property
    def lead(self) -> str:
        """Where the order stands, in a sentence."""
        if self.question:
            return _("The licence desk needs something from you.")
        if self.is_processing and self.order.status == OrderStatus.PLACED:
            return _("The order is placed, and the payment for it is on its way.")
        sentences = {
            OrderStatus.DRAFT: _("This order is not placed yet."),
            OrderStatus.DISCARDED: _("This draft was never placed, and is closed."),
            OrderStatus.PLACED: _("The order is placed and waits for payment."),
            OrderStatus.ACCEPTED: _("The licence desk prepares your key."),
            OrderStatus.RETURNED: _("The licence desk needs something from you."),
            OrderStatus.FULFILLED: _("Your key is issued."),
            OrderStatus.DECLINED: _("We could not accept this order."),
            OrderStatus.CANCELLED: _("This order is cancelled. Nothing is owed."),
            OrderStatus.EXPIRED: _("This order was not paid in time, and is closed."),
        }
        return next(text for status, text in sentences.items() if status == self.order.status)

    def _past(self) -> Iterator[Happening]:
        order = self.order
        yield Happening(_("Order placed"), order.placed_at, _by(order))
        for payment in sorted(order.payments.all(), key=lambda paid: paid.recorded_at):
            amount = format_money(payment.amount, payment.currency)
            labels = (text for way, text in PAYMENT_METHOD_LABELS.items() if way == payment.method)
            title = _("%(amount)s received") % {"amount": amount}
            yield Happening(title, payment.recorded_at, str(next(labels)))
        if order.accepted_at and self.key_request:
            text = _("On account: the invoice follows the key.") if order.is_on_account else ""
            yield Happening(_("Order accepted, key requested"), order.accepted_at, text)
        if self.licence is not None:
            yield Happening(_("Key issued"), self.licence.issued_at)
        for refund in self.refunds:
            amount = format_money(refund.amount, refund.currency)
            title = _("Refund of %(amount)s: %(status)s") % {
                "amount": amount,
                "status": refund.get_status_display(),
            }
            yield Happening(title, refund.settled_at or refund.requested_at, refund.reason)
        yield from self._end()

    def _end(self) -> Iterator[Happening]:
        titles = {
            OrderStatus.DECLINED: _("Order declined"),
            OrderStatus.CANCELLED: _("Order cancelled"),
            OrderStatus.EXPIRED: _("Order closed: not paid in time"),
            OrderStatus.RETURNED: _("Returned to you for a correction"),
        }
        for status, title in titles.items():
            if status == self.order.status:
                yield Happening(title, text=self.order.closed_reason, tone="danger")

    def _to_come(self) -> Iterator[Happening]:
        order = self.order
        if order.status == OrderStatus.PLACED:
            yield Happening(_("Payment"), pending=True, text=_how(order))
        if order.status in {OrderStatus.PLACED, *BINDING_ORDERS} and self.licence is None:
            yield self._key_to_come()

    def _key_to_come(self) -> Happening:
        due = self.key_due
        if self.question:
            text = _("Paused: the licence desk waits for your answer.")
        else:
            text = "" if due else _("Within one business day of the payment.")
        return Happening(_("Your key"), pending=True, text=text, due=due, close_on=close_day(due))


def _telling_attempt(order: Order) -> CheckoutAttempt | None:
    """Return the payment that is on its way, also where a later page was opened; else the last."""
    attempts = list(order.checkout_attempts.all())
    on_its_way = (a for a in attempts if a.status == PaymentStatus.PROCESSING)
    return next(on_its_way, attempts[0] if attempts else None)


def _by(order: Order) -> str:
    person = order.placed_by or order.created_by
    return _("By %(person)s") % {"person": person.get_full_name()}


def _how(order: Order) -> str:
    if order.pay_by == PayBy.TRANSFER:
        return _("By bank transfer")
    return _("Online")
