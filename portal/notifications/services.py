"""Writing mails beside the change that they tell of, and delivering them after it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from portal.audit.services import Actor, record_event
from portal.kit import clock
from portal.kit.jobs import enqueue
from portal.notifications.attachments import resolve, resolver_of
from portal.notifications.models import Mail, MailStatus
from portal.notifications.rendering import RenderedMail, one_line, render_mail
from portal.notifications.secrets import without_secret

logger = structlog.get_logger(__name__)

# How long to wait after each failed attempt; a mail that failed once more than that has failed.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
MAXIMUM_ATTEMPTS = len(BACKOFF) + 1
# A worker that took a mail and did not come back by then is dead.
CLAIM_LASTS = timedelta(minutes=10)
BATCH = 200
ERROR_LENGTH = 2000


class NothingSent(Exception):
    """The mail server took no message and gave no reason."""


def queue_mail(
    *,
    kind: str,
    recipients: Sequence[str],
    context: Mapping[str, Any],
    time_zone: ZoneInfo,
    organisation_id: str = "",
    subject_id: str = "",
    attachments: Sequence[str] = (),
    once_key: str | None = None,
    reply_to: str = "",
) -> Mail | None:
    """Write one mail from its templates, with times in `time_zone`; it goes out after commit.

    `attachments` are public ids with a registered prefix. Returns None, and writes nothing, where
    a mail with `once_key` exists or nobody is to get it.
    """
    if once_key is not None and Mail.objects.filter(once_key=once_key).exists():
        return None
    return _store(
        render_mail(kind, context, time_zone),
        kind=kind,
        recipients=recipients,
        organisation_id=organisation_id,
        subject_id=subject_id,
        attachments=attachments,
        once_key=once_key,
        reply_to=reply_to,
    )


def queue_rendered(
    *,
    kind: str,
    recipients: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    organisation_id: str = "",
    subject_id: str = "",
    attachments: Sequence[str] = (),
    once_key: str | None = None,
    reply_to: str = "",
) -> Mail | None:
    """Write one mail that somebody else has worded; otherwise as `queue_mail`."""
    return _store(
        RenderedMail(subject=one_line(subject), text=text, html=html),
        kind=kind,
        recipients=recipients,
        organisation_id=organisation_id,
        subject_id=subject_id,
        attachments=attachments,
        once_key=once_key,
        reply_to=reply_to,
    )


def deliver_mail(mail_public_id: str) -> bool:
    """Send one mail that is due, and say whether it went out; a failed one waits and comes again.

    At least once: a worker that dies after sending leads to a second copy with the same
    Message-ID. A mail that another worker holds, or that is not due, is left alone.
    """
    mail = _claim(mail_public_id, clock.now())
    if mail is None:
        return False
    try:
        _send(mail)
    except Exception as error:  # whatever goes wrong is kept on the row and tried again
        logger.warning("mail_failed", mail=mail.public_id, attempt=mail.attempts, exc_info=True)
        _finish(mail, error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH])
        return False
    _finish(mail, error="")
    return True


def sweep_mails(now: datetime) -> int:
    """Take back what dead workers hold and send what is due; return how many mails went out."""
    _release_stuck(now)
    due = Mail.objects.filter(status=MailStatus.QUEUED, next_attempt_at__lte=now)
    ids = list(due.order_by("next_attempt_at").values_list("public_id", flat=True)[:BATCH])
    return sum(deliver_mail(public_id) for public_id in ids)


@transaction.atomic
def retry_mail(*, mail: Mail, actor: Actor) -> Mail:
    """Queue a failed mail again, with all its attempts; raises IllegalTransition for others."""
    mail = Mail.objects.select_for_update().get(pk=mail.pk)
    mail.move_to(MailStatus.QUEUED)
    mail.attempts = 0
    mail.next_attempt_at = clock.now()
    mail.save(update_fields=["status", "attempts", "next_attempt_at"])
    record_event(
        action="mail.retried",
        subject_id=mail.public_id,
        actor=actor,
        organisation_id=mail.organisation_id,
    )
    enqueue("notifications.deliver_mail", mail.public_id)
    return mail


def _store(
    rendered: RenderedMail,
    *,
    kind: str,
    recipients: Sequence[str],
    attachments: Sequence[str],
    once_key: str | None,
    **about: str,
) -> Mail | None:
    addresses = distinct_addresses(recipients)
    if not addresses:
        logger.warning("mail_without_recipient", kind=kind, subject_id=about["subject_id"])
        return None
    for public_id in attachments:
        resolver_of(public_id)
    now = clock.now()
    fields: dict[str, Any] = {
        **about,
        "kind": kind,
        "recipients": addresses,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "attachments": list(attachments),
        "created_at": now,
        "next_attempt_at": now,
    }
    mail, created = _create_once(fields, once_key)
    if not created:
        return None
    enqueue("notifications.deliver_mail", mail.public_id)
    return mail


def _create_once(fields: dict[str, Any], once_key: str | None) -> tuple[Mail, bool]:
    if once_key is None:
        return Mail.objects.create(**fields), True
    return Mail.objects.get_or_create(once_key=once_key, defaults=fields)


def distinct_addresses(addresses: Sequence[str]) -> list[str]:
    """Return each address once, whatever its case, in the order given; empty ones are dropped."""
    first_spelling: dict[str, str] = {}
    for address in addresses:
        if address.strip():
            first_spelling.setdefault(address.strip().lower(), address.strip())
    return list(first_spelling.values())


@transaction.atomic
def _claim(public_id: str, now: datetime) -> Mail | None:
    mail = (
        Mail.objects.select_for_update()
        .filter(public_id=public_id, status=MailStatus.QUEUED, next_attempt_at__lte=now)
        .first()
    )
    if mail is None:
        return None
    mail.move_to(MailStatus.SENDING)
    mail.claimed_at = now
    mail.attempts += 1
    mail.save(update_fields=["status", "claimed_at", "attempts"])
    return mail


def _send(mail: Mail) -> None:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=mail.recipients,
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={
            "Message-ID": f"<{mail.public_id}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for public_id in mail.attachments:
        file = resolve(public_id)
        message.attach(file.filename, file.content, file.content_type)
    if message.send() != 1:
        raise NothingSent("the mail server took no message")


@transaction.atomic
def _finish(claimed: Mail, *, error: str) -> None:
    """Write down how it went, unless a sweep has taken the mail from this worker meanwhile."""
    mail = Mail.objects.select_for_update().get(pk=claimed.pk)
    if mail.status != MailStatus.SENDING or mail.claimed_at != claimed.claimed_at:
        return
    if error:
        _put_back(mail, error)
        return
    mail.move_to(MailStatus.SENT)
    mail.sent_at = clock.now()
    mail.error = ""
    mail.save(update_fields=["status", "sent_at", "error", *without_secret(mail)])


def _put_back(mail: Mail, error: str) -> None:
    """Queue a mail for its next attempt, or give up after the last and tell the log."""
    mail.error = error
    if mail.attempts >= MAXIMUM_ATTEMPTS:
        mail.move_to(MailStatus.FAILED)
        logger.error("mail_given_up", mail=mail.public_id, kind=mail.kind, error=error)
    else:
        mail.move_to(MailStatus.QUEUED)
        mail.next_attempt_at = clock.now() + BACKOFF[mail.attempts - 1]
    mail.save(update_fields=["status", "error", "next_attempt_at"])


def _release_stuck(now: datetime) -> None:
    held = Mail.objects.filter(
        status=MailStatus.SENDING, next_attempt_at__lte=now, claimed_at__lte=now - CLAIM_LASTS
    )
    for pk in list(held.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            mail = held.select_for_update().filter(pk=pk).first()
            if mail is not None:
                _put_back(mail, "the worker that sent it did not come back")
