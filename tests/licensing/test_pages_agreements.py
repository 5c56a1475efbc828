"""The page of an agreement, and asking for its key again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.models import KeyRequest, SeatLedgerEntry
from licensing.services.agreements import cancel_agreement
from licensing.services.key_requests import request_reissue
from licensing.services.keys import collect_key, issue_key, revoke_licence
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.kit import clock
from tests.licensing.conftest import PERSON, STAFF
from tests.licensing.pages import words

pytestmark = pytest.mark.django_db


def address(agreement, tail: str = "") -> str:
    organisation = agreement.organisation.public_id
    return f"/o/{organisation}/agreements/{agreement.public_id}/{tail}"


def test_given_an_agreement_then_its_page_tells_term_seats_support_and_promise(
    key_request, sign_in
):
    shown = words(sign_in().get(address(key_request.agreement)))
    assert "Distribution Engine Active" in shown
    assert "Seats 12 Support Premier First day 23 Nov 2026 Last day included 22 Nov 2027" in shown
    assert "A key is on its way" in shown
    assert "Due by Tue, 24 Nov 2026, 10:00 GMT" in shown
    assert "No key has been issued yet." in shown


def test_given_seats_that_changed_then_the_ledger_adds_up(licence, sign_in):
    agreement = licence.agreement
    for quantity, day, reason in ((5, 24, "addition"), (-2, 25, "renewal")):
        SeatLedgerEntry.objects.create(
            agreement=agreement,
            quantity=quantity,
            effective_on=date(2026, 11, day),
            order_id=f"ord_{day}",
            reason=reason,
            at=clock.now(),
        )
    shown = words(sign_in().get(address(agreement)))
    assert "23 Nov 2026 First order · See the order +12 12" in shown
    assert "24 Nov 2026 More seats · See the order +5 17" in shown
    assert "25 Nov 2026 Renewal · See the order −2 15" in shown


def test_given_the_page_then_it_says_how_seats_are_added_today(licence, sign_in):
    answer = sign_in().get(address(licence.agreement))
    assert 'id="adding-seats"' in answer.content.decode()
    assert "You cannot do this on these pages yet." in words(answer)


@pytest.mark.parametrize(
    ("role", "sees_link", "may_ask"),
    [
        (Role.OWNER, True, True),
        (Role.LICENCE_MANAGER, True, True),
        (Role.BILLING, False, False),
        (Role.MEMBER, False, False),
    ],
)
def test_given_a_role_then_keys_are_linked_and_asked_for_by_those_who_may(
    licence, sign_in, role, sees_link, may_ask
):
    collect_key(licence=licence, actor=PERSON)
    answer = sign_in(role).get(address(licence.agreement))
    assert answer.status_code == 200
    assert (licence.public_id in answer.content.decode()) is sees_link
    assert ("Ask for a new key" in words(answer)) is may_ask
    assert ("Owners and licence managers can see the keys themselves." in words(answer)) is (
        not sees_link
    )
    assert licence.key not in answer.content.decode()


def test_given_a_replaced_key_then_both_stand_there_with_the_days_they_work(
    licence, customer, sign_in
):
    again = request_reissue(
        agreement=licence.agreement, reason="Lost", person=customer.owner, actor=PERSON
    )
    issue_key(key_request=again, issued_by="Desk", actor=STAFF)
    shown = words(sign_in().get(address(licence.agreement)))
    assert "12 In force Tue, 7 Dec 2027, 00:00 GMT Collect the key" in shown
    assert "12 Replaced, still works Wed, 23 Dec 2026, 10:00 GMT Collect the key" in shown


def test_given_a_lost_key_when_a_manager_asks_then_one_request_is_opened(licence, sign_in):
    browser = sign_in(Role.LICENCE_MANAGER)
    answer = browser.post(address(licence.agreement, "new-key/"), {"reason": "A stolen laptop."})
    again = KeyRequest.objects.get(kind="reissue")
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/requests/{again.public_id}/")
    assert again.reason == "A stolen laptop."
    assert again.requested_by == "licence_manager@customer.example"
    assert again.due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert AuditEvent.objects.get(subject_id=again.public_id).actor_name == again.requested_by
    assert "The licence desk has your request for a new key." in words(
        browser.get(answer["Location"])
    )


@pytest.mark.parametrize("role", [Role.BILLING, Role.MEMBER])
def test_given_who_may_not_ask_when_they_ask_then_403_and_no_request(licence, sign_in, role):
    answer = sign_in(role).post(address(licence.agreement, "new-key/"), {"reason": "Lost"})
    assert answer.status_code == 403
    assert "Ask somebody whose role is: Owner, Licence manager." in words(answer)
    assert not KeyRequest.objects.filter(kind="reissue").exists()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_given_no_or_too_long_a_reason_when_asking_then_a_sentence_and_no_request(
    licence, sign_in, reason
):
    answer = sign_in().post(address(licence.agreement, "new-key/"), {"reason": reason})
    assert answer.status_code == 422
    assert "Please check this form" in words(answer)
    assert not KeyRequest.objects.filter(kind="reissue").exists()


def test_given_a_key_on_its_way_when_asking_again_then_a_sentence_and_one_request(licence, sign_in):
    browser = sign_in()
    browser.post(address(licence.agreement, "new-key/"), {"reason": "Lost"})
    answer = browser.post(address(licence.agreement, "new-key/"), {"reason": "Lost"})
    assert answer.status_code == 409
    assert "A new key is on its way already." in words(answer)
    assert KeyRequest.objects.filter(kind="reissue").count() == 1


def test_given_three_keys_in_30_days_when_asking_a_fourth_time_then_a_sentence(
    licence, customer, sign_in
):
    for _ in range(3):
        again = request_reissue(
            agreement=licence.agreement, reason="Lost", person=customer.owner, actor=PERSON
        )
        issue_key(key_request=again, issued_by="Desk", actor=STAFF)
    answer = sign_in().post(address(licence.agreement, "new-key/"), {"reason": "Lost"})
    assert answer.status_code == 429
    assert "A key can be asked for again 3 times in 30 days. Please contact support." in words(
        answer
    )
    assert KeyRequest.objects.filter(kind="reissue").count() == 3
    with clock.pretend(clock.now() + timedelta(days=30)):
        answer = sign_in().post(address(licence.agreement, "new-key/"), {"reason": "Lost"})
    assert answer.status_code == 302


def test_given_no_key_in_force_then_the_page_says_why_none_can_be_asked_for(licence, sign_in):
    revoke_licence(licence=licence, reason="Misused", actor=STAFF)
    shown = words(sign_in().get(address(licence.agreement)))
    assert "There is no key in force that could be issued again." in shown
    assert "Ask for a new key" not in shown


def test_given_a_cancelled_agreement_then_nothing_is_offered(licence, sign_in):
    cancel_agreement(agreement=licence.agreement, reason="By mistake", actor=STAFF)
    shown = words(sign_in().get(address(licence.agreement)))
    assert "Distribution Engine Cancelled" in shown
    assert "Adding seats" not in shown
    assert "Ask for the key again" not in shown
    assert "Agreement cancelled · See the order −12 0" in shown


def test_given_somebody_elses_agreement_then_it_does_not_exist(licence, stranger, sign_in):
    browser = sign_in(person=stranger.owner)
    own = f"/o/{stranger.organisation.public_id}/agreements/{licence.agreement.public_id}/"
    for path in (own, address(licence.agreement)):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}new-key/", {"reason": "Lost"}).status_code == 404
    assert not KeyRequest.objects.filter(kind="reissue").exists()


def test_given_2_and_8_keys_then_the_page_makes_the_same_number_of_queries(
    licence, customer, sign_in
):
    browser = sign_in()
    browser.get(address(licence.agreement))

    def reissue(times: int) -> None:
        for _ in range(times):
            with clock.pretend(clock.now() + timedelta(days=31)):
                again = request_reissue(
                    agreement=licence.agreement, reason="Lost", person=customer.owner, actor=PERSON
                )
                issue_key(key_request=again, issued_by="Desk", actor=STAFF)
                KeyRequest.objects.update(requested_at=clock.now() - timedelta(days=60))

    reissue(1)
    with CaptureQueriesContext(connection) as few:
        browser.get(address(licence.agreement))
    reissue(6)
    with CaptureQueriesContext(connection) as many:
        browser.get(address(licence.agreement))
    assert len(few) == len(many) == 10


def test_given_26_agreements_then_the_list_has_two_pages(grant, customer, sign_in):
    for number in range(26):
        grant(label=f"Branch {number:02}", order_id=f"ord_{number}")
    browser = sign_in(Role.MEMBER)
    list_address = f"/o/{customer.organisation.public_id}/agreements/"
    browser.get(list_address)
    with CaptureQueriesContext(connection) as queries:
        first = browser.get(list_address)
    assert len(queries) == 6
    assert "1 to 25 of 26" in words(first)
    assert "Branch 25" in words(first)
    assert "Branch 00" not in words(first)
    assert "Branch 00" in words(browser.get(f"{list_address}?page=2"))
