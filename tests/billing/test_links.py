"""Links to one order for somebody without an account."""

import pytest
from django.core.signing import Signer

from billing.services.links import document_url, order_of_token, order_url, pay_token, pay_url
from portal.kit import clock
from portal.kit.errors import NotFound
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop, customer):
    with clock.pretend(MONDAY):
        return given.placed(shop, customer)


def test_given_a_placed_order_when_its_link_is_read_then_it_is_that_order(order):
    token = pay_token(order)

    assert order_of_token(token) == order
    assert pay_url(order) == f"http://testserver/pay/{token}/"
    assert order.public_id in token


def test_given_a_link_when_any_character_of_it_is_changed_then_it_is_not_found(order):
    token = pay_token(order)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(NotFound):
            order_of_token(changed)


@pytest.mark.parametrize("token", ["", ".", "-", "ord_1-1", "\x00", "ord_1-1.forged", "é" * 500])
def test_given_no_token_at_all_when_read_then_it_is_not_found(db, token):
    with pytest.raises(NotFound):
        order_of_token(token)


def test_given_a_signature_of_another_purpose_when_read_then_it_is_not_found(order):
    token = Signer(salt="something.else", sep=".").sign(f"{order.public_id}-1")
    with pytest.raises(NotFound):
        order_of_token(token)


def test_given_a_raised_link_version_when_the_old_link_is_read_then_it_is_void(order):
    old = pay_token(order)
    order.link_version = 2
    order.save()

    with pytest.raises(NotFound):
        order_of_token(old)
    assert order_of_token(pay_token(order)) == order


def test_given_a_draft_when_its_link_is_read_then_it_is_not_found(shop, customer):
    with clock.pretend(MONDAY):
        order = given.draft(shop, customer)
    with pytest.raises(NotFound):
        order_of_token(pay_token(order))


def test_given_an_order_and_a_document_when_linked_then_the_organisation_is_in_the_address(
    order, customer
):
    organisation = customer.organisation.public_id
    document = order.documents.get()
    assert order_url(order) == f"http://testserver/o/{organisation}/orders/{order.public_id}/"
    assert document_url(document) == (
        f"http://testserver/o/{organisation}/documents/{document.public_id}/pdf/"
    )
