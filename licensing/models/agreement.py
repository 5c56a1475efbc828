"""One organisation's contract for one product: a chain of terms and a ledger of seats."""

from functools import partial
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from licensing.domain.statuses import AGREEMENT_TRANSITIONS, AgreementStatus
from licensing.models.product import Product
from portal.accounts.models import Organisation
from portal.kit.append_only import AppendOnly
from portal.kit.ids import new_public_id
from portal.kit.state import HasStatus
from portal.kit.transitions import TransitionTable

AGREEMENT_STATUS_LABELS = {
    AgreementStatus.ACTIVE: _("Active"),
    AgreementStatus.SUSPENDED: _("Suspended"),
    AgreementStatus.LAPSED: _("Lapsed"),
    AgreementStatus.CANCELLED: _("Cancelled"),
}


class Agreement(HasStatus, models.Model):
    """One current agreement for an organisation, product and label; the label is usually empty."""

    TRANSITIONS: ClassVar[TransitionTable[AgreementStatus]] = AGREEMENT_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "agr")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="agreements")
    product = models.ForeignKey(Product, models.PROTECT, related_name="agreements")
    label = models.CharField(
        _("label"),
        max_length=60,
        blank=True,
        help_text=_("Only for a separate agreement beside the usual one."),
    )
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(AGREEMENT_STATUS_LABELS.items()),
        default=AgreementStatus.ACTIVE,
    )
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "product", "label"],
                condition=models.Q(status__in=["active", "suspended"]),
                name="agreement_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.organisation}"


class Term(models.Model):
    """One `[starts_on, ends_on)` of an agreement, in the vendor's zone; perpetual has no end."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="terms")
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends before"), null=True, blank=True)
    order_id = models.CharField(_("order"), max_length=40, db_index=True)
    # What the key states; the percentage itself is billing's and frozen in the order.
    support = models.CharField(_("support plan"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="term_number_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gt=models.F("starts_on")),
                name="term_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["ends_on"], name="term_end")]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on or '∞'}"


class SeatLedgerEntry(AppendOnly):
    """Append-only: so many seats more or fewer from a date on, by an order."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="seat_entries")
    quantity = models.IntegerField(_("seats more or fewer"))
    effective_on = models.DateField(_("from"))
    order_id = models.CharField(_("order"), max_length=40)
    reason = models.CharField(_("reason"), max_length=40)
    at = models.DateTimeField(_("booked"))

    class Meta:
        verbose_name = _("seat ledger entry")
        verbose_name_plural = _("seat ledger")
        ordering = ["agreement", "effective_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(quantity=0), name="seat_entry_not_zero"),
            models.UniqueConstraint(
                fields=["agreement", "order_id", "reason"], name="seat_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.effective_on}"
