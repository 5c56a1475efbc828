"""Append-only log of who did what. Rows refer to their subject by public id, never by a key."""

from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kit.append_only import AppendOnly
from portal.kit.ids import new_public_id


class AuditEvent(AppendOnly):
    """One thing that happened, written in the transaction of the change."""

    class ActorKind(models.TextChoices):
        PERSON = "person", _("Customer")
        STAFF = "staff", _("Staff")
        LINK = "link", _("Signed link")
        STRIPE = "stripe", _("Stripe")
        SYSTEM = "system", _("The portal")

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "evt")
    )
    at = models.DateTimeField(_("at"), db_index=True)
    action = models.CharField(_("action"), max_length=60)
    subject_id = models.CharField(_("subject"), max_length=40, db_index=True)
    organisation_id = models.CharField(_("organisation"), max_length=40, blank=True, db_index=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(_("actor’s id"), max_length=40, blank=True)
    actor_name = models.CharField(_("actor"), max_length=254, blank=True)
    actor_address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}"
