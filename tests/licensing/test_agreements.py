"""Agreements: opened once by an order, ended with all that hangs on them."""

from datetime import UTC, date, datetime

import pytest

from licensing.models import Agreement, KeyRequest, SeatLedgerEntry, Term
from licensing.selectors import current_agreement, held_seats
from licensing.services.agreements import cancel_agreement
from licensing.services.errors import AgreementExists
from portal.audit.models import AuditEvent
from portal.kit.transitions import IllegalTransition
from portal.notifications.models import Mail
from tests.licensing.conftest import PERSON, STAFF

pytestmark = pytest.mark.django_db


def test_given_an_accepted_order_when_opened_then_term_seats_and_request_are_there(grant, customer):
    key_request = grant()
    agreement = key_request.agreement
    term = Term.objects.get()
    assert (term.starts_on, term.ends_on) == (date(2026, 11, 23), date(2027, 11, 23))
    assert (term.number, term.order_id, term.support) == (1, "ord_1", "premier")
    assert held_seats(agreement, date(2026, 11, 23)) == 12
    assert (agreement.status, agreement.currency) == ("active", "GBP")
    assert (key_request.kind, key_request.status) == ("first", "open")
    assert (key_request.quantity_before, key_request.quantity_after) == (0, 12)
    assert key_request.requested_by == customer.owner.email
    assert key_request.due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert Mail.objects.count() == 0


def test_given_an_agreement_then_the_log_says_who_opened_it(grant, customer):
    agreement = grant().agreement
    event = AuditEvent.objects.get(action="agreement.opened")
    assert (event.subject_id, event.actor_name) == (agreement.public_id, PERSON.name)
    assert event.organisation_id == customer.organisation.public_id
    assert event.data == {"order": "ord_1", "seats": 12, "starts_on": "2026-11-23"}
    assert AuditEvent.objects.filter(action="key_request.opened").count() == 1


def test_given_the_same_order_twice_then_there_is_one_of_everything(grant):
    first, second = grant(), grant()
    assert first == second
    counts = [model.objects.count() for model in (Agreement, Term, SeatLedgerEntry, KeyRequest)]
    assert counts == [1, 1, 1, 1]


def test_given_an_agreement_when_another_order_opens_the_same_then_it_conflicts_and_adds_nothing(
    grant,
):
    agreement = grant().agreement
    with pytest.raises(AgreementExists) as refused:
        grant(order_id="ord_2")
    assert refused.value.data == {"agreement": agreement.public_id}
    assert (refused.value.code, refused.value.status) == ("agreement_exists", 409)
    assert Term.objects.count() == 1
    assert KeyRequest.objects.count() == 1


def test_given_a_label_of_its_own_then_a_separate_agreement_stands_beside_the_first(grant):
    first = grant().agreement
    second = grant(order_id="ord_2", label="Berlin").agreement
    assert first != second
    assert current_agreement(first.organisation, first.product) == first
    assert current_agreement(first.organisation, first.product, "Berlin") == second


def test_given_a_leap_day_then_the_term_ends_on_28_february(grant):
    grant(starts_on=date(2028, 2, 29))
    assert Term.objects.get().ends_on == date(2029, 2, 28)


def test_given_a_perpetual_product_then_its_term_has_no_end(grant, shop):
    grant(product=shop.device_product)
    assert Term.objects.get().ends_on is None


def test_given_seats_that_start_later_then_they_are_not_held_before(grant):
    agreement = grant(starts_on=date(2027, 1, 1)).agreement
    assert held_seats(agreement, date(2026, 12, 31)) == 0
    assert held_seats(agreement, date(2027, 1, 1)) == 12


def test_given_an_agreement_with_a_key_when_cancelled_then_seats_and_key_are_gone(licence):
    agreement = cancel_agreement(agreement=licence.agreement, reason="Refunded.", actor=STAFF)
    licence.refresh_from_db()
    assert agreement.status == "cancelled"
    assert (licence.status, licence.status_reason) == ("revoked", "Refunded.")
    assert held_seats(agreement, date(2026, 11, 23)) == 0
    assert current_agreement(agreement.organisation, agreement.product) is None


def test_given_seats_that_start_later_when_cancelled_then_no_day_has_fewer_than_none(grant):
    agreement = grant(starts_on=date(2027, 1, 1)).agreement
    cancel_agreement(agreement=agreement, reason="Refunded.", actor=STAFF)
    assert held_seats(agreement, date(2026, 12, 31)) == 0
    assert held_seats(agreement, date(2027, 1, 1)) == 0


def test_given_an_open_request_when_its_agreement_is_cancelled_then_it_is_too(
    key_request,
):
    cancel_agreement(agreement=key_request.agreement, reason="Refunded.", actor=STAFF)
    key_request.refresh_from_db()
    assert (key_request.status, key_request.decided_by) == ("cancelled", STAFF.name)


def test_given_a_cancelled_agreement_when_cancelled_again_then_nothing_is_booked_twice(key_request):
    cancel_agreement(agreement=key_request.agreement, reason="Refunded.", actor=STAFF)
    with pytest.raises(IllegalTransition):
        cancel_agreement(agreement=key_request.agreement, reason="Refunded.", actor=STAFF)
    assert [entry.quantity for entry in SeatLedgerEntry.objects.all()] == [12, -12]


def test_given_a_cancelled_agreement_then_the_same_product_can_be_bought_anew(grant):
    cancel_agreement(agreement=grant().agreement, reason="Refunded.", actor=STAFF)
    assert grant(order_id="ord_2").agreement.status == "active"
