"""From a wish to a placed order and what becomes of it; each step is a module of its own."""

from billing.services.closing import approve_order, cancel_order, sweep_orders
from billing.services.drafts import prepare_order, refresh_draft
from billing.services.placing import place_order

__all__ = [
    "approve_order",
    "cancel_order",
    "place_order",
    "prepare_order",
    "refresh_draft",
    "sweep_orders",
]
