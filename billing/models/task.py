"""Things that only a person in finance can settle."""

from functools import partial

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Organisation
from portal.kit.ids import new_public_id


class FinanceTask(models.Model):
    """One open question about money, such as a second payment for the same order."""

    class Kind(models.TextChoices):
        OVERPAID = "overpaid", _("Paid more than was due")
        PAID_CLOSED_ORDER = "paid_closed", _("Payment for a closed order")
        PART_PAID = "part_paid", _("Paid in part, and overdue")
        NOT_ACCEPTED = "not_accepted", _("A paid order could not be accepted")
        REFUND_FAILED = "refund_failed", _("Refund failed")
        REFUND_BY_BANK = "refund_by_bank", _("Refund by bank transfer")
        AMOUNT_DIFFERS = "amount_differs", _("Stripe’s amount differs from the order’s")
        UNTAGGED_PDF = "untagged_pdf", _("A PDF has a character that no font has")
        UNKNOWN_STRIPE_OBJECT = "unknown_stripe", _("Stripe names an object that is not ours")
        OLD_EXCHANGE_RATE = "old_rate", _("An invoice states an old exchange rate")
        STRIPE_REFUSED = "stripe_refused", _("Stripe refused to open a payment page")
        EVENT_FAILED = "event_failed", _("An event of Stripe’s could not be handled")

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "task")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    # What makes it once each: the same finding never opens a second task.
    once_key = models.CharField(max_length=200, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="finance_tasks"
    )
    subject_id = models.CharField(_("about"), max_length=255, blank=True)
    note = models.TextField(_("what happened"))
    opened_at = models.DateTimeField(_("opened"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.TextField(_("how it was settled"), blank=True)

    class Meta:
        verbose_name = _("finance task")
        verbose_name_plural = _("finance tasks")
        permissions = [("settle_task", _("May settle finance tasks"))]
        ordering = [models.F("done_at").desc(nulls_first=True), "opened_at"]

    def __str__(self) -> str:
        return str(self.get_kind_display())
