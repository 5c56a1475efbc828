"""Placing an order: what was shown is what is agreed, and it happens once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import OrderStatus
from billing.models import Order, TermsVersion
from billing.models.order import PayBy
from billing.selectors.catalogue import terms_in_force
from billing.selectors.orders import order_on_its_way
from billing.services.acceptance import accept_order
from billing.services.credit import Purchase, check_way_to_pay
from billing.services.documents import issue_pro_forma
from billing.services.drafts import (
    OrderOnItsWay,
    apply_price,
    digest_of,
    money_of,
    money_of_order,
    price_order,
    refuse_second,
    write_lines,
)
from billing.services.locks import lock_order
from billing.services.order_mails import mail_order_placed, mail_pro_forma
from billing.services.pricing import PurchasePrice
from billing.services.snapshots import buyer_snapshot, require_exchange_rate
from portal.accounts.models import User
from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.dates import local_midnight_utc
from portal.kit.errors import Conflict, Invalid
from portal.vendor.models import VendorProfile
from portal.vendor.selectors import get_vendor, vendor_today

PURCHASE_ORDER_LENGTH: Final = 60


class PriceChanged(Conflict):
    """The sum is no longer the one that the buyer saw; nothing was placed."""

    code = "price_changed"
    default_message = _("The price has changed since you saw it. Please check the new sum.")


class TermsChanged(Conflict):
    """Other terms are in force than those that the buyer accepted."""

    code = "terms_changed"
    default_message = _("The standard terms have changed since you saw them. Please read them.")


@dataclass(frozen=True, slots=True)
class Placing:
    """What the buyer confirmed. Amounts are minor units as seen on the page.

    `seen_draft` is its digest as shown, None where nobody was shown a page.
    """

    seen_net: int
    seen_gross: int
    seen_draft: str | None
    terms_version: str
    pay_by: str
    purchase_order: str
    person: User
    actor: Actor
    at: datetime


@transaction.atomic
def place_order(
    *,
    order: Order,
    seen_gross: int,
    seen_net: int,
    terms_version: str,
    pay_by: str,
    purchase_order: str,
    person: User,
    actor: Actor,
    seen_draft: str | None = None,
) -> Order:
    """Place a draft at exactly the sum that was seen; one that is placed already stays as it is.

    `seen_draft` is the `digest_of` the draft that was seen: the back button in another window
    may have rewritten it to something else at the same sum.

    By card or transfer it then waits for money on a pro forma; on account it is accepted at once.
    Raises PriceChanged, TermsChanged, AgreementExists, OrderOnItsWay, NoCredit, NoExchangeRate,
    Invalid (`address_missing`, `purchase_order_required`, `purchase_order_too_long`,
    `terms_not_accepted`, `unknown_way_to_pay`, `transfer_not_offered`) and what `price_purchase`
    raises; then nothing is stored.
    """
    order = lock_order(order)
    if order.status != OrderStatus.DRAFT:
        return order
    placing = Placing(
        seen_net=seen_net,
        seen_gross=seen_gross,
        seen_draft=seen_draft,
        terms_version=terms_version,
        pay_by=pay_by,
        purchase_order=purchase_order,
        person=person,
        actor=actor,
        at=clock.now(),
    )
    vendor = get_vendor()
    refuse_second(organisation=order.organisation, product=order.product, label=order.label)
    priced = _confirmed_price(order, placing)
    _check_order(order, placing, vendor)
    _freeze(order, placing, priced, vendor)
    _save_once(order)
    write_lines(order, priced.amounts)
    _record(order, placing)
    _go_on(order, placing)
    return order


def _confirmed_price(order: Order, placing: Placing) -> PurchasePrice:
    """Return the price of now, if it is the stored one and the one that was seen."""
    priced = price_order(order)
    is_another = placing.seen_draft not in (None, digest_of(order))
    seen = (placing.seen_net, placing.seen_gross)
    stored = (order.net_amount, order.gross_amount)
    if is_another or seen != stored or money_of_order(order) != money_of(priced.amounts):
        amounts = priced.amounts
        raise PriceChanged(data={"net": amounts.net, "tax": amounts.tax, "gross": amounts.gross})
    return priced


def _check_order(order: Order, placing: Placing, vendor: VendorProfile) -> None:
    organisation = order.organisation
    if not organisation.has_address:
        raise Invalid(
            _("Please complete your organisation's address: it is printed on the invoice."),
            code="address_missing",
        )
    _check_purchase_order(placing.purchase_order.strip(), organisation.purchase_order_required)
    today = vendor_today(placing.at, vendor)
    require_exchange_rate(order, vendor, today)
    check_way_to_pay(
        pay_by=placing.pay_by,
        purchase=Purchase(organisation, order.currency, order.gross_amount),
        vendor=vendor,
        today=today,
    )


def _check_purchase_order(purchase_order: str, is_required: bool) -> None:
    if is_required and not purchase_order:
        raise Invalid(
            _("Your organisation needs a purchase order number on each order."),
            code="purchase_order_required",
            field="purchase_order",
        )
    if len(purchase_order) > PURCHASE_ORDER_LENGTH:
        raise Invalid(
            _("A purchase order number has at most %(length)s characters."),
            code="purchase_order_too_long",
            field="purchase_order",
            data={"length": PURCHASE_ORDER_LENGTH},
        )


def _accepted_terms(order: Order, placing: Placing) -> TermsVersion:
    if not placing.terms_version:
        raise Invalid(
            _("Please accept the standard terms."), code="terms_not_accepted", field="terms"
        )
    terms = terms_in_force(order.product, placing.at)
    if terms is None or terms.version != placing.terms_version:
        raise TermsChanged(data={"version": terms.version if terms else ""})
    return terms


def _freeze(order: Order, placing: Placing, priced: PurchasePrice, vendor: VendorProfile) -> None:
    """Set all that the order keeps from now on; saves nothing."""
    apply_price(order, priced)
    order.pay_by = placing.pay_by
    order.purchase_order = placing.purchase_order.strip()
    order.bill_to = buyer_snapshot(order.organisation)
    order.terms_version = _accepted_terms(order, placing)
    order.terms_accepted_at = placing.at
    order.terms_accepted_by = placing.person.email
    order.terms_accepted_from = placing.actor.address
    order.placed_at, order.placed_by = placing.at, placing.person
    if order.pay_by != PayBy.ON_ACCOUNT:
        order.good_until = good_until(placing.at, vendor)
    order.move_to(OrderStatus.PLACED)


def good_until(at: datetime, vendor: VendorProfile) -> datetime:
    """Return the last second of the last day, in the vendor's zone, that an order waits."""
    last_day = vendor_today(at, vendor) + timedelta(days=vendor.pro_forma_days)
    return local_midnight_utc(last_day + timedelta(days=1), vendor.zone) - timedelta(seconds=1)


def _save_once(order: Order) -> None:
    """Save, or raise OrderOnItsWay: of two drafts placed at once, the database lets one through."""
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError:
        other = order_on_its_way(order.organisation, order.product, order.label)
        if other is None:
            raise
        data = {"order": other.public_id, "reference": other.reference}
        raise OrderOnItsWay(data=data) from None


def _record(order: Order, placing: Placing) -> None:
    record_event(
        action="order.placed",
        subject_id=order.public_id,
        actor=placing.actor,
        organisation_id=order.organisation.public_id,
        data={
            "net": order.net_amount,
            "tax": order.tax_amount,
            "gross": order.gross_amount,
            "currency": order.currency,
            "pay_by": order.pay_by,
            "terms": placing.terms_version,
        },
    )


def _go_on(order: Order, placing: Placing) -> None:
    """On account the order is accepted; else it gets its pro forma, and the buyer a mail."""
    if order.pay_by == PayBy.ON_ACCOUNT:
        accept_order(order=order, actor=placing.actor, at=placing.at)
        return
    pro_forma = issue_pro_forma(order=order, actor=placing.actor)
    if order.pay_by == PayBy.TRANSFER:
        mail_pro_forma(order, pro_forma)
    else:
        mail_order_placed(order)
