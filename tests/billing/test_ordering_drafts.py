"""Drafts: the sum as the review page shows it, binding nobody."""

from datetime import date

import pytest

from billing.models import (
    Order,
    OrderLine,
)
from billing.selectors import order_for_page, orders_of
from billing.services.ordering import (
    refresh_draft,
)
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.notifications.models import Mail
from tests.billing import given
from tests.billing.given import MONDAY, TUESDAY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


def test_given_a_buyer_when_a_draft_is_prepared_then_it_holds_every_line_of_the_sum(shop, customer):
    order = given.draft(shop, customer)

    assert (order.status, order.net_amount, order.tax_amount, order.gross_amount) == (
        "draft",
        172800,
        34560,
        207360,
    )
    lines = order.lines.values_list("kind", "quantity", "unit_amount", "basis_points", "amount")
    assert list(lines) == [
        ("licence", 12, 12000, None, 144000),
        ("support", 1, 28800, 2000, 28800),
    ]
    assert order.lines.first().explanation[0] == {
        "kind": "full_term",
        "quantity": 12,
        "unit_amount": 12000,
        "amount": 144000,
    }
    assert set(order.lines.values_list("period_start", "period_end")) == {
        (TODAY, date(2027, 11, 23))
    }
    assert order.tax_groups == [
        {"rate_basis_points": 2000, "category": "S", "note": "", "net": 172800, "tax": 34560}
    ]
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"quantity": "4"}, "quantity_below_minimum"),
        ({"quantity": "0"}, "quantity_not_positive"),
        ({"quantity": "-1"}, "quantity_not_positive"),
        ({"quantity": "1000000000"}, "quantity_too_large"),
        ({"quantity": "5.5"}, "quantity_not_whole"),
        ({"quantity": "five"}, "quantity_not_a_number"),
        ({"currency": "XXQ"}, "unknown_currency"),
        ({"currency": "JPY"}, "no_price"),
        ({"wanted_start": date(2026, 11, 1)}, "start_in_the_past"),
        ({"label": "x" * 61}, "label_too_long"),
        ({"form_token": ""}, "form_token_invalid"),
        ({"form_token": "x" * 65}, "form_token_invalid"),
    ],
)
def test_given_bad_input_when_a_draft_is_prepared_then_it_is_refused_and_nothing_is_stored(
    shop, customer, wishes, code
):
    assert given.refused(given.draft, shop, customer, **wishes).code == code
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert not AuditEvent.objects.exists()


def test_given_the_same_form_when_sent_twice_then_there_is_one_draft(shop, customer):
    first = given.draft(shop, customer, form_token="form")
    second = given.draft(shop, customer, form_token="form")

    assert first.pk == second.pk
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 2


def test_given_the_back_button_when_the_form_comes_with_13_seats_then_the_draft_has_13(
    shop, customer
):
    first = given.draft(shop, customer, form_token="form")
    second = given.draft(shop, customer, form_token="form", quantity=13, support_plan=None)

    assert first.pk == second.pk
    assert (second.quantity, second.net_amount, second.support_basis_points) == (13, 156000, 0)
    assert list(second.lines.values_list("amount", flat=True)) == [156000]


def test_given_a_placed_order_when_its_form_comes_again_then_it_stays_as_it_is(shop, customer):
    order = given.placed(shop, customer, form_token="form")

    again = given.draft(shop, customer, form_token="form", quantity=99)

    assert (again.pk, again.status, again.quantity) == (order.pk, "placed", 12)


def test_given_another_organisation_when_it_sends_the_same_token_then_it_has_its_own_draft(
    shop, customer, stranger
):
    ours = given.draft(shop, customer, form_token="form")
    theirs = given.draft(shop, stranger, form_token="form")

    assert ours.pk != theirs.pk
    with pytest.raises(NotFound):
        order_for_page(stranger.organisation, ours.public_id)


def test_given_an_unchanged_price_when_a_draft_is_refreshed_then_nothing_has_changed(
    shop, customer
):
    assert refresh_draft(order=given.draft(shop, customer)) is False


def test_given_a_new_price_when_a_draft_is_refreshed_then_it_says_so_and_holds_the_new_sum(
    shop, customer
):
    order = given.draft(shop, customer)
    given.raise_prices(shop)

    assert refresh_draft(order=order) is True
    order.refresh_from_db()
    assert (order.net_amount, order.gross_amount) == (187200, 224640)
    assert list(order.lines.values_list("amount", flat=True)) == [156000, 31200]
    assert refresh_draft(order=order) is False


def test_given_a_draft_of_yesterday_when_refreshed_then_its_term_starts_today(shop, customer):
    order = given.draft(shop, customer)

    with clock.pretend(TUESDAY):
        assert refresh_draft(order=order) is False

    assert order.lines.first().period_start == date(2026, 11, 24)


def test_given_a_wished_start_that_is_over_when_refreshed_then_today_takes_its_place(
    shop, customer
):
    order = given.draft(shop, customer, wanted_start=TODAY)

    with clock.pretend(TUESDAY):
        assert refresh_draft(order=order) is True

    order.refresh_from_db()
    assert order.wanted_start is None


def test_given_a_placed_order_when_refreshed_then_it_stays(shop, customer):
    order = given.placed(shop, customer)
    assert refresh_draft(order=order) is False
    order.refresh_from_db()
    assert (order.status, order.gross_amount) == ("placed", 207360)


def test_given_many_orders_when_the_list_and_a_page_are_read_then_the_queries_stay_the_same(
    shop, customer, django_assert_num_queries
):
    for number in range(12):
        order = given.placed(shop, customer, label=f"Lab {number}")

    with django_assert_num_queries(1):
        assert len([row.product.name for row in orders_of(customer.organisation)]) == 12
    with django_assert_num_queries(5):
        page = order_for_page(customer.organisation, order.public_id)
        assert (len(page.lines.all()), len(page.documents.all())) == (2, 1)
