"""The page of a key request: its promise, its events, the licence desk's question."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.models import Order
from billing.services.keys import DeclineOutcome, decline_request
from licensing.models import KeyRequest
from licensing.services.key_requests import (
    decline_key_request,
    request_reissue,
    take_request,
    wait_for_customer,
)
from licensing.services.keys import issue_key
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.kit import clock
from tests.licensing.conftest import NOW, PERSON, STAFF
from tests.licensing.pages import words

pytestmark = pytest.mark.django_db


def address(key_request, tail: str = "") -> str:
    organisation = key_request.agreement.organisation.public_id
    return f"/o/{organisation}/requests/{key_request.public_id}/{tail}"


@pytest.fixture
def asked(order) -> KeyRequest:
    """Given a paid-for key that was returned with a question, after two working hours."""
    request = KeyRequest.objects.select_related("agreement__organisation").get(
        order_id=order().public_id
    )
    with clock.pretend(NOW + timedelta(hours=2)):
        decline_request(
            key_request=request, outcome=DeclineOutcome.RETURN, reason="Which name?", actor=STAFF
        )
    request.refresh_from_db()
    return request


@pytest.mark.parametrize("role", list(Role))
def test_given_a_request_then_every_role_sees_its_state_and_due_time(key_request, sign_in, role):
    shown = words(sign_in(role).get(address(key_request)))
    assert "Key request With the licence desk" in shown
    assert "What for First key Seats 12 Key due by Tue, 24 Nov 2026, 10:00 GMT" in shown
    assert "Key asked for Mon, 23 Nov 2026, 10:00 GMT" in shown
    assert "The licence desk issues the key (still to come)" in shown


def test_given_a_due_time_at_an_opening_then_by_close_and_the_readers_own_time(
    grant, customer, sign_in
):
    customer.owner.time_zone = "Europe/Berlin"
    customer.owner.save()
    request = grant(at=datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    shown = words(sign_in().get(address(request)))
    assert "by close of business on 23 Nov 2026" in shown
    assert (
        "At the latest Tue, 24 Nov 2026, 10:00 CET in your time zone. "
        "Our working hours are those of Europe/London." in shown
    )


def test_given_a_broken_promise_then_the_page_admits_it(key_request, sign_in):
    with clock.pretend(datetime(2026, 11, 24, 10, 0, tzinfo=UTC)):
        shown = words(sign_in().get(address(key_request)))
    assert "Overdue" in shown
    assert "We are late, and have not kept our promise." in shown


@pytest.mark.parametrize("role", [Role.OWNER, Role.LICENCE_MANAGER])
def test_given_a_question_when_it_is_answered_then_the_order_and_the_clock_run_on(
    asked, sign_in, role
):
    browser = sign_in(role)
    shown = words(browser.get(address(asked)))
    assert "The licence desk asks Which name? Your answer Send the answer" in shown
    assert "Key due Paused: waiting for your answer" in shown
    with clock.pretend(NOW + timedelta(hours=5)):
        answer = browser.post(address(asked, "answer/"), {"answer": "Harbour Ltd"}, follow=True)
    asked.refresh_from_db()
    assert asked.status == "open"
    assert asked.answer == "Harbour Ltd"
    assert asked.due_at == datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    assert Order.objects.get(public_id=asked.order_id).status == "accepted"
    assert "The licence desk asked: Which name? You answered: Harbour Ltd" in words(answer)
    assert "Thank you. The licence desk goes on with your key." in words(answer)


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        (Role.MEMBER, "Owners and licence managers of your organisation can answer."),
        # Who may order answers where the order is.
        (Role.BILLING, "Answer on the order’s page"),
    ],
)
def test_given_a_question_then_who_may_not_answer_here_is_told_who_may(
    asked, sign_in, role, sentence
):
    browser = sign_in(role)
    shown = words(browser.get(address(asked)))
    assert sentence in shown
    assert "Send the answer" not in shown
    answer = browser.post(address(asked, "answer/"), {"answer": "Harbour Ltd"})
    asked.refresh_from_db()
    assert answer.status_code == 403
    assert asked.status == "waiting_for_customer"
    assert asked.answer == ""


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_given_no_or_too_long_an_answer_then_a_sentence_and_the_question_stays(
    asked, sign_in, text
):
    answer = sign_in().post(address(asked, "answer/"), {"answer": text})
    asked.refresh_from_db()
    assert answer.status_code == 422
    assert "Please check this form" in words(answer)
    assert asked.status == "waiting_for_customer"
    assert not AuditEvent.objects.filter(action="key_request.answered").exists()


def test_given_no_question_when_an_answer_is_sent_then_409_and_nothing_changes(order, sign_in):
    request = KeyRequest.objects.get(order_id=order().public_id)
    answer = sign_in().post(address(request, "answer/"), {"answer": "Yes"})
    request.refresh_from_db()
    assert answer.status_code == 409
    assert (request.status, request.answer) == ("open", "")


def test_given_the_events_then_they_stand_in_order(asked, staff, sign_in):
    with clock.pretend(NOW + timedelta(hours=1)):
        take_request(key_request=asked, staff=staff, actor=STAFF)
    shown = words(sign_in().get(address(asked)))
    events = [
        "Key asked for Mon, 23 Nov 2026, 10:00 GMT",
        "Taken up by the licence desk Mon, 23 Nov 2026, 11:00 GMT",
        "We asked you a question Mon, 23 Nov 2026, 12:00 GMT",
        "The licence desk issues the key (still to come)",
    ]
    places = [shown.index(event) for event in events]
    assert places == sorted(places)
    assert staff.email not in shown
    assert staff.name not in shown


def test_given_an_answered_question_then_both_stand_in_the_events(asked, sign_in):
    with clock.pretend(NOW + timedelta(hours=5)):
        shown = words(
            sign_in().post(address(asked, "answer/"), {"answer": "Harbour Ltd"}, follow=True)
        )
    assert shown.index("We asked you a question") < shown.index(
        "You answered Mon, 23 Nov 2026, 15:00 GMT"
    )


def test_given_an_issued_key_then_who_may_see_it_is_led_to_it(licence, sign_in):
    request = licence.key_request
    owner, member = sign_in().get(address(request)), sign_in(Role.MEMBER).get(address(request))
    assert "Key issued Mon, 23 Nov 2026, 10:00 GMT" in words(owner)
    assert "Collect the key" in words(owner)
    assert licence.public_id not in member.content.decode()


def test_given_a_declined_order_then_the_reason_and_the_money_are_told(order, sign_in):
    request = KeyRequest.objects.get(order_id=order().public_id)
    decline_request(
        key_request=request, outcome=DeclineOutcome.REFUND, reason="Not <found>", actor=STAFF
    )
    answer = sign_in().get(address(request))
    assert "The licence desk declined this request Reason: Not <found>" in words(answer)
    assert "Not &lt;found&gt;" in answer.content.decode()
    assert "If the order was paid, the money goes back the way it was paid." in words(answer)
    assert "Key due" not in words(answer)


def test_given_a_declined_reissue_then_the_old_key_stays(licence, customer, sign_in):
    again = request_reissue(
        agreement=licence.agreement, reason="Lost", person=customer.owner, actor=PERSON
    )
    decline_key_request(key_request=again, reason="Ask your colleague", actor=STAFF)
    shown = words(sign_in().get(address(again)))
    assert "The key that you have stays as it is." in shown
    assert "the money goes back" not in shown


def test_given_somebody_elses_request_then_it_does_not_exist(asked, stranger, sign_in):
    browser = sign_in(person=stranger.owner)
    own = f"/o/{stranger.organisation.public_id}/requests/{asked.public_id}/"
    for path in (own, address(asked)):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}answer/", {"answer": "Mine"}).status_code == 404
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("waiting_for_customer", "")


def test_given_a_question_without_a_return_then_the_answer_only_starts_the_clock(order, sign_in):
    placed = order()
    request = KeyRequest.objects.get(order_id=placed.public_id)
    wait_for_customer(key_request=request, question="Which name?", actor=STAFF)
    sign_in().post(address(request, "answer/"), {"answer": "Harbour Ltd"})
    request.refresh_from_db()
    placed.refresh_from_db()
    assert (request.status, placed.status) == ("open", "accepted")


def test_given_a_key_asked_for_again_then_the_page_tells_why(licence, customer, sign_in):
    again = request_reissue(
        agreement=licence.agreement, reason="A stolen laptop", person=customer.owner, actor=PERSON
    )
    issue_key(key_request=again, issued_by="Desk", actor=STAFF)
    shown = words(sign_in().get(address(again)))
    assert "What for Key asked for again Seats 12 Why A stolen laptop" in shown
