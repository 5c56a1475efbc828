"""The page of a key: shown only when asked for, to those who may see it, with its file."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.domain.files import block_of, read_licence_file
from licensing.domain.keys import read_key
from licensing.models import Licence
from licensing.services.key_requests import request_reissue
from licensing.services.keys import collect_key, issue_key, revoke_licence, suspend_licence
from licensing.services.signing import keyring
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.kit import clock
from tests.licensing.conftest import NOW, PERSON, STAFF
from tests.licensing.pages import words

pytestmark = pytest.mark.django_db

MAY_SEE = [Role.OWNER, Role.LICENCE_MANAGER]
MAY_NOT_SEE = [Role.BILLING, Role.MEMBER]


def address(licence, tail: str = "") -> str:
    organisation = licence.agreement.organisation.public_id
    return f"/o/{organisation}/licences/{licence.public_id}/{tail}"


@pytest.fixture
def collected(licence) -> Licence:
    return collect_key(licence=licence, actor=PERSON)


@pytest.fixture
def newer(collected, customer) -> Licence:
    """Given a second key that has replaced the first one."""
    again = request_reissue(
        agreement=collected.agreement, reason="Lost", person=customer.owner, actor=PERSON
    )
    return issue_key(key_request=again, issued_by="Desk", actor=STAFF)


@pytest.mark.parametrize("role", MAY_SEE)
def test_given_a_key_not_collected_when_its_page_is_read_then_the_key_is_not_there(
    licence, sign_in, role
):
    answer = sign_in(role).get(address(licence))
    licence.refresh_from_db()
    assert answer.status_code == 200
    assert "Your key is ready It covers 12 people." in words(answer)
    assert licence.key not in answer.content.decode()
    assert licence.first_collected_at is None


@pytest.mark.parametrize("role", MAY_SEE)
def test_given_a_key_not_collected_when_show_is_pressed_then_it_is_shown_from_then_on(
    licence, sign_in, role
):
    browser = sign_in(role)
    answer = browser.post(address(licence, "show/"), follow=True)
    licence.refresh_from_db()
    assert answer.redirect_chain == [(address(licence), 302)]
    assert licence.key in answer.content.decode()
    assert licence.first_collected_at == NOW
    assert "Open Setup, then Licence, and paste the key." in words(answer)
    assert "Show the key" not in words(answer)


def test_given_a_collected_key_when_show_is_pressed_again_then_the_first_time_stays(
    collected, sign_in
):
    with clock.pretend(datetime(2026, 11, 25, 10, 0, tzinfo=UTC)):
        sign_in().post(address(collected, "show/"))
    collected.refresh_from_db()
    assert collected.first_collected_at == NOW
    assert AuditEvent.objects.filter(action="licence.collected").count() == 1


@pytest.mark.parametrize("role", MAY_NOT_SEE)
def test_given_who_may_not_see_keys_then_every_way_to_it_is_refused_with_a_sentence(
    licence, sign_in, role
):
    browser = sign_in(role)
    answers = [
        browser.get(address(licence)),
        browser.post(address(licence, "show/")),
        browser.get(address(licence, "file/")),
        browser.get(f"/o/{licence.agreement.organisation.public_id}/licences/"),
    ]
    licence.refresh_from_db()
    for answer in answers:
        assert answer.status_code == 403
        assert "Ask somebody whose role is: Owner, Licence manager." in words(answer)
        assert licence.key not in answer.content.decode()
    assert licence.first_collected_at is None


def test_given_somebody_elses_licence_then_it_does_not_exist(licence, stranger, sign_in):
    browser = sign_in(person=stranger.owner)
    own = f"/o/{stranger.organisation.public_id}/licences/{licence.public_id}/"
    for path in (own, address(licence)):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}show/").status_code == 404
        assert browser.get(f"{path}file/").status_code == 404
    licence.refresh_from_db()
    assert licence.first_collected_at is None


def test_given_a_shown_key_then_no_cache_may_keep_the_page_or_the_file(collected, sign_in):
    browser = sign_in()
    for path in (address(collected), address(collected, "file/")):
        assert "no-store" in browser.get(path)["Cache-Control"]


def test_given_a_shown_key_then_the_page_tells_what_it_grants_and_until_when(collected, sign_in):
    shown = words(sign_in().get(address(collected)))
    assert "Seats 12 Support Premier First day 23 Nov 2026 Last day included 22 Nov 2027" in shown
    assert "Stops working Tue, 7 Dec 2027, 00:00 GMT (after 14 days of grace)" in shown


def test_given_a_shown_key_then_its_file_reads_with_our_public_key_and_ends_with_the_key(
    collected, sign_in
):
    answer = sign_in().get(address(collected, "file/"))
    text = answer.content.decode()
    name = f"distribution-engine-{collected.public_id[4:12]}.lic"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert text.rstrip().splitlines()[-1] == collected.key
    assert block_of(text).startswith("-----BEGIN LICENSE FILE-----")
    assert read_licence_file(text, keyring().public_keys) is not None
    assert read_key(collected.key, keyring().public_keys).seats == 12


def test_given_a_key_not_collected_when_its_file_is_asked_for_then_it_is_not_handed_over(
    licence, sign_in
):
    answer = sign_in().get(address(licence, "file/"), follow=True)
    licence.refresh_from_db()
    assert answer.redirect_chain == [(address(licence), 302)]
    assert "Show the key first; then you can download its file." in words(answer)
    assert licence.key not in answer.content.decode()
    assert licence.first_collected_at is None


def test_given_a_replaced_key_then_it_works_until_a_day_and_leads_to_the_newer(
    collected, newer, sign_in
):
    answer = sign_in().get(address(collected))
    assert "with its own seats, until Wed, 23 Dec 2026, 10:00 GMT." in words(answer)
    assert "Stops working Wed, 23 Dec 2026, 10:00 GMT" in words(answer)
    assert address(newer) in answer.content.decode()
    assert collected.key in answer.content.decode()


def test_given_a_replaced_key_after_its_overlap_then_only_the_newer_is_offered(
    collected, newer, sign_in
):
    with clock.pretend(datetime(2026, 12, 23, 10, 0, tzinfo=UTC)):
        answer = sign_in().get(address(collected))
    assert "This one stopped working on Wed, 23 Dec 2026, 10:00 GMT." in words(answer)
    assert address(newer) in answer.content.decode()
    assert collected.key not in answer.content.decode()


def test_given_a_suspended_key_then_the_reason_stands_beside_it(collected, sign_in):
    suspend_licence(licence=collected, reason="Chargeback <b>", actor=STAFF)
    answer = sign_in().get(address(collected))
    assert "This key is suspended Reason: Chargeback <b>" in words(answer)
    assert "Chargeback &lt;b&gt;" in answer.content.decode()
    assert collected.key in answer.content.decode()


def test_given_a_revoked_key_then_the_reason_is_told_and_neither_key_nor_file_given(
    collected, sign_in
):
    revoke_licence(licence=collected, reason="Cancelled in full", actor=STAFF)
    browser = sign_in()
    answer, file = browser.get(address(collected)), browser.get(address(collected, "file/"))
    assert "This key was revoked Reason: Cancelled in full" in words(answer)
    assert collected.key not in answer.content.decode()
    assert file.status_code == 409
    assert collected.key not in file.content.decode()


def test_given_a_revoked_key_when_show_is_pressed_then_it_is_not_collected(licence, sign_in):
    revoke_licence(licence=licence, reason="Cancelled in full", actor=STAFF)
    answer = sign_in().post(address(licence, "show/"), follow=True)
    licence.refresh_from_db()
    assert licence.first_collected_at is None
    assert licence.key not in answer.content.decode()


def test_given_an_expired_key_then_the_page_says_when_it_stopped(collected, sign_in):
    with clock.pretend(datetime(2027, 12, 7, 0, 0, tzinfo=UTC)):
        answer = sign_in().get(address(collected))
    assert "It stopped working on Tue, 7 Dec 2027, 00:00 GMT." in words(answer)
    assert collected.key not in answer.content.decode()


def test_given_keys_in_the_mail_then_the_page_shows_them_at_once(key_request, shop, sign_in):
    shop.product.key_in_mail = True
    shop.product.save()
    licence = issue_key(key_request=key_request, issued_by="Desk", actor=STAFF)
    assert licence.key in sign_in().get(address(licence)).content.decode()


def test_given_the_list_of_keys_then_it_holds_states_and_no_key(collected, newer, sign_in):
    browser = sign_in(Role.LICENCE_MANAGER)
    path = f"/o/{collected.agreement.organisation.public_id}/licences/"
    browser.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    assert len(queries) == 6
    assert "Distribution Engine 12 In force Tue, 7 Dec 2027, 00:00 GMT Collect the key" in words(
        answer
    )
    assert "Replaced, still works Wed, 23 Dec 2026, 10:00 GMT See the key" in words(answer)
    assert collected.key not in answer.content.decode()
    assert newer.key not in answer.content.decode()
