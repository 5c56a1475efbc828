"""Alerts to the licence desk: soon due and overdue, once each."""

from datetime import UTC, datetime, timedelta

import pytest

from licensing.models import KeyRequest
from licensing.services import alerts
from licensing.services.alerts import sweep_alerts
from licensing.services.key_requests import answer_question, wait_for_customer
from licensing.services.keys import issue_key
from portal.kit import clock
from portal.notifications.models import Mail
from tests.licensing.conftest import PERSON, STAFF

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def kinds() -> list[str]:
    return list(Mail.objects.order_by("pk").values_list("kind", flat=True))


def sweep(at: datetime) -> int:
    with clock.pretend(at):
        return sweep_alerts(at)


# Two working hours before Tuesday 10:00: one on Tuesday morning, one on Monday before 17:30.
SOON = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)


def test_given_a_request_then_the_desk_is_told_two_working_hours_before_and_not_sooner(
    key_request, shop
):
    assert sweep(SOON - MINUTE) == 0
    assert kinds() == []
    assert sweep(SOON) == 1
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipients) == ("desk_due_soon", ["desk@northwind.example"])
    assert "Tue, 24 Nov 2026, 10:00 GMT" in mail.text
    assert mail.subject_id == key_request.public_id


def test_given_a_request_that_stays_open_then_each_alert_comes_once(key_request):
    for at in (SOON, SOON + MINUTE, DUE - MINUTE, DUE, DUE + MINUTE, DUE + timedelta(days=9)):
        sweep(at)
    assert kinds() == ["desk_due_soon", "desk_overdue"]
    key_request.refresh_from_db()
    assert (key_request.due_soon_alerted_at, key_request.overdue_alerted_at) == (SOON, DUE)


def test_given_an_overdue_request_that_was_never_soon_then_only_overdue_is_told(key_request):
    assert sweep(DUE) == 1
    assert sweep(DUE) == 0
    assert kinds() == ["desk_overdue"]


def test_given_a_key_that_was_issued_then_nobody_is_alerted(key_request):
    issue_key(key_request=key_request, issued_by="Desk", actor=STAFF)
    Mail.objects.filter(kind="key_issued").update(kind="done")
    assert sweep(DUE + MINUTE) == 0
    assert kinds() == ["done"]


def test_given_a_request_that_waits_for_the_customer_then_nobody_is_alerted_until_the_answer(
    key_request, now
):
    wait_for_customer(key_request=key_request, question="Which name?", actor=STAFF)
    assert sweep(DUE + timedelta(days=7)) == 0
    with clock.pretend(DUE + timedelta(days=7)):
        answered = answer_question(key_request=key_request, answer="Baker Ltd", actor=PERSON)
    assert answered.due_at > DUE + timedelta(days=7)
    sweep(answered.due_at)
    assert kinds() == ["request_question", "desk_overdue"]


def test_given_other_hours_of_warning_then_the_vendors_setting_holds(key_request, vendor):
    vendor.due_soon_hours = 4
    vendor.save()
    assert sweep(SOON - timedelta(hours=2)) == 1


def test_given_one_request_that_fails_then_the_other_is_told_and_the_first_comes_again(
    grant, monkeypatch
):
    broken, sound = grant(label="a"), grant(label="b", order_id="ord_2")
    mail = alerts.mail_desk_alert

    def fail_for_broken(kind, key_request, vendor):
        if key_request == broken:
            raise RuntimeError("a fault")
        return mail(kind, key_request, vendor)

    with monkeypatch.context() as faulty:
        faulty.setattr(alerts, "mail_desk_alert", fail_for_broken)
        assert sweep(DUE) == 1
    assert [mail.subject_id for mail in Mail.objects.all()] == [sound.public_id]
    assert KeyRequest.objects.get(pk=broken.pk).overdue_alerted_at is None
    assert sweep(DUE) == 1


def test_given_many_requests_then_the_sweep_finds_them_with_one_query_each_kind(
    grant, django_assert_num_queries
):
    for number in range(3):
        grant(label=str(number), order_id=f"ord_{number}", at=datetime(2026, 12, 1, 10, tzinfo=UTC))
    with django_assert_num_queries(3):
        assert sweep(datetime(2026, 11, 23, 10, 0, tzinfo=UTC)) == 0
