"""Columns and colours that several of billing's lists share."""

from django.utils.translation import gettext_lazy as _

from billing.domain.orders import OrderStatus, PaymentStatus, RefundStatus
from portal.kit.admin_columns import customer, related

ORDER_TONES = {
    OrderStatus.PLACED: "warning",
    OrderStatus.ACCEPTED: "info",
    OrderStatus.RETURNED: "warning",
    OrderStatus.FULFILLED: "success",
    OrderStatus.DECLINED: "danger",
    OrderStatus.EXPIRED: "danger",
}
CHECKOUT_TONES = {
    PaymentStatus.OPEN: "info",
    PaymentStatus.PROCESSING: "warning",
    PaymentStatus.PAID: "success",
    PaymentStatus.FAILED: "danger",
}
REFUND_TONES = {
    RefundStatus.REQUESTED: "warning",
    RefundStatus.SUBMITTED: "info",
    RefundStatus.SUCCEEDED: "success",
    RefundStatus.FAILED: "danger",
}
CUSTOMER = customer("organisation", _("Customer"))
ORDER = related("order", _("Order"), "billing_order")
