"""Orders as pages and services read them."""

from django.db.models import QuerySet

from billing.domain.orders import BINDING_ORDERS, OrderStatus
from billing.models import Order
from licensing.models import Product
from portal.accounts.models import Organisation
from portal.kit.errors import NotFound

# As the database holds it in `order_one_on_its_way`.
ON_ITS_WAY = (BINDING_ORDERS | {OrderStatus.PLACED}) - {OrderStatus.FULFILLED}


def orders_of(organisation: Organisation) -> QuerySet[Order]:
    """Return the organisation's orders, newest first, without discarded drafts; one query."""
    orders = Order.objects.filter(organisation=organisation).exclude(status=OrderStatus.DISCARDED)
    return orders.select_related("product", "support_plan")


def order_for_page(organisation: Organisation, public_id: str) -> Order:
    """Return one order with all that its page shows; five queries. Raises NotFound.

    Another organisation's order is not found, as if it did not exist.
    """
    orders = Order.objects.select_related(
        "organisation",
        "product",
        "agreement",
        "price",
        "support_plan",
        "terms_version",
        "tax_rule",
        "created_by",
        "placed_by",
    ).prefetch_related("lines", "documents", "payments", "checkout_attempts")
    order = orders.filter(organisation=organisation, public_id=public_id).first()
    if order is None:
        raise NotFound
    return order


def order_on_its_way(organisation: Organisation, product: Product, label: str) -> Order | None:
    """Return the order that was placed and has no key yet, for this product and label."""
    return Order.objects.filter(
        organisation=organisation, product=product, label=label, status__in=ON_ITS_WAY
    ).first()
