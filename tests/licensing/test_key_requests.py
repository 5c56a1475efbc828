"""Key requests: the promise's clock, who may close one, and asking again for a lost key."""

from datetime import UTC, datetime, timedelta

import pytest

from licensing.models import KeyRequest
from licensing.selectors import pending_requests
from licensing.services.errors import (
    AgreementNotActive,
    KeyOnItsWay,
    NoKeyYet,
    NotWaiting,
    RequestClosed,
    TextMissing,
    TextTooLong,
    TooManyReissues,
)
from licensing.services.key_requests import (
    answer_question,
    decline_key_request,
    request_reissue,
    take_request,
    wait_for_customer,
)
from licensing.services.keys import issue_key, suspend_licence
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.notifications.models import Mail
from tests import factories
from tests.licensing.conftest import PERSON, STAFF

pytestmark = pytest.mark.django_db


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# The three worked examples of the promise; London is on UTC in winter.
@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        (utc(2026, 11, 21, 12, 0), utc(2026, 11, 24, 9, 0)),
        (utc(2026, 11, 23, 20, 0), utc(2026, 11, 25, 9, 0)),
        (utc(2026, 12, 24, 16, 0), utc(2026, 12, 29, 16, 0)),
        (utc(2026, 7, 3, 9, 0), utc(2026, 7, 6, 9, 0)),
    ],
)
def test_given_an_acceptance_then_the_key_is_due_in_one_business_day(grant, accepted, due):
    assert grant(at=accepted).due_at == due


def test_given_a_promise_of_two_business_days_then_the_key_is_due_a_day_later(grant, shop):
    shop.product.promise_business_days = 2
    shop.product.save()
    assert grant(at=utc(2026, 11, 21, 12, 0)).due_at == utc(2026, 11, 25, 9, 0)


def test_given_a_request_when_taken_then_it_says_by_whom_and_a_colleague_may_take_over(
    key_request, staff
):
    colleague = factories.StaffFactory()
    take_request(key_request=key_request, staff=staff, actor=STAFF)
    take_request(key_request=key_request, staff=staff, actor=STAFF)
    taken = take_request(key_request=key_request, staff=colleague, actor=STAFF)
    assert (taken.taken_by, taken.taken_at) == (colleague, clock.now())
    events = AuditEvent.objects.filter(action="key_request.taken").order_by("pk")
    assert [event.data["taken_from"] for event in events] == ["", staff.public_id]


def test_given_a_question_then_the_clock_stands_still_and_the_customer_is_asked(
    key_request, customer, now
):
    waiting = wait_for_customer(key_request=key_request, question=" Which name? ", actor=STAFF)
    assert (waiting.status, waiting.due_at, waiting.waiting_since) == (
        "waiting_for_customer",
        None,
        now,
    )
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipients) == ("request_question", [customer.owner.email])
    assert "\nWhich name?\n" in mail.text
    assert f"/requests/{key_request.public_id}/" in mail.text


def test_given_an_answer_then_the_due_time_moves_by_the_working_time_that_the_clock_stood(
    key_request, now
):
    # Asked on Monday at 12:00, answered on Tuesday at 10:00: 5:30 and 1:00 of working time.
    with clock.pretend(now + timedelta(hours=2)):
        wait_for_customer(key_request=key_request, question="Which name?", actor=STAFF)
    with clock.pretend(utc(2026, 11, 24, 10, 0)):
        answered = answer_question(key_request=key_request, answer="Baker Ltd", actor=PERSON)
    assert (answered.status, answered.waiting_since) == ("open", None)
    assert answered.due_at == utc(2026, 11, 24, 16, 30)
    assert answered.pauses == [["2026-11-23T12:00:00+00:00", "2026-11-24T10:00:00+00:00"]]
    assert answered.answer == "Baker Ltd"


def test_given_a_broken_promise_when_the_customer_is_asked_then_it_stays_broken(key_request):
    with clock.pretend(utc(2026, 11, 24, 11, 0)):
        waiting = wait_for_customer(key_request=key_request, question="Which name?", actor=STAFF)
    assert waiting.due_at == utc(2026, 11, 24, 10, 0)


def test_given_no_question_open_then_an_answer_is_refused_and_kept_nowhere(key_request):
    with pytest.raises(NotWaiting):
        answer_question(key_request=key_request, answer="Baker Ltd", actor=PERSON)
    key_request.refresh_from_db()
    assert key_request.answer == ""


@pytest.mark.parametrize(("text", "error"), [("  ", TextMissing), ("x" * 501, TextTooLong)])
def test_given_no_text_or_too_much_then_nothing_changes_and_nobody_is_written_to(
    key_request, text, error
):
    with pytest.raises(error):
        wait_for_customer(key_request=key_request, question=text, actor=STAFF)
    with pytest.raises(error):
        decline_key_request(key_request=key_request, reason=text, actor=STAFF)
    key_request.refresh_from_db()
    assert (key_request.status, key_request.question) == ("open", "")
    assert Mail.objects.count() == 0


def test_given_a_declined_request_then_it_says_why_and_the_customer_is_told(
    key_request, customer, now
):
    declined = decline_key_request(key_request=key_request, reason="No such company.", actor=STAFF)
    assert (declined.status, declined.decided_by, declined.decided_at) == (
        "declined",
        STAFF.name,
        now,
    )
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipients) == ("request_declined", [customer.owner.email])
    assert "Reason: No such company." in mail.text
    assert "the money is refunded" in mail.text


def test_given_a_closed_request_then_staff_can_do_nothing_more_with_it(key_request, staff):
    decline_key_request(key_request=key_request, reason="No such company.", actor=STAFF)
    with pytest.raises(RequestClosed):
        decline_key_request(key_request=key_request, reason="Again.", actor=STAFF)
    with pytest.raises(RequestClosed):
        wait_for_customer(key_request=key_request, question="Which name?", actor=STAFF)
    with pytest.raises(RequestClosed):
        take_request(key_request=key_request, staff=staff, actor=STAFF)
    assert Mail.objects.count() == 1


def test_given_a_requester_who_left_then_only_members_are_written_to(grant, customer, colleague):
    colleague(Role.LICENCE_MANAGER, "lm@customer.example")
    colleague(Role.MEMBER, "member@customer.example")
    gone = colleague(Role.BILLING, "gone@customer.example")
    key_request = grant(requested_by=gone.email)
    gone.memberships.all().delete()
    wait_for_customer(key_request=key_request, question="Which name?", actor=STAFF)
    assert Mail.objects.get().recipients == [customer.owner.email, "lm@customer.example"]


def test_given_an_issued_key_when_lost_then_it_can_be_asked_for_again(licence, customer, now):
    again = request_reissue(
        agreement=licence.agreement, reason="Server died.", person=customer.owner, actor=PERSON
    )
    assert (again.kind, again.status, again.order_id) == ("reissue", "open", "")
    assert (again.quantity_before, again.quantity_after) == (12, 12)
    assert again.due_at == utc(2026, 11, 24, 10, 0)
    assert (again.requested_by, again.reason) == (customer.owner.email, "Server died.")


def ask_again(licence, customer):
    return request_reissue(
        agreement=licence.agreement, reason="Lost.", person=customer.owner, actor=PERSON
    )


def test_given_one_on_its_way_then_a_second_is_refused(licence, customer):
    first = ask_again(licence, customer)
    with pytest.raises(KeyOnItsWay) as refused:
        ask_again(licence, customer)
    assert refused.value.data == {"key_request": first.public_id}
    assert KeyRequest.objects.filter(kind="reissue").count() == 1


def test_given_three_in_thirty_days_then_the_fourth_is_refused_until_the_first_is_older(
    licence, customer, now
):
    for _ in range(3):
        issue_key(key_request=ask_again(licence, customer), issued_by="Desk", actor=STAFF)
    too_early = now + timedelta(days=30) - timedelta(seconds=1)
    with clock.pretend(too_early), pytest.raises(TooManyReissues) as refused:
        ask_again(licence, customer)
    assert refused.value.status == 429
    assert refused.value.data == {"limit": 3, "days": 30}
    assert KeyRequest.objects.filter(kind="reissue").count() == 3
    with clock.pretend(now + timedelta(days=30)):
        assert ask_again(licence, customer).status == "open"


def test_given_no_key_yet_then_it_cannot_be_asked_for_again(key_request, customer):
    with pytest.raises(NoKeyYet):
        request_reissue(
            agreement=key_request.agreement, reason="Lost.", person=customer.owner, actor=PERSON
        )


def test_given_a_suspended_key_then_it_cannot_be_asked_for_again(licence, customer):
    suspend_licence(licence=licence, reason="Unpaid.", actor=STAFF)
    with pytest.raises(NoKeyYet):
        ask_again(licence, customer)


def test_given_a_key_that_has_expired_then_it_cannot_be_asked_for_again(licence, customer):
    with clock.pretend(utc(2027, 12, 7, 0, 0)), pytest.raises(NoKeyYet):
        ask_again(licence, customer)


def test_given_an_agreement_that_is_not_active_then_no_key_can_be_asked_for(licence, customer):
    licence.agreement.move_to("suspended")
    licence.agreement.save(update_fields=["status"])
    with pytest.raises(AgreementNotActive):
        ask_again(licence, customer)


def test_given_a_queue_then_the_longest_overdue_comes_first_and_waiting_ones_last(grant, shop):
    later = grant(order_id="ord_1", label="a", at=utc(2026, 11, 23, 11, 0))
    first = grant(order_id="ord_2", label="b", at=utc(2026, 11, 20, 11, 0))
    asked = grant(order_id="ord_3", label="c", at=utc(2026, 11, 23, 9, 30))
    issued = grant(order_id="ord_4", label="d")
    wait_for_customer(key_request=asked, question="Which name?", actor=STAFF)
    issue_key(key_request=issued, issued_by="Desk", actor=STAFF)
    assert list(pending_requests()) == [first, later, asked]
