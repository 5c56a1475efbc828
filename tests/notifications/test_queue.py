"""Writing mails: beside the change, once, to somebody."""

from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.db import transaction
from django.db.models import QuerySet

from portal.notifications.attachments import UnknownAttachment
from portal.notifications.models import Mail, MailStatus
from portal.notifications.services import queue_mail, queue_rendered
from tests.notifications.contexts import CONTEXTS

LONDON = ZoneInfo("Europe/London")
pytestmark = pytest.mark.django_db


def queue_paid(**changes):
    arguments = {
        "kind": "paid",
        "recipients": ["ann@customer.example"],
        "context": CONTEXTS["paid"],
        "time_zone": LONDON,
        **changes,
    }
    return queue_mail(**arguments)


def test_given_a_transaction_when_it_commits_then_the_mail_goes_out_and_is_marked(
    now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        mail = queue_paid(organisation_id="org_1", subject_id="ord_1")
        assert outbox.outbox == []
    mail.refresh_from_db()
    assert (mail.status, mail.sent_at, mail.attempts) == (MailStatus.SENT, now, 1)
    assert (mail.organisation_id, mail.subject_id) == ("org_1", "ord_1")
    assert mail.subject == "Payment received for invoice INV-2026-00001"
    assert [sent.subject for sent in outbox.outbox] == [mail.subject]


@pytest.mark.django_db(transaction=True)
def test_given_a_transaction_when_it_is_undone_then_nothing_is_written_or_sent():
    with transaction.atomic():
        queue_paid()
        transaction.set_rollback(True)
    assert Mail.objects.count() == 0
    assert outbox.outbox == []


def test_given_a_once_key_when_queued_twice_then_the_second_is_none_and_nothing_is_added(now):
    first = queue_paid(once_key="paid:pay_1")
    second = queue_paid(once_key="paid:pay_1", recipients=["other@customer.example"])
    assert second is None
    assert list(Mail.objects.values_list("public_id", flat=True)) == [first.public_id]


def test_given_a_once_key_lost_in_a_race_then_the_database_decides_and_the_change_goes_on(
    now, monkeypatch
):
    queue_paid(once_key="paid:pay_1")
    monkeypatch.setattr(QuerySet, "exists", lambda self: False)
    assert queue_paid(once_key="paid:pay_1") is None
    assert Mail.objects.count() == 1


def test_given_addresses_that_differ_in_case_then_each_person_gets_it_once(now):
    mail = queue_paid(
        recipients=["Ann@customer.example", "ann@customer.example", " ", "b@c.example"]
    )
    assert mail.recipients == ["Ann@customer.example", "b@c.example"]


def test_given_nobody_to_write_to_then_no_mail_is_made(now):
    assert queue_paid(recipients=["", " "]) is None
    assert Mail.objects.count() == 0


def test_given_an_attachment_that_no_app_makes_then_the_change_fails_at_once(now):
    with pytest.raises(UnknownAttachment):
        queue_paid(attachments=["nobody_1"])
    assert Mail.objects.count() == 0


def test_given_words_of_somebody_else_then_they_are_kept_and_the_subject_is_one_line(now):
    mail = queue_rendered(
        kind="account.code",
        recipients=["ann@customer.example"],
        subject="Your\n code ",
        text="123 456\n",
        reply_to="support@northwind.example",
    )
    assert (mail.subject, mail.text, mail.html) == ("Your code", "123 456\n", "")
    assert mail.reply_to == "support@northwind.example"


def test_given_a_mail_then_it_cannot_be_deleted(now):
    mail = queue_paid()
    with pytest.raises(TypeError, match="kept"):
        mail.delete()
