"""Codes and links that open accounts do not stay readable in the outbox."""

from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from portal.notifications.models import Mail, MailStatus
from portal.notifications.secrets import REMOVED
from portal.notifications.services import deliver_mail, queue_mail, queue_rendered
from tests.factories import StaffFactory
from tests.notifications.contexts import CONTEXTS

pytestmark = pytest.mark.django_db
CODE = "ZX7-PQ2"


@pytest.fixture(autouse=True)
def production(settings):
    settings.MAIL_KEEPS_SECRETS = False


@pytest.fixture
def code_mail(now):
    """Given a sign-in code that is written and not sent yet."""
    return queue_rendered(
        kind="account.login_code",
        recipients=["ann@customer.example"],
        subject="Your sign-in code",
        text=f"Your code is {CODE}.",
        html=f"<p>Your code is {CODE}.</p>",
    )


@pytest.fixture
def invitation_mail(now):
    return queue_mail(
        kind="invitation",
        recipients=["ann@customer.example"],
        context=CONTEXTS["invitation"],
        time_zone=ZoneInfo("Europe/London"),
    )


def bodies(mail):
    row = Mail.objects.get(pk=mail.pk)
    return row.status, row.text, row.html


def test_given_a_sign_in_code_when_sent_then_the_reader_has_it_and_the_outbox_does_not(code_mail):
    assert deliver_mail(code_mail.public_id) is True
    assert CODE in outbox.outbox[0].body
    assert bodies(code_mail) == (MailStatus.SENT, REMOVED, REMOVED)


def test_given_an_invitation_when_sent_then_its_link_is_taken_out(invitation_mail):
    link = CONTEXTS["invitation"]["accept_url"]
    deliver_mail(invitation_mail.public_id)
    assert link in outbox.outbox[0].body
    assert bodies(invitation_mail) == (MailStatus.SENT, REMOVED, REMOVED)


def test_given_no_mail_server_then_the_code_is_kept_for_the_next_attempt(code_mail, monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", lambda self, messages: 0)
    deliver_mail(code_mail.public_id)
    status, text, _html = bodies(code_mail)
    assert (status, text) == (MailStatus.QUEUED, f"Your code is {CODE}.")


def test_given_a_mail_without_a_secret_when_sent_then_it_stays_readable(now):
    mail = queue_mail(
        kind="paid",
        recipients=["ann@customer.example"],
        context=CONTEXTS["paid"],
        time_zone=ZoneInfo("Europe/London"),
    )
    deliver_mail(mail.public_id)
    assert bodies(mail) == (MailStatus.SENT, mail.text, mail.html)


def test_given_the_demo_when_a_code_is_sent_then_its_mail_page_can_still_show_it(
    code_mail, settings
):
    settings.MAIL_KEEPS_SECRETS = True
    deliver_mail(code_mail.public_id)
    assert CODE in bodies(code_mail)[1]


def test_given_a_code_that_waits_to_be_sent_then_staff_cannot_read_it(code_mail, vendor, client):
    client.force_login(StaffFactory())
    page = client.get(reverse("admin:notifications_mail_change", args=[code_mail.public_id]))
    assert page.status_code == 200
    assert CODE not in page.content.decode()
    preview = reverse("admin:notifications_mail_preview", args=[code_mail.public_id])
    assert client.get(preview).status_code == 404


def test_given_the_demo_then_staff_read_the_code_on_the_mail_page(
    code_mail, vendor, client, settings
):
    settings.MAIL_KEEPS_SECRETS = True
    client.force_login(StaffFactory())
    page = client.get(reverse("admin:notifications_mail_change", args=[code_mail.public_id]))
    assert CODE in page.content.decode()
