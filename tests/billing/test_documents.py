"""Pro formas, invoices and credit notes: numbers, content, ledger and PDF."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from billing.documents.content import VendorTax
from billing.models import Document, FinanceTask, LedgerEntry, NumberSeries
from billing.models.document import DocumentKind
from billing.selectors import amount_due, balance_of
from billing.services.documents import (
    content_of,
    issue_credit_note,
    issue_invoice,
    issue_pro_forma,
)
from billing.services.links import pay_url
from billing.services.numbering import take_number
from billing.services.ordering import approve_order
from billing.services.refunds import request_refund, settle_bank_refund
from portal.kit import clock
from portal.kit.append_only import AppendOnlyError
from portal.notifications.models import Mail
from tests import factories
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


@pytest.fixture
def approved(shop, customer, staff):
    """Given an order on account: the key comes before the money."""
    order = given.placed(shop, customer, pay_by="transfer", purchase_order="PO-17")
    return approve_order(order=order, staff=staff, actor=given.staff_actor(staff))


# Invoices


def test_given_an_order_on_account_when_invoiced_then_it_is_numbered_booked_and_due(approved):
    invoice = issue_invoice(order=approved, at=MONDAY)

    assert (invoice.number, invoice.year, invoice.sequence) == ("INV-2026-00001", 2026, 1)
    assert (invoice.issued_on, invoice.due_on) == (TODAY, date(2026, 12, 23))
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (
        172800,
        34560,
        207360,
    )
    assert not invoice.paid_at_issue
    lines = invoice.lines.values_list(
        "description", "detail", "quantity", "unit_amount", "months", "amount"
    )
    assert list(lines) == [
        ("Distribution Engine", "", 12, 12000, 12, 144000),
        ("Premier support", "20% of the licence fee", None, None, 12, 28800),
    ]
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.amount, entry.currency, entry.document) == (
        "invoice",
        207360,
        "GBP",
        invoice,
    )
    assert (balance_of(approved), amount_due(approved)) == (207360, 207360)
    mail = Mail.objects.get(kind="invoice")
    assert mail.attachments == [invoice.public_id]


def test_given_an_invoice_when_issued_again_then_it_is_the_same_one(approved):
    first = issue_invoice(order=approved, at=MONDAY)
    second = issue_invoice(order=approved, at=MONDAY + timedelta(days=1))

    assert first.pk == second.pk
    assert NumberSeries.objects.get().last == 1
    assert LedgerEntry.objects.count() == 1
    assert Mail.objects.filter(kind="invoice").count() == 1


def test_given_a_transfer_in_full_when_recorded_then_the_invoice_says_paid(shop, customer, staff):
    order = given.placed(shop, customer, pay_by="transfer")
    given.pay(order, staff, "2073.60")

    invoice = order.documents.get(kind=DocumentKind.INVOICE)
    assert (invoice.paid_at_issue, invoice.due_on) == (True, None)
    content = content_of(invoice)
    assert (content.paid, content.balance, content.paid_stamp, content.paid_on) == (
        207360,
        0,
        True,
        TODAY,
    )
    assert content.payment_url == ""
    assert balance_of(order) == 0


def test_given_more_than_was_due_when_invoiced_then_the_invoice_states_its_own_sum_as_paid(
    shop, customer, staff
):
    order = given.placed(shop, customer, pay_by="transfer")
    given.pay(order, staff, "2100.00")

    content = content_of(order.documents.get(kind=DocumentKind.INVOICE))

    assert (content.paid, content.balance) == (207360, 0)
    assert balance_of(order) == -2640


def test_given_a_later_payment_when_the_content_is_read_again_then_it_is_the_same(approved, staff):
    with clock.pretend(MONDAY):
        given.pay(approved, staff, "100.00")
    invoice = issue_invoice(order=approved, at=MONDAY)
    before = content_of(invoice)
    with clock.pretend(MONDAY + timedelta(days=3)):
        given.pay(approved, staff, "50.00")

    assert (before.paid, before.balance) == (10000, 197360)
    assert content_of(invoice) == before
    assert amount_due(approved) == 192360


def test_given_invoices_when_numbered_then_they_count_up_and_start_again_each_vendor_year(
    shop, customer, staff
):
    shop.vendor.time_zone = "Asia/Tokyo"
    shop.vendor.save()
    # In Tokyo 16:00 UTC on New Year's Eve is 1 January.
    moments = [
        datetime(2026, 12, 31, 14, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 15, 0, tzinfo=UTC),
    ]
    numbers = []
    for moment in moments:
        with clock.pretend(moment):
            order = given.placed(shop, customer, label=str(moment.second + moment.hour))
            order = approve_order(order=order, staff=staff, actor=given.staff_actor(staff))
            numbers.append(issue_invoice(order=order, at=moment).number)

    assert numbers == ["INV-2026-00001", "INV-2026-00002", "INV-2027-00001"]


def test_given_a_transaction_that_fails_when_rolled_back_then_its_number_is_used_again(approved):
    def issue_and_die():
        with transaction.atomic():
            issue_invoice(order=approved, at=MONDAY)
            raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError, match="the lights went out"):
        issue_and_die()

    assert not Document.objects.filter(kind=DocumentKind.INVOICE).exists()
    assert issue_invoice(order=approved, at=MONDAY).number == "INV-2026-00001"


@pytest.mark.django_db(transaction=True)
def test_given_no_transaction_when_a_number_is_taken_then_it_is_refused():
    with pytest.raises(RuntimeError):
        take_number(kind=DocumentKind.INVOICE, on=TODAY)
    assert not NumberSeries.objects.exists()


def test_given_an_issued_document_when_changed_or_deleted_then_it_is_refused(approved):
    invoice = issue_invoice(order=approved, at=MONDAY)
    invoice.gross_amount = 1
    with pytest.raises(AppendOnlyError):
        invoice.save()
    with pytest.raises(AppendOnlyError):
        invoice.delete()
    with pytest.raises(AppendOnlyError):
        invoice.lines.first().delete()
    with pytest.raises(AppendOnlyError):
        LedgerEntry.objects.update(amount=1)
    invoice.refresh_from_db()
    assert invoice.gross_amount == 207360


def test_given_an_invoice_when_buyer_and_vendor_move_then_it_keeps_what_was(
    approved, shop, customer
):
    invoice = issue_invoice(order=approved, at=MONDAY)
    customer.organisation.legal_name = "Renamed Ltd"
    customer.organisation.save()
    shop.vendor.address_lines = "Elsewhere"
    shop.vendor.save()

    content = content_of(Document.objects.get(pk=invoice.pk))

    assert content.buyer.name == approved.bill_to["name"] != "Renamed Ltd"
    assert content.seller.address_lines == ("1 Canal Street", "Manchester M1 3HE")


# Pro formas


def test_given_a_pro_forma_when_read_then_it_asks_for_the_money_without_a_number(shop, customer):
    order = given.placed(shop, customer, pay_by="transfer", purchase_order="PO-17")

    content = content_of(order.documents.get())

    assert content.number is None
    assert (content.balance, content.due_on) == (207360, date(2026, 12, 23))
    assert content.payment_url == pay_url(order)
    assert content.purchase_order == "PO-17"
    assert content.bank_details.reference == order.reference
    assert content.bank_details.iban == "GB33BUKB20201555555555"
    assert content.lines[0].period_start == TODAY
    assert content.lines[0].period_last_day == date(2027, 11, 22)
    assert content.terms_line == "Standard terms, version 2026-01, accepted on 23 Nov 2026."
    assert not LedgerEntry.objects.exists()
    assert not NumberSeries.objects.exists()


def test_given_a_pro_forma_when_asked_for_again_then_it_is_the_same_one(shop, customer):
    order = given.placed(shop, customer)
    assert issue_pro_forma(order=order).pk == order.documents.get().pk


def test_given_a_draft_when_a_pro_forma_is_asked_for_then_there_is_none(shop, customer):
    with pytest.raises(ValueError, match="placed order"):
        issue_pro_forma(order=given.draft(shop, customer))
    assert not Document.objects.exists()


def test_given_prices_with_tax_in_them_when_a_pro_forma_is_read_then_its_lines_make_the_total(
    shop, customer
):
    shop.product.prices.filter(currency="GBP").update(tax_inclusive=True)

    content = content_of(given.placed(shop, customer).documents.get())

    # 1728.00 with 20 % VAT in it is 1440.00 and 288.00.
    assert content.prices_include_tax
    assert [line.net for line in content.lines] == [144000, 28800]
    assert (content.net, content.tax, content.gross) == (144000, 28800, 172800)


def test_given_a_separate_agreement_when_a_pro_forma_is_read_then_it_names_its_label(
    shop, customer
):
    content = content_of(given.placed(shop, customer, label=" Lab  two ").documents.get())
    assert content.lines[0].details == ("Separate agreement “Lab two”",)


# Credit notes


def test_given_an_invoice_when_credited_then_the_balance_is_nothing_and_the_note_has_a_number(
    approved,
):
    invoice = issue_invoice(order=approved, at=MONDAY)

    note = issue_credit_note(invoice=invoice, reason="Order declined", at=MONDAY)
    again = issue_credit_note(invoice=invoice, reason="Order declined", at=MONDAY)

    assert note.pk == again.pk
    assert (note.number, note.corrects, note.gross_amount) == ("CRN-2026-00001", invoice, 207360)
    assert note.lines.count() == 2
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", "amount")) == [
        ("invoice", 207360),
        ("credit_note", -207360),
    ]
    assert (balance_of(approved), amount_due(approved)) == (0, 0)
    content = content_of(note)
    assert (content.references, content.notes) == ("INV-2026-00001", ("Order declined",))
    assert content.payment_url == ""
    assert content.bank_details is None
    assert Mail.objects.filter(kind="credit_note").count() == 1


# VAT in another currency


def test_given_vat_in_euro_when_invoiced_then_it_is_stated_in_pounds_at_the_days_rate(
    shop, customer, staff
):
    given.exchange_rate("EUR", TODAY - timedelta(days=3), "0.83")
    given.exchange_rate("EUR", TODAY - timedelta(days=1), "0.8412")
    given.exchange_rate("EUR", TODAY + timedelta(days=1), "0.9")
    order = given.placed(shop, customer, currency="EUR")
    order = approve_order(order=order, staff=staff, actor=given.staff_actor(staff))

    content = content_of(issue_invoice(order=order, at=MONDAY))

    # 345.60 EUR × 0.8412 = 290.71872 GBP
    assert content.vendor_tax == VendorTax(
        currency="GBP",
        tax=29072,
        rate=Decimal("0.8412"),
        rate_on=TODAY - timedelta(days=1),
        rate_source="HM Revenue & Customs",
    )
    assert not FinanceTask.objects.exists()


def test_given_no_new_rate_when_money_comes_weeks_later_then_the_invoice_still_comes(
    shop, customer, staff
):
    given.exchange_rate("EUR", TODAY, "0.84")
    order = given.placed(shop, customer, currency="EUR", pay_by="transfer")

    with clock.pretend(MONDAY + timedelta(days=21)):
        given.pay(order, staff, "2073.60")

    invoice = order.documents.get(kind=DocumentKind.INVOICE)
    assert invoice.vendor_tax["rate_on"] == "2026-11-23"
    assert FinanceTask.objects.get().once_key == f"old-rate:{invoice.public_id}"


def test_given_no_vat_when_sold_in_euro_then_no_rate_is_needed(shop, staff):
    membership = factories.MembershipFactory(
        organisation__country="DE", organisation__vat_number="DE136695976"
    )
    factories.TaxNumberCheckFactory(organisation=membership.organisation)
    buyer = type("Buyer", (), {"organisation": membership.organisation, "owner": membership.user})

    order = given.placed(shop, buyer, currency="EUR")

    pro_forma = order.documents.get()
    assert (order.tax_amount, pro_forma.vendor_tax) == (0, {})
    assert pro_forma.tax_groups[0]["note"] == (
        "Outside the scope of UK VAT; the customer accounts for any tax."
    )


def test_given_a_part_that_went_back_before_the_invoice_then_it_is_not_stated_as_paid(
    approved, staff
):
    payment = given.pay(approved, staff, "100.00")
    back = request_refund(
        payment=payment, amount=10000, reason="Sent by mistake", actor=given.staff_actor(staff)
    )
    settle_bank_refund(refund=back, actor=given.staff_actor(staff))

    invoice = issue_invoice(order=approved, at=MONDAY)

    content = content_of(invoice)
    assert (content.paid, content.balance) == (0, 207360)
    assert balance_of(approved) == 207360
