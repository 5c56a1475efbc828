"""The dashboard: what the organisation has, what is due, and for whom it says so."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Document, LedgerEntry, Order
from billing.services.keys import DeclineOutcome, decline_request, issue_key_for_request
from billing.services.payments import record_transfer
from licensing.models import Agreement, KeyRequest, Licence, SeatLedgerEntry, Term
from licensing.services.agreements import cancel_agreement
from licensing.services.key_requests import wait_for_customer
from licensing.services.keys import collect_key, suspend_licence
from portal.accounts.models import Role
from portal.kit import clock
from tests import factories
from tests.licensing.conftest import PERSON, STAFF
from tests.licensing.pages import words

pytestmark = pytest.mark.django_db

SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def dashboard(customer, sign_in):
    """Read the dashboard as a member with a role, without tags and runs of white space."""

    def read(role: Role = Role.OWNER) -> str:
        answer = sign_in(role).get(address(customer))
        assert answer.status_code == 200
        return words(answer)

    return read


def address(customer) -> str:
    return f"/o/{customer.organisation.public_id}/"


def test_given_nothing_bought_then_an_owner_is_led_to_the_prices(customer, vendor, sign_in):
    answer = sign_in().get(address(customer))
    assert "No licences yet" in words(answer)
    assert '<a class="button button-primary" href="/?currency=GBP" >See prices and buy</a>' in str(
        answer.content.decode()
    )


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LICENCE_MANAGER])
def test_given_nothing_bought_then_who_may_not_order_is_told_who_may(vendor, dashboard, role):
    shown = dashboard(role)
    assert "An owner of your organisation, or a member with the billing role" in shown
    assert "See prices and buy" not in shown


@pytest.mark.parametrize("role", list(Role))
def test_given_an_agreement_then_every_role_sees_seats_support_and_last_day(
    key_request, dashboard, role
):
    shown = dashboard(role)
    assert "Distribution Engine 12 Premier 23 Nov 2026 – 22 Nov 2027" in shown


def test_given_a_request_of_a_saturday_then_it_is_due_by_close_on_monday(grant, dashboard):
    grant(at=SATURDAY)
    assert (
        "Key for Distribution Engine 12 seats With the licence desk "
        "by close of business on 23 Nov 2026 –" in dashboard()
    )


def test_given_a_promise_that_was_broken_then_it_says_overdue(grant, dashboard):
    grant(at=SATURDAY)
    with clock.pretend(datetime(2026, 11, 24, 9, 0, tzinfo=UTC)):
        assert "by close of business on 23 Nov 2026 Overdue" in dashboard()
    with clock.pretend(datetime(2026, 11, 24, 8, 59, tzinfo=UTC)):
        assert "Overdue" not in dashboard()


def test_given_a_reader_elsewhere_then_a_due_moment_is_told_in_the_readers_zone(
    key_request, customer, dashboard
):
    customer.owner.time_zone = "America/Chicago"
    customer.owner.save()
    assert "by Tue, 24 Nov 2026, 04:00 CST" in dashboard()


@pytest.mark.parametrize("role", [Role.OWNER, Role.LICENCE_MANAGER])
def test_given_a_key_not_collected_then_who_may_see_it_is_asked_to_collect(
    licence, customer, sign_in, role
):
    answer = sign_in(role).get(address(customer))
    assert "Ready to collect – – Collect the key" in words(answer)
    assert f"/licences/{licence.public_id}/" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.BILLING, Role.MEMBER])
def test_given_a_key_not_collected_then_others_see_its_state_and_no_way_to_it(
    licence, customer, sign_in, role
):
    answer = sign_in(role).get(address(customer))
    assert "Ready to collect" in words(answer)
    assert "Collect the key" not in words(answer)
    assert licence.public_id not in answer.content.decode()


def test_given_a_collected_key_then_nothing_is_due(licence, dashboard):
    collect_key(licence=licence, actor=PERSON)
    shown = dashboard()
    assert "What is due" not in shown
    assert "Collected See the key" in shown


def test_given_a_suspended_key_then_the_table_says_so(licence, dashboard):
    suspend_licence(licence=licence, reason="Chargeback", actor=STAFF)
    shown = dashboard()
    assert "Suspended See the key" in shown
    assert "Collect the key" not in shown


def test_given_a_term_to_come_then_the_agreement_starts_later(grant, dashboard):
    grant(starts_on=date(2026, 12, 1))
    assert "Distribution Engine Starts later 12 Premier 1 Dec 2026 – 30 Nov 2027" in dashboard()


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2027, 11, 22), "Distribution Engine 12"),
        (date(2027, 11, 23), "Distribution Engine Term over, in grace 12"),
        (date(2027, 12, 6), "Distribution Engine Term over, in grace 12"),
        (date(2027, 12, 7), "Distribution Engine Term over 12"),
    ],
)
def test_given_the_days_after_the_term_then_grace_is_told_by_the_date(
    key_request, dashboard, today, says
):
    with clock.pretend(datetime(today.year, today.month, today.day, 12, tzinfo=UTC)):
        assert says in dashboard()


def test_given_a_cancelled_agreement_then_it_stands_last_without_seats(grant, dashboard):
    gone = grant(order_id="ord_gone", label="Branch", at=SATURDAY)
    cancel_agreement(agreement=gone.agreement, reason="By mistake", actor=STAFF)
    grant(at=SATURDAY)
    shown = dashboard()
    assert shown.index("Distribution Engine · Branch Cancelled 0") > shown.index(
        "Distribution Engine 12"
    )


def test_given_a_question_then_it_comes_first_and_asks_who_may_answer(order, dashboard):
    request = KeyRequest.objects.get(order_id=order().public_id)
    wait_for_customer(key_request=request, question="Which name?", actor=STAFF)
    order(label="Branch")
    shown = dashboard()
    assert shown.index("Waiting for you – – Answer") < shown.index("With the licence desk")
    assert "Waiting for you – – See the request" in dashboard(Role.BILLING)


def test_given_an_order_paid_in_part_then_the_rest_is_due_by_the_last_day(order, dashboard, staff):
    placed = order(pay_by="transfer")
    assert placed.gross_amount == 172800
    record_transfer(
        order=placed,
        amount_text="1,000.00",
        currency="GBP",
        received_on=date(2026, 11, 23),
        reference="",
        staff=staff,
        form_token="t",
        actor=STAFF,
    )
    says = (
        f"Order {placed.reference} Distribution Engine, 12 seats Awaiting payment "
        "by 23 Dec 2026 £728.00 Pay"
    )
    assert says in dashboard(Role.BILLING)


def test_given_a_draft_then_it_can_be_finished_and_is_not_due(order, dashboard):
    draft = order(pay_by="nothing yet")
    assert f"Order {draft.reference} Distribution Engine, 12 seats Not placed yet – £1,728.00" in (
        dashboard()
    )


def test_given_an_invoice_on_account_then_it_is_due_and_later_overdue(order, dashboard, staff):
    request = KeyRequest.objects.get(order_id=order().public_id)
    issue_key_for_request(key_request=request, staff=staff, actor=STAFF)
    says = "Invoice INV-2026-00001 To be paid by 23 Dec 2026 £1,728.00 Pay"
    assert says in dashboard()
    with clock.pretend(datetime(2026, 12, 24, 0, 0, tzinfo=UTC)):
        assert "by 23 Dec 2026 Overdue £1,728.00" in dashboard()


@pytest.mark.parametrize("role", [Role.LICENCE_MANAGER, Role.MEMBER])
def test_given_orders_and_invoices_then_who_may_not_pay_sees_none(order, dashboard, staff, role):
    request = KeyRequest.objects.get(order_id=order().public_id)
    issue_key_for_request(key_request=request, staff=staff, actor=STAFF)
    order(pay_by="transfer", label="Branch")
    shown = dashboard(role)
    assert "Invoice" not in shown
    assert "Order" not in shown
    assert "£" not in shown


def test_given_a_returned_order_then_each_reader_is_asked_once(order, dashboard):
    returned = order()
    request = KeyRequest.objects.get(order_id=returned.public_id)
    decline_request(
        key_request=request, outcome=DeclineOutcome.RETURN, reason="Which name?", actor=STAFF
    )
    assert f"Order {returned.reference}" not in dashboard(Role.OWNER)
    assert "Waiting for you – – Answer" in dashboard(Role.OWNER)
    assert f"Order {returned.reference}" in dashboard(Role.BILLING)
    assert "Returned for correction – – Correct it" in dashboard(Role.BILLING)


def test_given_somebody_elses_organisation_then_it_does_not_exist(
    licence, customer, stranger, sign_in
):
    answer = sign_in(person=stranger.owner).get(address(customer))
    assert answer.status_code == 404
    assert customer.organisation.legal_name not in answer.content.decode()


def test_given_nobody_signed_in_then_the_sign_in_page_comes_first(customer, client):
    answer = client.get(address(customer))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/o/org_")


def test_given_20_and_200_rows_then_six_queries_each(order, customer, sign_in):
    browser = sign_in()
    browser.get(address(customer))
    draft = order(pay_by="nothing yet")
    fill(draft, 1, 20)
    with CaptureQueriesContext(connection) as few:
        at_20 = browser.get(address(customer))
    fill(draft, 21, 200)
    with CaptureQueriesContext(connection) as many:
        at_200 = browser.get(address(customer))
    assert (len(few), len(many)) == (6, 6)
    assert "And 71 more." in words(at_20)
    assert "All agreements" in words(at_20)
    assert "And 791 more." in words(at_200)
    assert "All agreements" in words(at_200)


def fill(draft: Order, first: int, last: int) -> None:
    """Add agreements with a pending request and a key each, drafts and unpaid invoices."""
    numbers = range(first, last + 1)
    organisation, product, at = draft.organisation, draft.product, draft.created_at
    agreements = Agreement.objects.bulk_create(
        Agreement(
            organisation=organisation, product=product, label=f"n{n}", currency="GBP", created_at=at
        )
        for n in numbers
    )
    for number, agreement in zip(numbers, agreements, strict=True):
        day = date(2026, 11, 23)
        Term.objects.create(
            agreement=agreement, starts_on=day, ends_on=day + timedelta(days=365), order_id="o"
        )
        SeatLedgerEntry.objects.create(
            agreement=agreement, quantity=5, effective_on=day, order_id="o", reason="first", at=at
        )
        request, _pending = [
            KeyRequest.objects.create(
                agreement=agreement,
                kind=kind,
                order_id=f"{kind}-{number}",
                quantity_after=5,
                requested_at=at,
                due_at=at,
                status=status,
            )
            for kind, status in (("first", "issued"), ("addition", "open"))
        ]
        Licence.objects.create(
            agreement=agreement,
            key_request=request,
            seats=5,
            starts_on=day,
            ends_on=day + timedelta(days=365),
            kid="k",
            key=f"key-{number}",
            issued_at=at,
            issued_by="Desk",
        )
        _owe(draft, number, at)


def _owe(draft: Order, number: int, at: datetime) -> None:
    order = Order.objects.get(pk=draft.pk)
    order.pk, order.public_id, order.form_token = None, f"ord_{number:026}", f"copy-{number}"
    order._state.adding = True
    order.save()
    invoice = Document.objects.create(
        kind="invoice",
        organisation=order.organisation,
        order=order,
        year=2026,
        sequence=number,
        number=f"N{number}",
        issued_at=at,
        issued_on=at.date(),
        due_on=at.date(),
        currency="GBP",
        net_amount=100,
        tax_amount=0,
        gross_amount=100,
    )
    LedgerEntry.objects.create(
        organisation=order.organisation,
        order=order,
        kind="invoice",
        currency="GBP",
        amount=100,
        document=invoice,
        at=at,
    )


def test_given_an_unfinished_and_an_older_term_then_the_current_one_is_shown(
    key_request, dashboard
):
    Term.objects.create(
        agreement=key_request.agreement,
        number=2,
        starts_on=date(2027, 11, 23),
        ends_on=date(2028, 11, 23),
        order_id="ord_2",
    )
    assert "23 Nov 2026 – 22 Nov 2027" in dashboard()
    with clock.pretend(datetime(2027, 11, 23, 12, tzinfo=UTC)):
        assert "23 Nov 2027 – 22 Nov 2028" in dashboard()
    with clock.pretend(datetime(2030, 1, 1, 12, tzinfo=UTC)):
        assert "23 Nov 2027 – 22 Nov 2028" in dashboard()


def test_given_two_organisations_then_each_has_its_own_things_due(licence, customer, sign_in):
    other = factories.MembershipFactory(user=customer.owner).organisation
    answer = sign_in().get(f"/o/{other.public_id}/")
    assert "No licences yet" in words(answer)
    assert licence.public_id not in answer.content.decode()
