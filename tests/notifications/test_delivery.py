"""Delivering mails: at least once, never by two workers, given up in the open."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend

from portal.audit.models import AuditEvent
from portal.audit.services import Actor
from portal.kit import clock
from portal.kit.transitions import IllegalTransition
from portal.notifications import services
from portal.notifications.models import Mail, MailStatus
from portal.notifications.services import deliver_mail, queue_mail, retry_mail, sweep_mails
from tests.notifications.contexts import CONTEXTS

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
STAFF = Actor(kind="staff", id="usr_1", name="staff@northwind.example")


@pytest.fixture
def mail(now):
    """Given a mail whose job was lost: it is written, and nobody sends it."""
    return queue_mail(
        kind="paid",
        recipients=["ann@customer.example"],
        context=CONTEXTS["paid"],
        time_zone=ZoneInfo("Europe/London"),
    )


@pytest.fixture
def server_down(monkeypatch):
    def refuse(self, messages):
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def reloaded(mail):
    return Mail.objects.get(pk=mail.pk)


def test_given_a_mail_when_delivered_then_it_has_both_parts_and_a_stable_message_id(mail):
    assert deliver_mail(mail.public_id) is True
    [sent] = outbox.outbox
    assert sent.to == ["ann@customer.example"]
    assert sent.body == mail.text
    assert [(part.content, part.mimetype) for part in sent.alternatives] == [
        (mail.html, "text/html")
    ]
    assert sent.extra_headers["Message-ID"] == f"<{mail.public_id}@localhost>"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_given_a_sent_mail_when_delivered_again_then_nothing_goes_out(mail):
    deliver_mail(mail.public_id)
    assert deliver_mail(mail.public_id) is False
    assert len(outbox.outbox) == 1


def test_given_a_mail_that_another_worker_holds_then_it_is_left_alone(mail, now):
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.SENDING, claimed_at=now)
    assert deliver_mail(mail.public_id) is False
    assert sweep_mails(now) == 0
    assert outbox.outbox == []


def test_given_an_unknown_id_then_nothing_happens(now):
    assert deliver_mail("mail_unknown") is False


def test_given_attachments_then_they_are_made_when_the_mail_goes_out(mail, invoice_files):
    Mail.objects.filter(pk=mail.pk).update(attachments=["inv_1"])
    deliver_mail(mail.public_id)
    assert outbox.outbox[0].attachments == [("inv_1.pdf", b"%PDF-1.7", "application/pdf")]


def test_given_an_attachment_that_cannot_be_made_then_no_mail_goes_without_it(mail):
    Mail.objects.filter(pk=mail.pk).update(attachments=["nobody_1"])
    assert deliver_mail(mail.public_id) is False
    assert outbox.outbox == []
    assert reloaded(mail).error.startswith("UnknownAttachment: ")


def test_given_an_address_for_answers_then_the_mail_carries_it(mail):
    Mail.objects.filter(pk=mail.pk).update(reply_to="ann@customer.example")
    deliver_mail(mail.public_id)
    assert outbox.outbox[0].reply_to == ["ann@customer.example"]


def test_given_no_mail_server_then_the_mail_waits_a_minute_with_its_error(mail, now, server_down):
    assert deliver_mail(mail.public_id) is False
    row = reloaded(mail)
    assert (row.status, row.attempts, row.next_attempt_at) == (MailStatus.QUEUED, 1, now + MINUTE)
    assert row.error == "ConnectionRefusedError: no mail server"


def test_given_a_server_that_takes_nothing_then_it_counts_as_a_failure(mail, monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", lambda self, messages: 0)
    assert deliver_mail(mail.public_id) is False
    assert reloaded(mail).error == "NothingSent: the mail server took no message"


def test_given_a_mail_that_waits_when_swept_too_early_then_it_is_not_tried(mail, now, server_down):
    deliver_mail(mail.public_id)
    with clock.pretend(now + MINUTE - timedelta(seconds=1)):
        sweep_mails(clock.now())
    assert reloaded(mail).attempts == 1


def test_given_eight_failures_then_the_mail_has_failed_and_stays_visible(mail, now, server_down):
    at = now
    for wait in (*services.BACKOFF, timedelta(0)):
        with clock.pretend(at):
            sweep_mails(at)
        at += wait
    row = reloaded(mail)
    assert (row.status, row.attempts) == (MailStatus.FAILED, 8)
    with clock.pretend(at + timedelta(days=1)):
        assert sweep_mails(clock.now()) == 0
    assert reloaded(mail).attempts == 8


def test_given_a_failed_mail_when_staff_try_again_then_it_has_all_its_attempts_and_goes_out(
    mail, now, django_capture_on_commit_callbacks
):
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.FAILED, attempts=8)
    with django_capture_on_commit_callbacks(execute=True):
        retry_mail(mail=mail, actor=STAFF)
    assert reloaded(mail).status == MailStatus.SENT
    event = AuditEvent.objects.get(action="mail.retried")
    assert (event.subject_id, event.actor_name) == (mail.public_id, STAFF.name)


def test_given_a_sent_mail_then_staff_cannot_send_it_again(mail):
    deliver_mail(mail.public_id)
    with pytest.raises(IllegalTransition):
        retry_mail(mail=mail, actor=STAFF)
    assert len(outbox.outbox) == 1


def test_given_a_lost_job_when_swept_then_the_mail_goes_out_once(mail, now):
    assert sweep_mails(now) == 1
    assert sweep_mails(now) == 0
    assert len(outbox.outbox) == 1


def test_given_a_worker_killed_between_sending_and_marking_then_the_copy_has_the_same_message_id(
    mail, now, monkeypatch
):
    def die(mail, *, error):
        raise SystemExit("killed")

    with monkeypatch.context() as killed:
        killed.setattr(services, "_finish", die)
        with pytest.raises(SystemExit):
            deliver_mail(mail.public_id)
    assert reloaded(mail).status == MailStatus.SENDING
    with clock.pretend(now + timedelta(minutes=9)):
        assert sweep_mails(clock.now()) == 0
    with clock.pretend(now + timedelta(minutes=10)):
        sweep_mails(clock.now())
    with clock.pretend(now + timedelta(minutes=12)):
        sweep_mails(clock.now())
    assert reloaded(mail).status == MailStatus.SENT
    ids = [sent.extra_headers["Message-ID"] for sent in outbox.outbox]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_given_a_slow_worker_whose_mail_was_taken_back_then_it_marks_nothing(
    mail, now, monkeypatch
):
    def slow(mail):
        with clock.pretend(now + timedelta(minutes=11)):
            services._release_stuck(clock.now())

    monkeypatch.setattr(services, "_send", slow)
    deliver_mail(mail.public_id)
    row = reloaded(mail)
    assert row.status == MailStatus.QUEUED
    assert row.error == "the worker that sent it did not come back"


def test_given_one_broken_mail_when_swept_then_the_others_go_out(mail, now):
    Mail.objects.filter(pk=mail.pk).update(attachments=["nobody_1"])
    queue_mail(
        kind="paid",
        recipients=["bob@customer.example"],
        context=CONTEXTS["paid"],
        time_zone=ZoneInfo("Europe/London"),
    )
    assert sweep_mails(now) == 1
    assert [sent.to for sent in outbox.outbox] == [["bob@customer.example"]]
