"""What a customer asked to buy, at which price, and where it stands."""

from enum import StrEnum
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.domain.orders import ORDER, OrderStatus
from billing.models.catalogue import Price, SupportPlan, TaxRule, TermsVersion
from licensing.models import Agreement, Product
from portal.accounts.models import Organisation
from portal.kit.ids import new_public_id
from portal.kit.state import HasStatus
from portal.kit.transitions import TransitionTable


class PayBy(StrEnum):
    CARD = "card"
    TRANSFER = "transfer"
    ON_ACCOUNT = "on_account"


PAY_BY_LABELS = {
    PayBy.CARD: _("Card or other online payment"),
    PayBy.TRANSFER: _("Bank transfer"),
    PayBy.ON_ACCOUNT: _("On account"),
}
ORDER_STATUS_LABELS = {
    OrderStatus.DRAFT: _("Draft"),
    OrderStatus.DISCARDED: _("Discarded"),
    OrderStatus.PLACED: _("Awaiting payment"),
    OrderStatus.ACCEPTED: _("Key being prepared"),
    OrderStatus.RETURNED: _("Returned for correction"),
    OrderStatus.FULFILLED: _("Key issued"),
    OrderStatus.DECLINED: _("Declined"),
    OrderStatus.CANCELLED: _("Cancelled"),
    OrderStatus.EXPIRED: _("Expired"),
}


class Order(HasStatus, models.Model):
    """A purchase of one product. Its amounts are frozen when it is placed.

    All amounts are minor units of `currency`; all dates are in the vendor's zone.
    """

    TRANSITIONS: ClassVar[TransitionTable[OrderStatus]] = ORDER

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "ord")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="orders")
    product = models.ForeignKey(Product, models.PROTECT, related_name="orders")
    label = models.CharField(_("label of a separate agreement"), max_length=60, blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(ORDER_STATUS_LABELS.items()),
        default=OrderStatus.DRAFT,
    )
    # One draft for one opened form, so that a double click makes one order.
    form_token = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    created_at = models.DateTimeField(_("prepared"))

    quantity = models.PositiveIntegerField(_("quantity"))
    currency = models.CharField(_("currency"), max_length=3)
    price = models.ForeignKey(Price, models.PROTECT, related_name="orders")
    support_plan = models.ForeignKey(
        SupportPlan, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    support_basis_points = models.PositiveIntegerField(default=0)
    tax_rule = models.ForeignKey(TaxRule, models.PROTECT, related_name="orders")
    tax_evidence = models.JSONField(_("tax evidence"), default=dict, blank=True)
    net_amount = models.PositiveBigIntegerField(_("net"))
    tax_amount = models.PositiveBigIntegerField(_("tax"))
    gross_amount = models.PositiveBigIntegerField(_("total"))
    tax_groups = models.JSONField(default=list)
    wanted_start = models.DateField(_("starts on"), null=True, blank=True)

    pay_by = models.CharField(
        _("way to pay"), max_length=12, choices=list(PAY_BY_LABELS.items()), blank=True
    )
    purchase_order = models.CharField(_("purchase order number"), max_length=60, blank=True)
    # The buyer as it was when the order was placed: name, address, country, VAT number.
    bill_to = models.JSONField(_("bill to"), default=dict, blank=True)
    terms_version = models.ForeignKey(
        TermsVersion, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    terms_accepted_at = models.DateTimeField(_("terms accepted"), null=True, blank=True)
    terms_accepted_by = models.CharField(_("accepted by"), max_length=254, blank=True)
    terms_accepted_from = models.GenericIPAddressField(_("from"), null=True, blank=True)

    placed_at = models.DateTimeField(_("placed"), null=True, blank=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # A pro forma's order is dropped if nothing came until then.
    good_until = models.DateTimeField(_("good until"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    # Staff let the key go out before the money, so the invoice follows the key.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Part of what the payment link's signature covers: raising it makes old links void.
    link_version = models.PositiveSmallIntegerField(default=1)
    closed_reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("approve_order", _("May accept an order before its money")),
            ("cancel_order", _("May cancel a placed order")),
            ("record_transfer", _("May record a bank transfer")),
            ("export_books", _("May export orders, documents and payments")),
        ]
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "form_token"], name="order_once_for_form"
            ),
            # One order on its way for an organisation, product and label.
            models.UniqueConstraint(
                fields=["organisation", "product", "label"],
                condition=models.Q(status__in=["placed", "accepted", "returned"]),
                name="order_one_on_its_way",
            ),
            models.CheckConstraint(
                condition=models.Q(gross_amount=models.F("net_amount") + models.F("tax_amount")),
                name="order_sums",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="order_has_quantity"),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "discarded"])
                | models.Q(placed_at__isnull=False, terms_accepted_at__isnull=False)
                & ~models.Q(pay_by=""),
                name="order_placed_is_complete",
            ),
        ]
        indexes = [
            models.Index(
                fields=["good_until"], name="order_expiry", condition=models.Q(status="placed")
            ),
            models.Index(
                fields=["created_at"], name="order_old_draft", condition=models.Q(status="draft")
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The short form that people quote on a transfer: the id's first eight characters."""
        return self.public_id.removeprefix("ord_")[:8].upper()

    @property
    def is_on_account(self) -> bool:
        """Whether the key comes before the money, by the customer's terms or staff's approval."""
        return self.pay_by == PayBy.ON_ACCOUNT or self.approved_by_id is not None


class OrderLine(models.Model):
    """One line of the sum, with the steps that explain it."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    description = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    unit_amount = models.BigIntegerField(null=True, blank=True)
    basis_points = models.PositiveIntegerField(null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    amount = models.BigIntegerField()
    explanation: Any = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once")
        ]

    def __str__(self) -> str:
        return self.description
