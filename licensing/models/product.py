"""What is licensed, and the promises made about it."""

from enum import StrEnum
from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kit.ids import new_public_id


class Metric(StrEnum):
    SEAT = "seat"
    USER_DEVICE = "user_device"


class TermKind(StrEnum):
    ANNUAL = "annual"
    PERPETUAL = "perpetual"


METRIC_LABELS = {
    Metric.SEAT: _("One licence for each person"),
    Metric.USER_DEVICE: _("One licence for each user on each device"),
}
TERM_KIND_LABELS = {TermKind.ANNUAL: _("One year"), TermKind.PERPETUAL: _("No end")}


class Product(models.Model):
    """A product of the vendor; prices for it are billing's."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "prd")
    )
    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    summary = models.CharField(_("summary"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    metric = models.CharField(_("metric"), max_length=20, choices=list(METRIC_LABELS.items()))
    term_kind = models.CharField(_("term"), max_length=10, choices=list(TERM_KIND_LABELS.items()))
    minimum_quantity = models.PositiveIntegerField(_("minimum holding"), default=1)
    businesses_only = models.BooleanField(_("businesses only"), default=False)
    on_sale = models.BooleanField(_("on sale"), default=False)
    issue_automatically = models.BooleanField(
        _("issue keys automatically"),
        default=False,
        help_text=_("Otherwise the licence desk issues each key within the promise."),
    )
    promise_business_days = models.PositiveSmallIntegerField(
        _("business days in which a key is promised"), default=1
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace after a term"), default=14)
    overlap_days = models.PositiveSmallIntegerField(
        _("days for which a superseded key keeps validating, at most"), default=30
    )
    key_in_mail = models.BooleanField(
        _("put the key itself into the mail"),
        default=False,
        help_text=_("Otherwise the mail links to the page that shows the key."),
    )
    install_step = models.TextField(_("how to install a key"), blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_quantity__gte=1), name="product_minimum_positive"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_annual(self) -> bool:
        return self.term_kind == TermKind.ANNUAL
