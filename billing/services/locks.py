"""Row locks in the one order that all services keep: agreement, order, then what hangs on it."""

from billing.models import Order
from licensing.models import Agreement


def lock_order(order: Order) -> Order:
    """Return the order as it stands now, locked, its agreement before it; inside a transaction."""
    agreement_id = Order.objects.values_list("agreement_id", flat=True).get(pk=order.pk)
    if agreement_id is not None:
        Agreement.objects.select_for_update().get(pk=agreement_id)
    rows = Order.objects.select_for_update(of=("self",))
    return rows.select_related("organisation", "product", "price").get(pk=order.pk)
