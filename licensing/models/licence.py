"""One issued key with its signed text."""

from functools import partial
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from licensing.domain.statuses import LICENCE_TRANSITIONS, LicenceStatus
from licensing.models.agreement import Agreement
from licensing.models.key_request import KeyRequest
from portal.kit.ids import new_public_id
from portal.kit.state import HasStatus
from portal.kit.transitions import TransitionTable

LICENCE_STATUS_LABELS = {
    LicenceStatus.ACTIVE: _("Active"),
    LicenceStatus.SUPERSEDED: _("Replaced"),
    LicenceStatus.SUSPENDED: _("Suspended"),
    LicenceStatus.REVOKED: _("Revoked"),
}


class Licence(HasStatus, models.Model):
    """A key as issued: superseded, suspended or revoked later, but its text is never edited."""

    TRANSITIONS: ClassVar[TransitionTable[LicenceStatus]] = LICENCE_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "lic")
    )
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="licences")
    key_request = models.OneToOneField(KeyRequest, models.PROTECT, related_name="licence")
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=list(LICENCE_STATUS_LABELS.items()),
        default=LicenceStatus.ACTIVE,
    )
    seats = models.PositiveIntegerField(_("seats"))
    support = models.CharField(_("support plan"), max_length=40, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends before"), null=True, blank=True)
    expires_at = models.DateTimeField(_("stops validating"), null=True, blank=True)
    kid = models.CharField(_("signing key"), max_length=64)
    key = models.TextField(_("key"))
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.CharField(_("issued by"), max_length=254)
    first_collected_at = models.DateTimeField(_("first collected"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    # The end of the overlap in which a superseded key still validates.
    overlap_ends_at = models.DateTimeField(_("replaced key stops"), null=True, blank=True)
    status_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        permissions = [("control_licence", _("May suspend, reinstate and revoke licences"))]
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="licence_has_seats"),
            models.CheckConstraint(condition=~models.Q(key=""), name="licence_has_key"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.seats}"
