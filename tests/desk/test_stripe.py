"""Staff ask Stripe how a payment stands, where its event was lost."""

import pytest

from billing.models import Order
from portal.audit.models import AuditEvent
from tests.billing.given import placed
from tests.desk.pages import action, said

pytestmark = pytest.mark.django_db(transaction=True)
MODEL = "billing_checkoutattempt"


@pytest.fixture
def card_order(shop, customer) -> Order:
    """Given a placed order of £2,073.60, to be paid online."""
    return placed(shop, customer)


def test_given_a_payment_whose_event_was_lost_when_finance_asks_stripe_then_the_order_is_accepted(
    as_staff, finance, card_order, payer
):
    attempt = payer.pay(card_order)

    response = as_staff(finance).post(action(MODEL, attempt, "ask_stripe"), follow=True)

    card_order.refresh_from_db()
    assert card_order.status == "accepted"
    assert said(response) == ["Stripe says: Paid."]
    event = AuditEvent.objects.get(action="checkout.asked_stripe")
    assert (event.subject_id, event.actor_id) == (attempt.public_id, finance.public_id)


def test_given_stripe_that_does_not_answer_when_finance_asks_then_a_sentence_says_so(
    as_staff, finance, card_order, payer, settings
):
    attempt = payer.pay(card_order)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    response = as_staff(finance).post(action(MODEL, attempt, "ask_stripe"), follow=True)

    card_order.refresh_from_db()
    assert card_order.status == "placed"
    assert len(said(response)) == 1
    assert "Stripe says" not in said(response)[0]


@pytest.mark.parametrize("group", ["Licence desk", "Sales", "Support"])
def test_given_another_group_when_it_asks_stripe_then_it_is_refused(
    as_staff, member_of, card_order, payer, group
):
    attempt = payer.pay(card_order)

    response = as_staff(member_of(group)).post(action(MODEL, attempt, "ask_stripe"))

    assert response.status_code == 403
    card_order.refresh_from_db()
    assert card_order.status == "placed"
