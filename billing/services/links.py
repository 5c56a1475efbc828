"""Signed links: they carry one order to somebody without an account, and show nothing else."""

from typing import Final

from django.core.signing import BadSignature, Signer

from billing.domain.orders import OrderStatus
from billing.models import Document, Order
from portal.kit.errors import NotFound
from portal.kit.urls import absolute

_SALT: Final = "billing.pay-link"
_MARK: Final = "-"
# Before it is placed there is nothing to pay.
_HIDDEN: Final = (OrderStatus.DRAFT, OrderStatus.DISCARDED)


def pay_token(order: Order) -> str:
    """Return what a payment link carries: the order's id and link version, signed."""
    return _signer().sign(f"{order.public_id}{_MARK}{order.link_version}")


def order_of_token(token: str) -> Order:
    """Return the order that a link stands for.

    Raises NotFound for a forged token, a link made void since, and an order not placed yet.
    """
    try:
        value = _signer().unsign(token)
    except BadSignature:
        raise NotFound from None
    public_id, _, version = value.partition(_MARK)
    orders = Order.objects.select_related("organisation", "product", "price")
    order = orders.filter(public_id=public_id).exclude(status__in=_HIDDEN).first()
    if order is None or str(order.link_version) != version:
        raise NotFound
    return order


def pay_url(order: Order) -> str:
    """Return the public address of the order's payment page."""
    return absolute(f"/pay/{pay_token(order)}/")


def order_url(order: Order) -> str:
    """Return the address of the order's page in the customer's area."""
    return absolute(f"/o/{order.organisation.public_id}/orders/{order.public_id}/")


def document_url(document: Document) -> str:
    """Return the address of a document's PDF in the customer's area."""
    organisation = document.organisation.public_id
    return absolute(f"/o/{organisation}/documents/{document.public_id}/pdf/")


def _signer() -> Signer:
    return Signer(salt=_SALT, sep=".")
