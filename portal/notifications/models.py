"""Outgoing mail as rows: written with the change, delivered after commit, found again if lost."""

from enum import StrEnum
from functools import partial
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kit.ids import new_public_id
from portal.kit.state import HasStatus
from portal.kit.transitions import TransitionTable


class MailStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


MAIL_TRANSITIONS = TransitionTable(
    "mail",
    {
        MailStatus.QUEUED: frozenset({MailStatus.SENDING}),
        MailStatus.SENDING: frozenset({MailStatus.SENT, MailStatus.QUEUED, MailStatus.FAILED}),
        MailStatus.FAILED: frozenset({MailStatus.QUEUED}),
        MailStatus.SENT: frozenset(),
    },
)
MAIL_STATUS_LABELS = {
    MailStatus.QUEUED: _("Queued"),
    MailStatus.SENDING: _("Being sent"),
    MailStatus.SENT: _("Sent"),
    MailStatus.FAILED: _("Failed"),
}


class Mail(HasStatus, models.Model):
    """One mail to one or more addresses, rendered when it was written."""

    TRANSITIONS: ClassVar[TransitionTable[MailStatus]] = MAIL_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "mail")
    )
    kind = models.CharField(_("kind"), max_length=60, db_index=True)
    # What makes "once each" true: a second mail with the same key is never written.
    once_key = models.CharField(max_length=200, unique=True, null=True, blank=True)
    organisation_id = models.CharField(_("organisation"), max_length=40, blank=True, db_index=True)
    subject_id = models.CharField(_("about"), max_length=40, blank=True, db_index=True)
    recipients = models.JSONField(_("to"), default=list)
    reply_to = models.EmailField(_("answers go to"), blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"))
    # Public ids of documents; what they stand for is asked for when the mail goes out.
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(MAIL_STATUS_LABELS.items()),
        default=MailStatus.QUEUED,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"), db_index=True)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        permissions = [("resend_mail", _("May send a failed mail again"))]
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="mail_due",
                condition=models.Q(status__in=["queued", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return self.subject

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A mail is kept")
