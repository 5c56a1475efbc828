"""Reads: of one organisation alone, with a fixed number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from licensing.domain.standing import Standing, standing
from licensing.domain.statuses import LicenceStatus
from licensing.models.key_request import KeyRequestKind
from licensing.selectors import (
    agreements_of,
    current_licence,
    current_term,
    get_agreement,
    get_key_request,
    get_licence,
    key_due_at,
    key_requests_of,
)
from licensing.services.key_requests import open_key_request
from licensing.services.keys import issue_key
from portal.kit.errors import NotFound
from tests.licensing.conftest import PERSON, STAFF

pytestmark = pytest.mark.django_db


def show(organisation) -> list[tuple[object, ...]]:
    """Touch all that the dashboard shows of each agreement."""
    return [
        (
            agreement.product.name,
            agreement.seats_held,
            len(agreement.terms.all()),
            len(agreement.licences.all()),
            len(agreement.pending),
        )
        for agreement in agreements_of(organisation)
    ]


@pytest.mark.parametrize("count", [2, 20])
def test_given_more_agreements_then_the_dashboard_needs_no_more_queries(
    grant, customer, count, django_assert_num_queries
):
    for number in range(count):
        key_request = grant(label=str(number), order_id=f"ord_{number}")
        if number % 2:
            issue_key(key_request=key_request, issued_by="Desk", actor=STAFF)
    with django_assert_num_queries(4):
        rows = show(customer.organisation)
    assert len(rows) == count
    assert set(rows) == {
        ("Distribution Engine", 12, 1, 0, 1),
        ("Distribution Engine", 12, 1, 1, 0),
    }


def test_given_another_organisation_then_its_ids_do_not_exist(licence, stranger):
    organisation = stranger.organisation
    assert list(agreements_of(organisation)) == []
    assert list(key_requests_of(organisation)) == []
    with pytest.raises(NotFound):
        get_agreement(organisation, licence.agreement.public_id)
    with pytest.raises(NotFound):
        get_licence(organisation, licence.public_id)
    with pytest.raises(NotFound):
        get_key_request(organisation, licence.key_request.public_id)


def test_given_ones_own_ids_then_each_is_found(licence, customer):
    organisation = customer.organisation
    assert get_agreement(organisation, licence.agreement.public_id).seats_held == 12
    assert get_licence(organisation, licence.public_id) == licence
    assert get_key_request(organisation, licence.key_request.public_id).licence == licence
    assert current_licence(licence.agreement) == licence


def test_given_two_terms_then_a_day_lies_in_its_own_and_later_days_in_the_last(licence):
    agreement = licence.agreement
    second = agreement.terms.create(
        number=2, starts_on=date(2027, 11, 23), ends_on=date(2028, 11, 23), order_id="ord_2"
    )
    first = agreement.terms.get(number=1)
    assert current_term(agreement, date(2026, 1, 1)) == first
    assert current_term(agreement, date(2027, 11, 22)) == first
    assert current_term(agreement, date(2027, 11, 23)) == second
    assert current_term(agreement, date(2030, 1, 1)) == second


def test_given_requests_then_the_newest_comes_first(licence, customer, now):
    newer = open_key_request(
        agreement=licence.agreement,
        kind=KeyRequestKind.ADDITION,
        quantity_before=12,
        quantity_after=17,
        order_id="ord_2",
        at=now + timedelta(hours=1),
        actor=PERSON,
    )
    assert list(key_requests_of(customer.organisation)) == [newer, licence.key_request]


def test_the_promise_for_a_price_page(shop):
    at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert key_due_at(shop.product, at) == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


NOW = datetime(2026, 11, 23, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "expires_at", "overlap_ends_at", "expected"),
    [
        (LicenceStatus.ACTIVE, LATER, None, Standing.VALID),
        (LicenceStatus.ACTIVE, None, None, Standing.VALID),
        (LicenceStatus.ACTIVE, NOW, None, Standing.EXPIRED),
        (LicenceStatus.SUSPENDED, NOW, None, Standing.SUSPENDED),
        (LicenceStatus.SUPERSEDED, LATER, LATER, Standing.OVERLAP),
        (LicenceStatus.SUPERSEDED, LATER, NOW, Standing.REPLACED),
        (LicenceStatus.SUPERSEDED, LATER, None, Standing.REPLACED),
        (LicenceStatus.SUPERSEDED, NOW, LATER, Standing.EXPIRED),
        (LicenceStatus.REVOKED, NOW, LATER, Standing.REVOKED),
    ],
)
def test_given_a_status_and_its_dates_then_a_licence_stands_so(
    status, expires_at, overlap_ends_at, expected
):
    found = standing(status, at=NOW, expires_at=expires_at, overlap_ends_at=overlap_ends_at)
    assert found is expected
