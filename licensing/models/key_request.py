"""A customer's ask for a key, due within the product's promise."""

from enum import StrEnum
from functools import partial
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from licensing.domain.statuses import KEY_REQUEST_TRANSITIONS, KeyRequestStatus
from licensing.models.agreement import Agreement
from portal.kit.ids import new_public_id
from portal.kit.state import HasStatus
from portal.kit.transitions import TransitionTable


class KeyRequestKind(StrEnum):
    FIRST = "first"
    ADDITION = "addition"
    RENEWAL = "renewal"
    REISSUE = "reissue"


KEY_REQUEST_KIND_LABELS = {
    KeyRequestKind.FIRST: _("First key"),
    KeyRequestKind.ADDITION: _("More seats"),
    KeyRequestKind.RENEWAL: _("Renewal"),
    KeyRequestKind.REISSUE: _("Key asked for again"),
}
KEY_REQUEST_STATUS_LABELS = {
    KeyRequestStatus.OPEN: _("With the licence desk"),
    KeyRequestStatus.WAITING_FOR_CUSTOMER: _("Waiting for you"),
    KeyRequestStatus.ISSUED: _("Issued"),
    KeyRequestStatus.DECLINED: _("Declined"),
    KeyRequestStatus.CANCELLED: _("Cancelled"),
}


class KeyRequest(HasStatus, models.Model):
    """One ask for one key; the clock runs until it is issued, and stops only for the customer."""

    TRANSITIONS: ClassVar[TransitionTable[KeyRequestStatus]] = KEY_REQUEST_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "req")
    )
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="key_requests")
    kind = models.CharField(_("kind"), max_length=10, choices=list(KEY_REQUEST_KIND_LABELS.items()))
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=list(KEY_REQUEST_STATUS_LABELS.items()),
        default=KeyRequestStatus.OPEN,
    )
    order_id = models.CharField(_("order"), max_length=40, blank=True, db_index=True)
    requested_by = models.CharField(_("asked for by"), max_length=254, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    quantity_before = models.PositiveIntegerField(_("seats on the old key"), default=0)
    quantity_after = models.PositiveIntegerField(_("seats on the new key"))
    requested_at = models.DateTimeField(_("asked for"))
    # Null while the clock stands still, waiting for the customer.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    question = models.CharField(_("question to the customer"), max_length=500, blank=True)
    answer = models.CharField(_("answer of the customer"), max_length=500, blank=True)
    # Closed waits as [from, to] ISO times, so that the due time can be explained.
    pauses = models.JSONField(_("waits"), default=list, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken by"),
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=254, blank=True)
    decline_reason = models.CharField(_("reason for declining"), max_length=500, blank=True)
    due_soon_alerted_at = models.DateTimeField(null=True, blank=True)
    overdue_alerted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("key request")
        verbose_name_plural = _("key requests")
        permissions = [("issue_key", _("May take, issue and decline key requests"))]
        ordering = [models.F("due_at").asc(nulls_last=True), "pk"]
        constraints = [
            # One request for one order, whatever happens twice.
            models.UniqueConstraint(
                fields=["order_id"],
                condition=~models.Q(order_id="") & ~models.Q(kind="reissue"),
                name="key_request_once_for_order",
            ),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=models.Q(kind="reissue", status__in=["open", "waiting_for_customer"]),
                name="key_request_one_open_reissue",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity_after__gte=1), name="key_request_has_seats"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="key_request_due",
                condition=models.Q(status__in=["open", "waiting_for_customer"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.agreement}"
