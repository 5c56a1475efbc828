"""The inbox of Stripe's events: stored first, handled once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StripeEvent(models.Model):
    """One event as received; the unique id makes a second delivery a no-op."""

    class Outcome(models.TextChoices):
        APPLIED = "applied", _("Applied")
        NOTHING_TO_DO = "nothing", _("Nothing to do")
        UNKNOWN_OBJECT = "unknown", _("Unknown object")
        FAILED = "failed", _("Failed, will be tried again")

    event_id = models.CharField(_("event"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=100, db_index=True)
    object_id = models.CharField(_("object"), max_length=255, blank=True, db_index=True)
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True)
    api_version = models.CharField(_("API version"), max_length=40, blank=True)
    payload = models.JSONField(_("as received"))
    created_at = models.DateTimeField(_("made by Stripe"))
    received_at = models.DateTimeField(_("received"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(
                fields=["received_at"],
                name="stripe_event_open",
                condition=models.Q(handled_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
