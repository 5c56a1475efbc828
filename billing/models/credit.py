"""Who may get a key before paying."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Organisation


class CreditTerms(models.Model):
    """Staff allowed this organisation to buy on account, up to a limit in its currency."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="credit_terms")
    allowed = models.BooleanField(_("may buy on account"), default=False)
    currency = models.CharField(_("currency"), max_length=3)
    limit_amount = models.PositiveBigIntegerField(
        _("limit of what it may owe, in minor units"), default=0
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("terms of credit")
        verbose_name_plural = _("terms of credit")

    def __str__(self) -> str:
        return str(self.organisation)
