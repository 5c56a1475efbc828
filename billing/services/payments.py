"""Money that came: booked once, and turned into an accepted order when it covers the sum."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from billing.domain.orders import BINDING_ORDERS, OrderStatus
from billing.models import FinanceTask, LedgerEntry, Order, Payment
from billing.models.payment import LedgerKind, PaymentMethod
from billing.selectors import invoice_of, paid_amount
from billing.services.acceptance import accept_order
from billing.services.documents import issue_invoice
from billing.services.locks import lock_order
from billing.services.money_tasks import tell_closed, tell_not_accepted, tell_overpaid
from billing.services.payment_mails import mail_paid, mail_partial_payment
from billing.services.tasks import settle_task
from licensing.services.errors import AgreementExists
from portal.accounts.models import User
from portal.audit.services import SYSTEM, Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict, DomainError, Invalid, gettext_noop
from portal.kit.jobs import enqueue
from portal.kit.money import CurrencyMismatch, parse_amount
from portal.vendor.selectors import vendor_today

# Money may turn these into an accepted order.
ACCEPTABLE = frozenset({OrderStatus.PLACED, OrderStatus.EXPIRED})


class FormUsed(Conflict):
    """The same form was sent twice with another content."""

    code = "form_used"
    default_message = gettext_noop("This form was sent already. Please open it again.")


class TransferKnown(Conflict):
    """Two of the staff read the same line of the bank statement: its money came once."""

    code = "transfer_recorded_before"
    default_message = gettext_noop(
        "A transfer of this amount, day and reference is recorded for this order already. If "
        "another one came, add to the reference what tells them apart."
    )


def record_payment(
    *,
    order: Order,
    method: PaymentMethod,
    amount: int,
    currency: str,
    received_on: date,
    reference: str,
    actor: Actor,
    payment_intent_id: str | None = None,
    recorded_by: User | None = None,
    form_token: str | None = None,
) -> Payment:
    """Book money once, whatever the order's state, and accept the order when it covers the sum.

    `amount` is minor units of the order's currency, `received_on` the vendor's date. The same
    payment intent or form token returns the payment it made before. What cannot be applied
    (a second payment, a closed order) is the customer's credit and a task for finance; it never
    grants a second key. Raises CurrencyMismatch and FormUsed.
    """
    with transaction.atomic():
        order = lock_order(order)
        known = _recorded_before(payment_intent_id, form_token)
        if known is not None:
            return _the_same(known, order, amount)
        if currency != order.currency:
            raise CurrencyMismatch(data={"left": currency, "right": order.currency})
        paid_before = paid_amount(order)
        payment = Payment.objects.create(
            organisation=order.organisation,
            order=order,
            method=method,
            amount=amount,
            currency=currency,
            received_on=received_on,
            recorded_at=clock.now(),
            reference=reference,
            payment_intent_id=payment_intent_id,
            recorded_by=recorded_by,
            form_token=form_token,
        )
        _book(payment, actor)
        _apply(order, payment, paid_before, actor)
        enqueue("billing.close_checkouts", order.public_id)
    return payment


def record_transfer(
    *,
    order: Order,
    amount_text: str,
    currency: str,
    received_on: date,
    reference: str,
    staff: User,
    form_token: str,
    actor: Actor,
) -> Payment:
    """Book a bank transfer that staff saw on the account; `amount_text` is in major units.

    Raises Invalid (`amount_not_positive`, `date_in_future`, `not_placed`), TransferKnown and the
    errors of `parse_amount` and `record_payment`.
    """
    money = parse_amount(amount_text, currency)
    if money.minor < 1:
        raise Invalid(
            gettext_noop("A payment is more than nothing."),
            code="amount_not_positive",
            field="amount",
        )
    if received_on > vendor_today(clock.now()):
        raise Invalid(
            gettext_noop("This day has not come yet."), code="date_in_future", field="received_on"
        )
    if order.status in (OrderStatus.DRAFT, OrderStatus.DISCARDED):
        raise Invalid(gettext_noop("This order was never placed."), code="not_placed")
    with transaction.atomic():
        order = lock_order(order)
        if _recorded_before(None, form_token) is None:
            _refuse_same(order, money.minor, received_on, reference.strip())
        return record_payment(
            order=order,
            method=PaymentMethod.TRANSFER,
            amount=money.minor,
            currency=currency,
            received_on=received_on,
            reference=reference.strip(),
            recorded_by=staff,
            form_token=form_token,
            actor=actor,
        )


def accept_paid_order(*, order: Order, actor: Actor = SYSTEM) -> bool:
    """Try again to accept an order whose money is there; True when it is accepted or was before.

    For an order that a passing obstacle kept from being accepted, such as a missing exchange rate.
    """
    with transaction.atomic():
        order = lock_order(order)
        if order.status in ACCEPTABLE and paid_amount(order) >= order.gross_amount:
            _accept(order, actor)
        accepted = order.status in BINDING_ORDERS
        if accepted:
            _settle(FinanceTask.Kind.NOT_ACCEPTED, actor, subject_id=order.public_id)
    return accepted


def _recorded_before(payment_intent_id: str | None, form_token: str | None) -> Payment | None:
    if payment_intent_id:
        return Payment.objects.filter(payment_intent_id=payment_intent_id).first()
    if form_token:
        return Payment.objects.filter(form_token=form_token).first()
    return None


def _refuse_same(order: Order, amount: int, received_on: date, reference: str) -> None:
    """Refuse what another form recorded; else finance would send back what never came."""
    same = order.payments.filter(
        method=PaymentMethod.TRANSFER,
        amount=amount,
        received_on=received_on,
        reference__iexact=reference,
    )
    if same.exists():
        raise TransferKnown(field="reference")


def _the_same(payment: Payment, order: Order, amount: int) -> Payment:
    if payment.order_id != order.pk or payment.amount != amount:
        raise FormUsed
    return payment


def _book(payment: Payment, actor: Actor) -> None:
    LedgerEntry.objects.create(
        organisation=payment.organisation,
        order=payment.order,
        kind=LedgerKind.PAYMENT,
        currency=payment.currency,
        amount=-payment.amount,
        payment=payment,
        at=payment.recorded_at,
    )
    record_event(
        action="payment.recorded",
        subject_id=payment.public_id,
        actor=actor,
        organisation_id=payment.organisation.public_id,
        data={
            "order": payment.order.public_id,
            "method": str(payment.method),
            "amount": payment.amount,
            "currency": payment.currency,
        },
    )


def _apply(order: Order, payment: Payment, paid_before: int, actor: Actor) -> None:
    """Decide what this money does; the order is locked and the payment is booked."""
    missing = max(order.gross_amount - paid_before, 0)
    if order.status not in ACCEPTABLE | BINDING_ORDERS:
        tell_closed(order, payment)
        return
    if payment.amount < missing:
        _take_part(order, payment)
        return
    if payment.amount > missing:
        tell_overpaid(order, payment, payment.amount - missing)
    if order.status in ACCEPTABLE:
        _accept_or_tell(order, payment, actor)
    elif missing:
        _settle_on_account(order, payment)


def _take_part(order: Order, payment: Payment) -> None:
    """A part of the sum: the order waits for the rest, unless its time is over."""
    if order.status == OrderStatus.EXPIRED:
        tell_closed(order, payment)
    else:
        mail_partial_payment(order=order, payment=payment)


def _accept_or_tell(order: Order, payment: Payment, actor: Actor) -> None:
    """Accept the order; where a rule says no, keep the money and ask finance."""
    try:
        with transaction.atomic():
            _accept(order, actor)
    except (DomainError, IntegrityError) as error:
        # The row in memory may be half changed; the savepoint took the stored one back.
        order.refresh_from_db()
        _tell_not_accepted(order, payment, error)


def _accept(order: Order, actor: Actor) -> None:
    now = clock.now()
    accept_order(order=order, actor=actor, at=now)
    issue_invoice(order=order, at=now)
    # A part that came after the order had run out is used now, and must not be sent back.
    parts = order.payments.values("public_id")
    _settle(FinanceTask.Kind.PAID_CLOSED_ORDER, actor, subject_id__in=parts)


def _settle_on_account(order: Order, payment: Payment) -> None:
    """The money for a key that went out, or may go out, before it."""
    invoice = invoice_of(order)
    if invoice is None:
        # The invoice gets its number with the payment that completes the sum.
        issue_invoice(order=order, at=clock.now())
    else:
        mail_paid(order=order, invoice=invoice, payment=payment)


def _tell_not_accepted(order: Order, payment: Payment, error: Exception) -> None:
    if order.status == OrderStatus.EXPIRED and _is_in_the_way(error):
        tell_closed(order, payment)
    else:
        tell_not_accepted(order, str(error))


def _is_in_the_way(error: Exception) -> bool:
    """Another order or agreement has the place; anything else may be mended."""
    return isinstance(error, IntegrityError) or getattr(error, "code", "") == AgreementExists.code


def _settle(kind: FinanceTask.Kind, actor: Actor, **about: Any) -> None:
    for task in FinanceTask.objects.filter(kind=kind, done_at=None, **about):
        settle_task(task=task, outcome="The order was accepted.", actor=actor)
