"""Orders and documents of an organisation: what is due, how to pay it, what became of it."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.domain.orders import OrderStatus
from billing.models import Document, Order
from billing.services.keys import DeclineOutcome, decline_request, issue_key_for_request
from billing.services.links import pay_url
from billing.services.ordering import approve_order, sweep_orders
from licensing.models import KeyRequest
from licensing.services.key_requests import wait_for_customer
from portal.kit import clock
from tests.billing.given import MONDAY, TUESDAY, draft, placed, staff_actor
from tests.billing.pages import (
    at,
    colleague,
    count_queries,
    multiply_documents,
    multiply_orders,
    signed_in,
    with_key,
)
from tests.billing.paying import transfer


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def owner(customer) -> Client:
    return signed_in(customer)


@pytest.fixture
def order(shop, customer) -> Order:
    return placed(shop, customer, pay_by="transfer", purchase_order="PO-7")


def shown(owner: Client, customer, order: Order) -> str:
    return owner.get(at("order", customer, order.public_id)).content.decode()


def test_given_a_transfer_order_when_shown_then_it_says_what_to_pay_where_and_until_when(
    customer, owner, order
):
    page = shown(owner, customer, order)
    for text in (
        "The order is placed and waits for payment.",
        "£2,073.60",
        "This offer is good until 23 Dec 2026.",
        f"<strong>{order.reference}</strong>",
        "20-20-15",
        "GB33BUKB20201555555555",
        "PO-7",
        pay_url(order),
        "Pay now, by card or online",
        "Version 2026-01, accepted by",
        "Mon, 23 Nov 2026, 10:00 GMT",
        "Within one business day of the payment.",
        "Cancel this order",
    ):
        assert text in page, text
    assert '<details class="details" open' in page


def test_given_a_part_arrived_when_shown_then_the_rest_is_due_and_it_cannot_be_cancelled(
    customer, owner, order, staff
):
    transfer(order, "1,000.00", staff)
    page = shown(owner, customer, order)
    assert "Still to pay" in page
    assert "£1,073.60" in page
    assert "£1,000.00 of £2,073.60 has arrived. Thank you." in page
    assert "Cancel this order" not in page


def test_given_paid_by_transfer_when_shown_then_the_key_has_its_due_time(
    customer, owner, order, staff
):
    transfer(order, "2,073.60", staff)
    page = shown(owner, customer, order)
    assert "The licence desk prepares your key." in page
    assert "Tue, 24 Nov 2026, 10:00 GMT" in page
    assert "23 Nov 2026 – 22 Nov 2027" in page
    assert "Pay now" not in page
    assert Document.objects.get(kind="invoice").number in page


def test_given_an_issued_key_when_shown_then_the_owner_is_led_to_it_and_the_clerk_is_not(
    customer, owner, order, staff
):
    licence = with_key(order, staff)
    link = f"/o/{customer.organisation.public_id}/licences/{licence.public_id}/"
    assert link in shown(owner, customer, order)
    clerk = colleague(customer.organisation, "billing")
    page = shown(clerk, customer, order)
    assert link not in page
    assert "Owners and licence managers of your organisation can collect it." in page
    assert licence.key not in page


def test_given_an_approved_order_when_its_key_is_issued_then_the_invoice_is_due(
    customer, owner, order, staff
):
    approve_order(order=order, staff=staff, actor=staff_actor(staff))
    page = shown(owner, customer, order)
    assert "(approved before the payment)" in page
    assert "Pay now" not in page
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    issue_key_for_request(key_request=key_request, staff=staff, actor=staff_actor(staff))
    page = shown(owner, customer, order)
    assert "Due on 23 Dec 2026." in page
    assert "Pay now, by card or online" in page


def test_given_a_placed_order_when_cancelled_then_nothing_is_owed(customer, owner, order):
    response = owner.post(
        at("cancel_order", customer, order.public_id), {"reason": "Ordered twice"}, follow=True
    )
    order.refresh_from_db()
    page = response.content.decode()
    assert order.status == OrderStatus.CANCELLED
    assert order.closed_reason == "Ordered twice"
    assert "This order is cancelled. Nothing is owed." in page
    assert "Ordered twice" in page
    assert "Pay now" not in page
    again = owner.post(at("cancel_order", customer, order.public_id), follow=True)
    assert "This cannot change from" in again.content.decode()


def test_given_money_came_when_cancelling_then_it_is_refused_with_a_sentence(
    customer, owner, order, staff
):
    transfer(order, "1,000.00", staff)
    response = owner.post(at("cancel_order", customer, order.public_id), follow=True)
    order.refresh_from_db()
    assert "Money came for this order already." in response.content.decode()
    assert order.status == OrderStatus.PLACED


def test_given_an_order_not_paid_in_time_when_shown_then_it_says_so(customer, owner, order):
    with clock.pretend(MONDAY.replace(year=2027)):
        assert sweep_orders(clock.now()) == 1
        page = shown(owner, customer, order)
    assert "This order was not paid in time, and is closed." in page
    assert "Pay now" not in page


def test_given_a_declined_order_when_shown_then_the_reason_and_the_refund_are_told(
    customer, owner, order, staff
):
    transfer(order, "2,073.60", staff)
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    decline_request(
        key_request=key_request,
        outcome=DeclineOutcome.REFUND,
        reason="This company is on a list of sanctions.",
        actor=staff_actor(staff),
    )
    page = shown(owner, customer, order)
    assert "We could not accept this order." in page
    assert "This company is on a list of sanctions." in page
    assert "Refund of £2,073.60" in page
    assert "No key comes from this order." in page
    assert Document.objects.get(kind="credit_note").number in page


def test_given_a_returned_order_when_answered_then_the_licence_desk_goes_on(
    customer, owner, order, staff
):
    transfer(order, "2,073.60", staff)
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    decline_request(
        key_request=key_request,
        outcome=DeclineOutcome.RETURN,
        reason="Which name shall stand on the key?",
        actor=staff_actor(staff),
    )
    page = shown(owner, customer, order)
    assert "Which name shall stand on the key?" in page
    assert "Paused: waiting for your answer" in page
    address = at("answer_order", customer, order.public_id)
    empty = owner.post(address, {"answer": " "})
    assert empty.status_code == 422
    order.refresh_from_db()
    assert order.status == OrderStatus.RETURNED
    with clock.pretend(TUESDAY):
        response = owner.post(address, {"answer": "Customer Holdings Ltd"}, follow=True)
    order.refresh_from_db()
    key_request.refresh_from_db()
    assert order.status == OrderStatus.ACCEPTED
    assert key_request.answer == "Customer Holdings Ltd"
    assert "The licence desk goes on with your key." in response.content.decode()
    assert owner.post(address, {"answer": "Once more"}).status_code == 409


def test_given_a_question_about_an_order_when_its_clerk_answers_then_the_clock_runs_on(
    customer, order, staff
):
    transfer(order, "2,073.60", staff)
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    wait_for_customer(
        key_request=key_request, question="Is the name right?", actor=staff_actor(staff)
    )
    clerk = colleague(customer.organisation, "billing")
    page = shown(clerk, customer, order)
    assert "The licence desk needs something from you." in page
    assert "Is the name right?" in page
    assert "Paused: waiting for your answer" in page
    assert "The licence desk issues it" not in page
    request_page = reverse(
        "licensing:key_request", args=[customer.organisation.public_id, key_request.public_id]
    )
    assert at("order", customer, order.public_id) in clerk.get(request_page).content.decode()
    with clock.pretend(TUESDAY):
        clerk.post(at("answer_order", customer, order.public_id), {"answer": "It is"})
        page = shown(clerk, customer, order)
    order.refresh_from_db()
    key_request.refresh_from_db()
    assert (order.status, key_request.status) == (OrderStatus.ACCEPTED, "open")
    assert key_request.answer == "It is"
    assert "Is the name right?" not in page
    assert "The licence desk issues it" in page


def test_given_a_draft_when_its_order_page_opens_then_it_leads_to_the_review(shop, customer, owner):
    order = draft(shop, customer)
    response = owner.get(at("order", customer, order.public_id))
    assert response["Location"] == at("review", customer, order.public_id)


def test_given_orders_and_documents_when_listed_then_each_is_there_with_its_state(
    customer, owner, order, staff
):
    page = owner.get(at("orders", customer)).content.decode()
    assert order.reference in page
    assert "Awaiting payment" in page
    assert "12 × Distribution Engine" in page
    transfer(order, "2,073.60", staff)
    page = owner.get(at("documents", customer)).content.decode()
    for document in Document.objects.all():
        assert at("document_pdf", customer, document.public_id) in page
    assert Document.objects.get(kind="invoice").number in page


def test_given_nothing_yet_when_listed_then_the_next_step_is_said(shop, customer, owner):
    assert "No orders yet" in owner.get(at("orders", customer)).content.decode()
    assert "No documents yet" in owner.get(at("documents", customer)).content.decode()


def test_given_a_document_when_downloaded_then_it_is_a_pdf_under_its_number(
    customer, owner, order, staff
):
    transfer(order, "2,073.60", staff)
    invoice = Document.objects.get(kind="invoice")
    response = owner.get(at("document_pdf", customer, invoice.public_id))
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["orders", "documents"])
def test_given_20_and_200_rows_when_listed_then_the_queries_are_the_same_and_at_most_six(
    customer, owner, order, name
):
    document = Document.objects.get()
    counts = []
    for rows in (20, 200):
        multiply_orders(order, rows)
        multiply_documents(document, rows)
        counts.append(count_queries(owner, at(name, customer)))
    assert Document.objects.count() == 200
    page = owner.get(at(name, customer) + "?page=8").content.decode()
    assert "176 to 200 of 200" in page
    assert counts[0] == counts[1] <= 6


def test_given_more_orders_when_one_is_shown_then_its_queries_do_not_grow(
    customer, owner, order, staff
):
    transfer(order, "2,073.60", staff)
    before = count_queries(owner, at("order", customer, order.public_id))
    multiply_orders(order, 20)
    assert count_queries(owner, at("order", customer, order.public_id)) == before
    assert before <= 20


ORDER_PAGES = ("order", "cancel_order", "answer_order")


@pytest.mark.parametrize("name", ORDER_PAGES)
def test_given_somebody_else_when_asking_for_an_order_then_it_does_not_exist(
    customer, stranger, order, name
):
    other = signed_in(stranger)
    for owner_of_page in (customer, stranger):
        address = at(name, owner_of_page, order.public_id)
        answer = other.get(address) if name == "order" else other.post(address, {"answer": "x"})
        assert answer.status_code == 404
    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


def test_given_somebody_else_when_asking_for_lists_or_documents_then_nothing_is_found(
    customer, stranger, order
):
    other, document = signed_in(stranger), Document.objects.get()
    assert other.get(at("orders", customer)).status_code == 404
    assert other.get(at("documents", customer)).status_code == 404
    assert other.get(at("document_pdf", customer, document.public_id)).status_code == 404
    assert other.get(at("document_pdf", stranger, document.public_id)).status_code == 404
    assert order.reference not in other.get(at("orders", stranger)).content.decode()


@pytest.mark.parametrize("role", ["licence_manager", "member"])
def test_given_a_role_without_money_when_opening_orders_and_documents_then_it_may_not(
    customer, order, role
):
    browser = colleague(customer.organisation, role)
    document = Document.objects.get()
    for address in (
        at("orders", customer),
        at("order", customer, order.public_id),
        at("documents", customer),
        at("document_pdf", customer, document.public_id),
    ):
        assert browser.get(address).status_code == 403
    assert browser.post(at("cancel_order", customer, order.public_id)).status_code == 403
    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


def test_given_no_login_when_opening_orders_then_the_sign_in_comes_first(customer):
    response = Client().get(at("orders", customer))
    assert response["Location"].startswith("/accounts/login/")
