"""Acceptance fixes the term and opens the key request, in the transaction of the caller."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from billing.models import Order
from billing.services import acceptance
from billing.services.acceptance import accept_order
from billing.services.documents import issue_invoice
from billing.services.ordering import approve_order
from licensing.models import Agreement, KeyRequest, SeatLedgerEntry, Term
from licensing.services.errors import AgreementExists
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.notifications.models import Mail
from tests import factories
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


def approve(order: Order, staff, at: datetime = MONDAY) -> Order:
    with clock.pretend(at):
        return approve_order(order=order, staff=staff, actor=given.staff_actor(staff))


def test_given_an_order_placed_in_november_when_accepted_in_december_then_the_term_starts_there(
    shop, customer, staff
):
    order = given.placed(shop, customer, pay_by="transfer")

    approve(order, staff, datetime(2026, 12, 10, 15, tzinfo=UTC))

    term = Term.objects.get()
    assert (term.starts_on, term.ends_on, term.order_id) == (
        date(2026, 12, 10),
        date(2027, 12, 10),
        order.public_id,
    )
    assert term.support == "premier"
    entry = SeatLedgerEntry.objects.get()
    assert (entry.quantity, entry.effective_on) == (12, date(2026, 12, 10))
    request = KeyRequest.objects.get()
    assert (request.order_id, request.requested_by) == (order.public_id, customer.owner.email)
    assert request.due_at == datetime(2026, 12, 11, 15, tzinfo=UTC)


def test_given_the_real_term_when_invoiced_then_the_invoice_states_it_and_the_order_the_first_one(
    shop, customer, staff
):
    order = given.placed(shop, customer, pay_by="transfer")
    accepted = approve(order, staff, datetime(2026, 12, 10, 15, tzinfo=UTC))

    invoice = issue_invoice(order=accepted, at=datetime(2026, 12, 11, 9, tzinfo=UTC))

    provisional = {(date(2026, 11, 23), date(2027, 11, 23))}
    pro_forma = order.documents.get(kind="pro_forma")
    periods = ("period_start", "period_end")
    assert set(order.lines.values_list(*periods)) == provisional
    assert set(pro_forma.lines.values_list(*periods)) == provisional
    assert set(invoice.lines.values_list(*periods)) == {(date(2026, 12, 10), date(2027, 12, 10))}
    assert (invoice.gross_amount, pro_forma.gross_amount) == (207360, 207360)


def test_given_a_later_day_chosen_when_accepted_before_then_the_term_waits_for_it(
    shop, customer, staff
):
    order = given.placed(shop, customer, wanted_start=date(2027, 1, 1))
    approve(order, staff)
    assert Term.objects.get().starts_on == date(2027, 1, 1)


def test_given_a_chosen_day_that_passed_when_accepted_then_the_term_starts_at_acceptance(
    shop, customer, staff
):
    order = given.placed(shop, customer, wanted_start=date(2026, 11, 25))
    approve(order, staff, datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert Term.objects.get().starts_on == date(2026, 12, 1)


def test_given_a_summer_night_when_accepted_then_the_vendors_date_counts(shop, customer, staff):
    # 23:30 UTC on 30 June is already 1 July in London.
    night = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    with clock.pretend(night):
        order = given.placed(shop, customer)
    approve(order, staff, night)
    assert Term.objects.get().starts_on == date(2027, 7, 1)


def test_given_an_accepted_order_when_looked_at_then_it_is_audited_and_told_once(
    shop, customer, staff
):
    order = approve(given.placed(shop, customer), staff)

    event = AuditEvent.objects.get(action="order.accepted")
    assert event.subject_id == order.public_id
    assert event.data == {
        "key_request": KeyRequest.objects.get().public_id,
        "starts_on": "2026-11-23",
    }
    assert order.agreement == Agreement.objects.get()
    assert Mail.objects.filter(kind="order_accepted").count() == 1


@pytest.mark.parametrize("automatic", [True, False])
def test_given_a_product_with_automatic_keys_when_accepted_then_a_job_issues_the_key(
    shop, customer, staff, monkeypatch, automatic
):
    shop.product.issue_automatically = automatic
    shop.product.save()
    jobs = []
    monkeypatch.setattr(acceptance, "enqueue", lambda *job: jobs.append(job))

    approve(given.placed(shop, customer), staff)

    expected = [("billing.issue_key_automatically", KeyRequest.objects.get().public_id)]
    assert jobs == (expected if automatic else [])


def test_given_an_agreement_in_the_way_when_accepted_then_nothing_of_it_is_stored(
    shop, customer, staff
):
    order = given.placed(shop, customer)
    Agreement.objects.create(
        organisation=customer.organisation, product=shop.product, currency="GBP", created_at=MONDAY
    )

    with pytest.raises(AgreementExists), transaction.atomic():
        accept_order(order=order, actor=given.staff_actor(staff), at=MONDAY)

    order.refresh_from_db()
    assert order.status == "placed"
    assert not KeyRequest.objects.exists()
    assert not Mail.objects.filter(kind="order_accepted").exists()
    Agreement.objects.all().delete()


def test_given_a_perpetual_product_when_accepted_then_the_term_has_no_end(shop, customer, staff):
    shop.device_product.on_sale = True
    shop.device_product.save()
    factories.TermsVersionFactory(product=shop.device_product)

    order = given.placed(shop, customer, product=shop.device_product, quantity=5, support_plan=None)
    order = approve(order, staff)
    invoice = issue_invoice(order=order, at=MONDAY)

    assert Term.objects.get().ends_on is None
    line = invoice.lines.get()
    assert (line.quantity, line.unit_amount, line.amount, line.period_start) == (
        5,
        17900,
        89500,
        None,
    )
