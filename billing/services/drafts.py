"""Drafts: an order on the review page, which binds nobody."""

from datetime import date
from hashlib import sha256
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import OrderStatus
from billing.domain.totals import OrderAmounts
from billing.models import Order, OrderLine, SupportPlan
from billing.selectors.orders import order_on_its_way
from billing.services.locks import lock_order
from billing.services.pricing import PurchasePrice, price_purchase
from licensing.models import Product
from licensing.selectors import current_agreement
from licensing.services.errors import AgreementExists
from portal.accounts.models import Organisation, User
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict, Invalid
from portal.vendor.selectors import vendor_today

LABEL_LENGTH: Final = 60
FORM_TOKEN_LENGTH: Final = 64
MoneyFacts = tuple[int, int, int, list[dict[str, Any]], list[tuple[object, ...]]]


class OrderOnItsWay(Conflict):
    """An order for this product and label was placed and has no key yet."""

    code = "order_on_its_way"
    default_message = _("Order %(reference)s for this product is on its way already.")


@transaction.atomic
def prepare_order(
    *,
    organisation: Organisation,
    person: User,
    product: Product,
    quantity: int | str,
    support_plan: SupportPlan | None,
    currency: str,
    wanted_start: date | None,
    label: str,
    form_token: str,
    actor: Actor,
) -> Order:
    """Write a draft with the sum of now; the same form sent again is the same order.

    A form that comes back with other values (the back button) rewrites its draft, and finds an
    order unchanged once it was placed. Raises what `price_purchase` raises, AgreementExists and
    OrderOnItsWay; then nothing is stored.
    """
    label = check_label(label)
    _check_form_token(form_token)
    sent = Order.objects.select_for_update().filter(
        organisation=organisation, form_token=form_token
    )
    order = sent.first()
    if order is not None and order.status != OrderStatus.DRAFT:
        return order
    refuse_second(organisation=organisation, product=product, label=label)
    priced = price_purchase(
        product=product,
        currency=currency,
        quantity=quantity,
        support_plan=support_plan,
        organisation=organisation,
        starts_on=wanted_start,
        now=clock.now(),
    )
    if order is None:
        order = Order(
            organisation=organisation,
            created_by=person,
            created_at=clock.now(),
            form_token=form_token,
        )
    order.product, order.label, order.wanted_start = product, label, wanted_start
    return _store(order, priced, actor) or sent.get()


@transaction.atomic
def refresh_draft(*, order: Order) -> bool:
    """Rewrite a draft with the sum of now, and say whether what the buyer saw has changed.

    A wished first day that is over gives way to today. An order that is no draft stays as it is.
    Raises what `price_purchase` raises.
    """
    order = lock_order(order)
    if order.status != OrderStatus.DRAFT:
        return False
    now = clock.now()
    start_is_over = order.wanted_start is not None and order.wanted_start < vendor_today(now)
    if start_is_over:
        order.wanted_start = None
    priced = price_order(order)
    changed = start_is_over or money_of_order(order) != money_of(priced.amounts)
    apply_price(order, priced)
    order.save()
    write_lines(order, priced.amounts)
    return changed


def price_order(order: Order) -> PurchasePrice:
    """Return what the order costs now, for the same wishes."""
    return price_purchase(
        product=order.product,
        currency=order.currency,
        quantity=order.quantity,
        support_plan=order.support_plan,
        organisation=order.organisation,
        starts_on=order.wanted_start,
        now=clock.now(),
    )


def apply_price(order: Order, priced: PurchasePrice) -> None:
    """Set what the order keeps of its price; saves nothing."""
    amounts = priced.amounts
    if priced.tax_rule is None:
        raise ValueError("an order is never stored with an unknown tax")
    order.quantity = amounts.lines[0].quantity
    order.currency = amounts.currency
    order.price = priced.price
    order.support_plan = priced.support_plan
    order.support_basis_points = priced.support_plan.basis_points if priced.support_plan else 0
    order.tax_rule, order.tax_evidence = priced.tax_rule, priced.tax_evidence
    order.net_amount, order.tax_amount, order.gross_amount = amounts.net, amounts.tax, amounts.gross
    order.tax_groups = groups_as_json(amounts)


def write_lines(order: Order, amounts: OrderAmounts) -> None:
    """Replace the order's lines; only before it is placed, or while it is being placed."""
    order.lines.all().delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            kind=line.kind,
            description=line.description,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            basis_points=line.basis_points,
            months=line.months,
            period_start=line.period.starts_on if line.period else None,
            period_end=line.period.ends_on if line.period else None,
            amount=line.amount,
            explanation=[step.as_dict() for step in line.explanation],
        )
        for position, line in enumerate(amounts.lines, start=1)
    )


def groups_as_json(amounts: OrderAmounts) -> list[dict[str, Any]]:
    """Return the tax groups as rows keep them; amounts are minor units."""
    return [
        {
            "rate_basis_points": group.rate_basis_points,
            "category": str(group.category),
            "note": group.note,
            "net": group.net,
            "tax": group.tax,
        }
        for group in amounts.tax_groups
    ]


def money_of(amounts: OrderAmounts) -> MoneyFacts:
    """Return every figure of the sum, without its dates, to compare it with a stored one."""
    lines: list[tuple[object, ...]] = [
        (str(line.kind), line.quantity, line.unit_amount, line.basis_points, line.amount)
        for line in amounts.lines
    ]
    return amounts.net, amounts.tax, amounts.gross, groups_as_json(amounts), lines


def money_of_order(order: Order) -> MoneyFacts:
    """Return every figure of a stored order, as `money_of` does."""
    lines: list[tuple[object, ...]] = list(
        order.lines.order_by("position").values_list(
            "kind", "quantity", "unit_amount", "basis_points", "amount"
        )
    )
    return order.net_amount, order.tax_amount, order.gross_amount, order.tax_groups, lines


def digest_of(order: Order) -> str:
    """Return what tells a draft from the same draft rewritten: all of it that the buyer chose.

    Two choices may cost the same: 12 seats, and 10 seats with 20 % support. One query, none
    where the lines are prefetched.
    """
    lines = [(line.kind, line.quantity, line.amount) for line in order.lines.all()]
    chosen = (order.product_id, order.currency, order.label, order.wanted_start, lines)
    return sha256(repr(chosen).encode()).hexdigest()[:32]


def refuse_second(*, organisation: Organisation, product: Product, label: str) -> None:
    """Raise AgreementExists or OrderOnItsWay where product and label are taken already."""
    other = order_on_its_way(organisation, product, label)
    if other is not None:
        data = {"order": other.public_id, "reference": other.reference}
        raise OrderOnItsWay(data=data)
    agreement = current_agreement(organisation, product, label)
    if agreement is not None:
        raise AgreementExists(data={"agreement": agreement.public_id})


def check_label(label: str) -> str:
    """Return the label of a separate agreement in one line; empty for the usual agreement."""
    plain = " ".join(label.split())
    if len(plain) > LABEL_LENGTH:
        raise Invalid(
            _("A label has at most %(length)s characters."),
            code="label_too_long",
            field="label",
            data={"length": LABEL_LENGTH},
        )
    return plain


def _check_form_token(form_token: str) -> None:
    if not 1 <= len(form_token) <= FORM_TOKEN_LENGTH:
        raise Invalid(_("Please open the form again."), code="form_token_invalid")


def _store(order: Order, priced: PurchasePrice, actor: Actor) -> Order | None:
    """Save the draft with its lines; None where the same form made it at the same moment."""
    apply_price(order, priced)
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError:
        if _was_sent_at_once(order):
            return None
        raise
    write_lines(order, priced.amounts)
    record_event(
        action="order.prepared",
        subject_id=order.public_id,
        actor=actor,
        organisation_id=order.organisation.public_id,
        data={"quantity": order.quantity, "currency": order.currency, "net": order.net_amount},
    )
    return order


def _was_sent_at_once(order: Order) -> bool:
    same = Order.objects.filter(organisation=order.organisation, form_token=order.form_token)
    return same.exclude(public_id=order.public_id).exists()
