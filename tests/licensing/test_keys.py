"""Keys: what they state, who gets to know, what a new one does to the old."""

from datetime import UTC, date, datetime, timedelta

import pytest
from keygen.verifier import Verifier

from licensing.domain.files import block_of, read_licence_file
from licensing.domain.keys import SCHEME, InvalidKey, read_key
from licensing.domain.signing import format_signing_keys, new_signing_key, parse_signing_keys
from licensing.domain.standing import Standing
from licensing.domain.statuses import KeyRequestStatus
from licensing.models import Licence
from licensing.models.key_request import KeyRequestKind
from licensing.selectors import standing_of
from licensing.services.agreements import cancel_agreement
from licensing.services.errors import (
    AgreementNotActive,
    KeyAlreadyIssued,
    LicenceRevoked,
    NeedsDevice,
)
from licensing.services.key_requests import (
    decline_key_request,
    open_key_request,
    request_reissue,
    wait_for_customer,
)
from licensing.services.keys import (
    collect_key,
    issue_key,
    licence_file,
    reinstate_licence,
    revoke_licence,
    suspend_licence,
)
from licensing.services.signing import UnknownSigningKey, keyring
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.transitions import IllegalTransition
from portal.notifications.models import Mail
from tests.licensing.conftest import PERSON, STAFF

pytestmark = pytest.mark.django_db
PUBLIC_KEYS = {
    key.kid: key.public_key
    for key in parse_signing_keys("test-1=dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ=")
}


def issue(key_request):
    return issue_key(key_request=key_request, issued_by="Desk", actor=STAFF)


def ask_for(licence, seats: int, kind=KeyRequestKind.ADDITION, order_id="ord_2"):
    return open_key_request(
        agreement=licence.agreement,
        kind=kind,
        quantity_before=licence.seats,
        quantity_after=seats,
        order_id=order_id,
        at=clock.now(),
        actor=PERSON,
    )


def test_given_a_request_when_issued_then_the_key_states_what_was_bought(licence, customer, shop):
    payload = read_key(licence.key, PUBLIC_KEYS)
    assert payload.license_id == licence.public_id
    assert payload.account_id == "vendor"
    assert payload.product_id == shop.product.public_id
    assert payload.policy_id == licence.agreement.public_id
    assert payload.policy_duration == 365 * 86_400
    assert payload.user_id == payload.organisation_id == customer.organisation.public_id
    assert payload.user_email is None
    assert payload.organisation_name == customer.organisation.legal_name
    assert (payload.seats, payload.support, payload.device) == (12, "premier", None)
    assert (payload.kid, payload.created) == ("test-1", licence.issued_at)


def test_given_a_term_and_grace_then_the_key_expires_at_midnight_of_the_vendor(licence):
    payload = read_key(licence.key, PUBLIC_KEYS)
    assert payload.ends_on == licence.ends_on == date(2027, 11, 23)
    assert payload.expiry == licence.expires_at == datetime(2027, 12, 7, tzinfo=UTC)


def test_given_a_term_that_ends_in_summer_then_midnight_in_london_is_eleven_in_utc(grant):
    licence = issue(grant(starts_on=date(2027, 6, 1)))
    assert licence.expires_at == datetime(2028, 6, 14, 23, 0, tzinfo=UTC)
    assert licence.starts_on == date(2027, 6, 1)


def test_given_an_issued_key_when_the_sdk_verifies_it_then_it_is_genuine_and_one_byte_less_is_not(
    licence,
):
    verifier = Verifier(PUBLIC_KEYS["test-1"].hex())
    assert verifier.verify_license_key(SCHEME, licence.key)
    middle = len(licence.key) // 2
    swapped = "A" if licence.key[middle] != "A" else "B"
    changed = licence.key[:middle] + swapped + licence.key[middle + 1 :]
    with pytest.raises(Exception, match=r"(?i)invalid|signature|key"):
        verifier.verify_license_key(SCHEME, changed)
    with pytest.raises(InvalidKey):
        read_key(changed, PUBLIC_KEYS)


def test_given_a_request_when_issued_then_it_is_closed_and_logged(key_request, now):
    licence = issue(key_request)
    key_request.refresh_from_db()
    assert key_request.status == KeyRequestStatus.ISSUED
    assert (key_request.decided_by, key_request.decided_at) == ("Desk", now)
    assert (licence.issued_by, licence.issued_at) == ("Desk", now)
    event = AuditEvent.objects.get(action="licence.issued")
    assert (event.subject_id, event.actor_name) == (licence.public_id, STAFF.name)
    assert event.data == {
        "request": key_request.public_id,
        "seats": 12,
        "kid": "test-1",
        "replaces": "",
    }


def test_given_an_issued_request_when_issued_again_then_there_is_one_licence_and_one_mail(
    key_request,
):
    licence = issue(key_request)
    with pytest.raises(KeyAlreadyIssued) as refused:
        issue(key_request)
    assert refused.value.data == {"licence": licence.public_id}
    assert Licence.objects.count() == 1
    assert Mail.objects.count() == 1


def test_given_a_request_that_waits_or_is_declined_then_no_key_comes(key_request):
    wait_for_customer(key_request=key_request, question="Which name?", actor=STAFF)
    with pytest.raises(IllegalTransition):
        issue(key_request)
    decline_key_request(key_request=key_request, reason="No answer.", actor=STAFF)
    with pytest.raises(IllegalTransition):
        issue(key_request)
    assert Licence.objects.count() == 0
    assert not Mail.objects.filter(kind="key_issued").exists()


def test_given_an_agreement_that_is_not_active_then_no_key_comes(key_request):
    agreement = key_request.agreement
    agreement.move_to("suspended")
    agreement.save(update_fields=["status"])
    with pytest.raises(AgreementNotActive):
        issue(key_request)
    assert Licence.objects.count() == 0


def test_given_a_product_licensed_by_device_then_a_serial_is_needed_first(grant, shop):
    with pytest.raises(NeedsDevice):
        issue(grant(product=shop.device_product))
    assert Licence.objects.count() == 0


def test_given_a_key_then_those_who_may_see_it_and_the_requester_get_the_link_not_the_key(
    grant, customer, colleague
):
    colleague(Role.LICENCE_MANAGER, "lm@customer.example")
    colleague(Role.MEMBER, "member@customer.example")
    buyer = colleague(Role.BILLING, "buyer@customer.example")
    licence = issue(grant(requested_by=buyer.email))
    mail = Mail.objects.get()
    assert mail.kind == "key_issued"
    assert mail.recipients == [customer.owner.email, "lm@customer.example", buyer.email]
    assert licence.key not in mail.text + mail.html
    organisation = customer.organisation.public_id
    link = f"http://testserver/o/{organisation}/licences/{licence.public_id}/"
    assert link in mail.text
    assert link in mail.html
    assert licence.first_collected_at is None


def test_given_the_key_in_the_mail_then_only_those_who_may_see_it_get_it_so(
    grant, shop, customer, colleague, now
):
    shop.product.key_in_mail = True
    shop.product.save()
    buyer = colleague(Role.BILLING, "buyer@customer.example")
    licence = issue(grant(requested_by=buyer.email))
    to_owner, to_buyer = Mail.objects.order_by("pk")
    assert to_owner.recipients == [customer.owner.email]
    assert f"\n{licence.key}\n" in to_owner.text
    assert to_buyer.recipients == [buyer.email]
    assert licence.key not in to_buyer.text + to_buyer.html
    assert licence.first_collected_at == now


def test_given_more_seats_then_the_old_key_overlaps_for_thirty_days_at_its_own_count(licence, now):
    new = issue(ask_for(licence, 17))
    licence.refresh_from_db()
    assert (new.seats, new.status) == (17, "active")
    assert (licence.seats, licence.status, licence.superseded_at) == (12, "superseded", now)
    assert licence.overlap_ends_at == now + timedelta(days=30)
    end = licence.overlap_ends_at
    assert standing_of(licence, end - timedelta(seconds=1)) is Standing.OVERLAP
    assert standing_of(licence, end) is Standing.REPLACED
    mail = Mail.objects.filter(kind="key_issued").order_by("-pk")[0]
    assert "the one before (12 seats), which stops working at" in mail.text


def test_given_a_product_with_a_shorter_overlap_then_the_old_key_stops_sooner(licence, shop, now):
    shop.product.overlap_days = 7
    shop.product.save()
    issue(ask_for(licence, 17))
    licence.refresh_from_db()
    assert licence.overlap_ends_at == now + timedelta(days=7)


def test_given_fewer_seats_from_a_new_term_then_the_old_key_runs_to_its_first_moment(licence):
    agreement = licence.agreement
    agreement.terms.create(
        number=2, starts_on=date(2027, 11, 23), ends_on=date(2028, 11, 23), order_id="ord_2"
    )
    with clock.pretend(datetime(2027, 11, 1, 10, 0, tzinfo=UTC)):
        new = issue(ask_for(licence, 8, kind=KeyRequestKind.RENEWAL))
    licence.refresh_from_db()
    assert (new.seats, new.starts_on) == (8, date(2027, 11, 23))
    assert licence.overlap_ends_at == datetime(2027, 11, 23, tzinfo=UTC)


def test_given_an_old_key_near_its_end_then_the_overlap_does_not_outlast_it(licence):
    with clock.pretend(datetime(2027, 12, 1, 10, 0, tzinfo=UTC)):
        issue(ask_for(licence, 17))
    licence.refresh_from_db()
    assert licence.overlap_ends_at == licence.expires_at


def test_given_a_suspended_key_when_replaced_then_it_gets_no_overlap(licence, now):
    suspend_licence(licence=licence, reason="Unpaid.", actor=STAFF)
    issue(ask_for(licence, 17))
    licence.refresh_from_db()
    assert (licence.status, licence.overlap_ends_at) == ("superseded", now)


def test_given_a_lost_key_then_the_new_one_states_the_same_seats(licence, customer):
    again = request_reissue(
        agreement=licence.agreement, reason="Lost.", person=customer.owner, actor=PERSON
    )
    new = issue(again)
    assert (new.seats, new.ends_on, new.support) == (12, licence.ends_on, "premier")
    assert new.key != licence.key
    assert Licence.objects.filter(status="active").count() == 1


def test_given_a_key_when_collected_then_the_first_time_stays(licence, now):
    collect_key(licence=licence, actor=PERSON)
    with clock.pretend(now + timedelta(days=1)):
        again = collect_key(licence=Licence.objects.get(), actor=PERSON)
    assert again.first_collected_at == now
    assert AuditEvent.objects.filter(action="licence.collected").count() == 1


def test_given_staff_who_look_at_a_key_then_it_is_not_collected(licence):
    collect_key(licence=licence, actor=STAFF)
    licence.refresh_from_db()
    assert licence.first_collected_at is None
    assert not AuditEvent.objects.filter(action="licence.collected").exists()


def test_given_a_key_when_suspended_and_reinstated_then_each_step_is_logged_with_its_reason(
    licence, now
):
    suspended = suspend_licence(licence=licence, reason="Unpaid.", actor=STAFF)
    assert standing_of(suspended, now) is Standing.SUSPENDED
    reinstated = reinstate_licence(licence=licence, reason="Paid.", actor=STAFF)
    assert standing_of(reinstated, now) is Standing.VALID
    events = AuditEvent.objects.filter(subject_id=licence.public_id).order_by("pk")
    assert [(event.action, event.data.get("reason")) for event in events] == [
        ("licence.issued", None),
        ("licence.suspended", "Unpaid."),
        ("licence.reinstated", "Paid."),
    ]


def test_given_a_revoked_key_then_nothing_brings_it_back_and_its_text_stays(licence, now):
    text = licence.key
    revoked = revoke_licence(licence=licence, reason="Refunded.", actor=STAFF)
    assert standing_of(revoked, now) is Standing.REVOKED
    assert revoked.key == text
    with pytest.raises(IllegalTransition):
        reinstate_licence(licence=licence, reason="Sorry.", actor=STAFF)


def test_given_a_licence_then_its_file_ends_with_the_key_and_is_genuine(licence, now):
    text = licence_file(licence)
    assert text.splitlines()[-1] == licence.key
    file = read_licence_file(text, PUBLIC_KEYS)
    assert (file.kid, file.key, file.issued, file.expiry) == ("test-1", licence.key, now, None)
    attributes = file.licence["attributes"]
    assert (attributes["name"], attributes["status"]) == ("Distribution Engine", "ACTIVE")
    assert attributes["maxUsers"] == 12
    assert read_licence_file(block_of(text), PUBLIC_KEYS).key is None


def test_given_a_licence_that_does_not_validate_then_its_file_says_so(licence):
    issue(ask_for(licence, 17))
    licence.refresh_from_db()
    with clock.pretend(licence.overlap_ends_at):
        file = read_licence_file(licence_file(licence), PUBLIC_KEYS)
    assert file.licence["attributes"]["status"] == "EXPIRED"


def test_given_a_revoked_licence_then_there_is_no_file(licence):
    cancel_agreement(agreement=licence.agreement, reason="Refunded.", actor=STAFF)
    licence.refresh_from_db()
    with pytest.raises(LicenceRevoked):
        licence_file(licence)


def test_given_a_rotation_then_new_keys_have_the_new_name_and_old_files_their_own(
    licence, settings
):
    old = keyring().current
    new = new_signing_key("test-2")
    settings.LICENCE_SIGNING_KEYS = format_signing_keys([new, old])
    later = issue(ask_for(licence, 17))
    assert later.kid == "test-2"
    assert read_key(later.key, {"test-2": new.public_key}).seats == 17
    assert read_licence_file(licence_file(licence), PUBLIC_KEYS).kid == "test-1"


def test_given_a_signing_key_that_was_dropped_then_its_licences_get_no_file(licence, settings):
    settings.LICENCE_SIGNING_KEYS = format_signing_keys([new_signing_key("test-2")])
    with pytest.raises(UnknownSigningKey):
        keyring().by_kid(licence.kid)
    with pytest.raises(InvalidKey):
        licence_file(licence)
