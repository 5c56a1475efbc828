"""The licence desk's queue: what it shows, and what each button does and for whom."""

from datetime import timedelta

import pytest

from billing.models import Document, Refund
from licensing.models import KeyRequest, Licence
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.notifications.models import Mail
from tests import factories
from tests.billing.given import MONDAY, pay, placed
from tests.desk.pages import action, list_of, page_of, said

MODEL = "licensing_keyrequest"


def buys(shop, **wishes) -> KeyRequest:
    membership = factories.MembershipFactory()
    factories.CreditTermsFactory(organisation=membership.organisation)

    class Buyer:
        organisation, owner = membership.organisation, membership.user

    order = placed(shop, Buyer, pay_by="on_account", **wishes)
    return KeyRequest.objects.get(order_id=order.public_id)


def test_given_three_requests_when_the_desk_opens_the_queue_then_the_longest_overdue_is_first(
    as_staff, desk, shop
):
    with clock.pretend(MONDAY):
        early = buys(shop)
    with clock.pretend(MONDAY + timedelta(hours=3)):
        late = buys(shop)
        waiting = buys(shop)
    KeyRequest.objects.filter(pk=waiting.pk).update(status="waiting_for_customer", due_at=None)

    with clock.pretend(MONDAY + timedelta(hours=26)):
        response = as_staff(desk).get(list_of(MODEL))

    assert [row.pk for row in response.context["cl"].result_list] == [early.pk, late.pk, waiting.pk]
    page = response.content.decode()
    assert "Tue, 24 Nov 2026, 10:00 GMT" in page
    assert "2 h overdue" in page
    assert "in 1 h" in page
    assert "waiting for the customer" in page
    assert "0 → 12" in page
    assert "on account" in page


def test_given_a_closed_request_when_the_desk_opens_the_queue_then_it_is_not_there(
    as_staff, desk, key_request
):
    client = as_staff(desk)
    data = {"outcome": "refund", "reason": "Not to be supplied."}
    client.post(action(MODEL, key_request, "decline"), data)

    assert list(client.get(list_of(MODEL)).context["cl"].result_list) == []
    closed = client.get(list_of(MODEL), {"list": "closed"}).context["cl"].result_list
    assert [row.pk for row in closed] == [key_request.pk]


def test_given_a_request_when_the_desk_takes_it_then_its_name_stands_beside_it(
    as_staff, desk, key_request
):
    response = as_staff(desk).post(action(MODEL, key_request, "take"), follow=True)

    key_request.refresh_from_db()
    assert key_request.taken_by == desk
    assert said(response) == ["The request is yours."]
    event = AuditEvent.objects.get(action="key_request.taken")
    assert (event.actor_kind, event.actor_id) == ("staff", desk.public_id)


def test_given_a_request_when_the_desk_issues_then_the_key_and_its_invoice_are_there(
    as_staff, desk, key_request
):
    response = as_staff(desk).post(action(MODEL, key_request, "issue"), follow=True)

    licence = Licence.objects.get(key_request=key_request)
    assert licence.seats == 12
    assert licence.issued_by == desk.get_full_name()
    assert Document.objects.get(kind="invoice").number == "INV-2026-00001"
    assert said(response) == ["The key for 12 seats is issued, and the customer has mail."]
    assert AuditEvent.objects.get(action="licence.issued").actor_id == desk.public_id


def test_given_an_issued_key_when_the_desk_issues_again_then_a_sentence_says_so(
    as_staff, desk, key_request
):
    client = as_staff(desk)
    client.post(action(MODEL, key_request, "issue"), follow=True)

    response = client.post(action(MODEL, key_request, "issue"), follow=True)

    assert said(response) == ["The order of this key is not accepted, or was closed."]
    assert Licence.objects.count() == 1
    assert Document.objects.filter(kind="invoice").count() == 1


@pytest.mark.parametrize("name", ["take", "issue", "ask", "record_answer", "decline"])
@pytest.mark.parametrize("group", ["Sales", "Finance", "Support"])
def test_given_another_group_when_it_acts_on_a_request_then_it_is_refused(
    as_staff, member_of, key_request, name, group
):
    data = {"question": "Why?", "answer": "So.", "reason": "No.", "outcome": "refund"}

    response = as_staff(member_of(group)).post(action(MODEL, key_request, name), data)

    assert response.status_code == 403
    before = key_request.status, key_request.taken_by_id
    key_request.refresh_from_db()
    assert (key_request.status, key_request.taken_by_id) == before
    assert not Licence.objects.exists()


def test_given_a_bare_click_when_it_is_not_a_post_then_nothing_happens(as_staff, desk, key_request):
    response = as_staff(desk).get(action(MODEL, key_request, "issue"))

    assert response.status_code == 405
    assert not Licence.objects.exists()


def test_given_a_question_when_the_desk_asks_it_then_the_clock_stands(as_staff, desk, key_request):
    data = {"question": "Which legal name goes into the key?"}

    response = as_staff(desk).post(action(MODEL, key_request, "ask"), data, follow=True)

    key_request.refresh_from_db()
    assert key_request.status == "waiting_for_customer"
    assert key_request.due_at is None
    assert said(response) == ["The customer was asked, and the clock stands."]
    assert "Which legal name goes into the key?" in Mail.objects.get(kind="request_question").text


def test_given_no_question_when_the_desk_asks_then_the_form_comes_back(as_staff, desk, key_request):
    response = as_staff(desk).post(action(MODEL, key_request, "ask"), {"question": ""})

    assert response.status_code == 422
    key_request.refresh_from_db()
    assert key_request.status == "open"


def test_given_a_waiting_request_when_the_answer_comes_by_telephone_then_the_clock_runs(
    as_staff, desk, key_request
):
    client = as_staff(desk)
    client.post(action(MODEL, key_request, "ask"), {"question": "Which name?"})

    with clock.pretend(MONDAY + timedelta(hours=2)):
        client.post(action(MODEL, key_request, "record_answer"), {"answer": "The old one."})

    key_request.refresh_from_db()
    assert key_request.status == "open"
    assert key_request.due_at == MONDAY + timedelta(hours=26)


def test_given_a_paid_order_when_the_desk_declines_for_good_then_all_money_goes_back(
    as_staff, desk, finance, order
):
    pay(order, finance, "2073.60")
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    data = {"outcome": "refund", "reason": "This company may not be supplied."}

    response = as_staff(desk).post(action(MODEL, key_request, "decline"), data, follow=True)

    key_request.refresh_from_db()
    order.refresh_from_db()
    assert (key_request.status, order.status) == ("declined", "declined")
    assert Refund.objects.get().amount == 207360
    assert said(response) == ["The request is declined."]


def test_given_a_paid_order_when_the_desk_returns_it_then_the_money_stays(
    as_staff, desk, finance, order
):
    pay(order, finance, "2073.60")
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    data = {"outcome": "return", "reason": "Please give the name of the company."}

    as_staff(desk).post(action(MODEL, key_request, "decline"), data)

    order.refresh_from_db()
    assert order.status == "returned"
    assert not Refund.objects.exists()


def test_given_no_reason_when_the_desk_declines_then_nothing_happens(as_staff, desk, key_request):
    response = as_staff(desk).post(
        action(MODEL, key_request, "decline"), {"outcome": "refund", "reason": ""}
    )

    assert response.status_code == 422
    key_request.refresh_from_db()
    assert key_request.status == "open"


def test_given_a_request_when_the_desk_opens_it_then_it_has_all_that_decides(
    as_staff, desk, key_request, customer
):
    page = as_staff(desk).get(page_of(MODEL, key_request)).content.decode()

    for words in (
        customer.organisation.legal_name,
        "0 → 12",
        "Tue, 24 Nov 2026, 10:00 GMT",
        "That is in working hours, so the clock started at once.",
        "£0.00 of £2,073.60",
        "gets its number with the key",
        "up to £100,000.00, owes £0.00",
        "None: this is the first key.",
        "Issue the key",
    ):
        assert words in page, words


def test_given_somebody_who_may_only_look_when_the_request_is_opened_then_there_is_no_button(
    as_staff, support, key_request
):
    page = as_staff(support).get(page_of(MODEL, key_request)).content.decode()

    assert "The promise" in page
    assert "Issue the key" not in page
