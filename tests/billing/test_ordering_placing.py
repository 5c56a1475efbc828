"""Placing: what was seen is what is agreed, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.models import (
    CreditTerms,
    Document,
    Order,
)
from billing.models.order import PayBy
from billing.selectors import amount_due
from billing.services.credit import Purchase, offered_ways
from billing.services.documents import issue_invoice
from billing.services.ordering import (
    approve_order,
    refresh_draft,
)
from licensing.models import Agreement, KeyRequest
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.notifications.models import Mail
from tests import factories
from tests.billing import given
from tests.billing.given import MONDAY, TUESDAY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday():
    with clock.pretend(MONDAY):
        yield


def test_given_a_draft_when_placed_by_card_then_it_waits_for_money_on_a_pro_forma(shop, customer):
    order = given.placed(shop, customer, purchase_order=" PO-17 ")

    assert (order.status, order.pay_by, order.purchase_order) == ("placed", "card", "PO-17")
    assert (order.placed_at, order.placed_by) == (MONDAY, customer.owner)
    assert order.good_until == datetime(2026, 12, 23, 23, 59, 59, tzinfo=UTC)
    assert order.terms_version.version == "2026-01"
    assert (order.terms_accepted_by, order.terms_accepted_from, order.terms_accepted_at) == (
        customer.owner.email,
        "192.0.2.7",
        MONDAY,
    )
    assert order.bill_to == {
        "name": customer.organisation.legal_name,
        "kind": "business",
        "address_lines": ["5 Market Square", "Leeds LS1 1AA"],
        "country": "United Kingdom",
        "country_code": "GB",
        "vat_number": "",
    }
    pro_forma = Document.objects.get()
    assert (pro_forma.kind, pro_forma.number, pro_forma.due_on) == (
        "pro_forma",
        "",
        date(2026, 12, 23),
    )
    assert not Agreement.objects.exists()
    assert amount_due(order) == 207360
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipients, mail.attachments) == (
        "order_placed",
        [customer.owner.email],
        [],
    )


def test_given_a_draft_when_placed_by_transfer_then_the_pro_forma_is_mailed_to_who_pays(
    shop, customer
):
    customer.organisation.billing_contacts.create(email="ap@customer.example")

    order = given.placed(shop, customer, pay_by="transfer")

    mail = Mail.objects.get()
    assert mail.kind == "pro_forma"
    assert mail.recipients == [customer.owner.email, "ap@customer.example"]
    assert mail.attachments == [order.documents.get().public_id]


def test_given_a_credit_limit_when_placed_on_account_then_it_is_accepted_at_once(shop, customer):
    factories.CreditTermsFactory(organisation=customer.organisation, limit_amount=207360)

    order = given.placed(shop, customer, pay_by="on_account")

    assert (order.status, order.accepted_at, order.good_until) == ("accepted", MONDAY, None)
    request = KeyRequest.objects.get()
    assert (request.order_id, request.quantity_after, request.due_at) == (
        order.public_id,
        12,
        TUESDAY,
    )
    assert not Document.objects.exists()
    assert amount_due(order) == 0
    assert list(Mail.objects.values_list("kind", flat=True)) == ["order_accepted"]


@pytest.mark.parametrize(
    "terms",
    [
        None,
        {"allowed": False},
        {"currency": "EUR"},
        {"limit_amount": 207359},
    ],
)
def test_given_no_credit_for_it_when_placed_on_account_then_it_is_refused(shop, customer, terms):
    if terms is not None:
        factories.CreditTermsFactory(organisation=customer.organisation, **terms)
    order = given.draft(shop, customer)

    assert given.refused(given.place, order, customer, pay_by="on_account").code == "no_credit"
    assert given.nothing_happened(order)


def test_given_an_order_on_account_without_invoice_when_another_comes_then_both_count(
    shop, customer
):
    factories.CreditTermsFactory(organisation=customer.organisation, limit_amount=414719)
    given.placed(shop, customer, pay_by="on_account")
    second = given.draft(shop, customer, label="Lab")

    assert given.refused(given.place, second, customer, pay_by="on_account").code == "no_credit"

    CreditTerms.objects.update(limit_amount=414720)
    assert given.place(second, customer, pay_by="on_account").status == "accepted"


def test_given_an_unpaid_invoice_when_it_counts_then_once_and_overdue_it_stops_credit(
    shop, customer
):
    factories.CreditTermsFactory(organisation=customer.organisation, limit_amount=414720)
    first = given.placed(shop, customer, pay_by="on_account")
    issue_invoice(order=first, at=MONDAY)
    second = given.draft(shop, customer, label="Lab")

    with clock.pretend(MONDAY + timedelta(days=31)):
        refresh_draft(order=second)
        assert given.refused(given.place, second, customer, pay_by="on_account").code == "no_credit"
    with clock.pretend(MONDAY + timedelta(days=30)):
        refresh_draft(order=second)
        second.refresh_from_db()
        assert given.place(second, customer, pay_by="on_account").status == "accepted"


def test_given_no_account_in_a_currency_when_asked_then_a_transfer_is_not_offered(shop, customer):
    shop.vendor.bank_accounts.filter(currency="USD").delete()
    order = given.draft(shop, customer, currency="USD", support_plan=None)
    purchase = Purchase(customer.organisation, "USD", order.gross_amount)

    assert offered_ways(purchase=purchase, vendor=shop.vendor, today=TODAY) == [PayBy.CARD]


def test_given_a_placed_order_when_placed_again_then_it_is_the_same_order_once(shop, customer):
    order = given.draft(shop, customer)

    first = given.place(order, customer)
    second = given.place(order, customer, pay_by="transfer", seen_gross=1)

    assert first.pk == second.pk
    assert second.pay_by == "card"
    assert Document.objects.count() == 1
    assert Mail.objects.count() == 1
    assert AuditEvent.objects.filter(action="order.placed").count() == 1


def test_given_a_new_price_when_the_old_sum_is_placed_then_it_is_refused_with_the_new_one(
    shop, customer
):
    order = given.draft(shop, customer)
    given.raise_prices(shop)

    error = given.refused(given.place, order, customer)

    assert (error.code, error.status) == ("price_changed", 409)
    assert error.data == {"net": 187200, "tax": 37440, "gross": 224640}
    assert given.nothing_happened(order)
    assert order.gross_amount == 207360


def test_given_a_draft_refreshed_in_another_tab_when_the_stale_sum_is_placed_then_it_is_refused(
    shop, customer
):
    order = given.draft(shop, customer)
    given.raise_prices(shop)
    refresh_draft(order=order)

    stale = {"seen_gross": 207360, "seen_net": 172800}
    assert given.refused(given.place, order, customer, **stale).code == "price_changed"
    assert given.nothing_happened(order)


def test_given_a_placed_order_when_the_price_list_changes_then_the_order_does_not(shop, customer):
    order = given.placed(shop, customer)
    with pytest.raises(DomainError):
        given.raise_prices(shop)

    order.refresh_from_db()
    assert order.gross_amount == 207360


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"terms_version": ""}, "terms_not_accepted"),
        ({"terms_version": "2025-01"}, "terms_changed"),
        ({"pay_by": "cheque"}, "unknown_way_to_pay"),
        ({"pay_by": ""}, "unknown_way_to_pay"),
        ({"purchase_order": "x" * 61}, "purchase_order_too_long"),
        ({"seen_gross": 207359}, "price_changed"),
        ({"seen_net": 0}, "price_changed"),
    ],
)
def test_given_bad_input_when_placing_then_it_is_refused_and_nothing_is_stored(
    shop, customer, choices, code
):
    order = given.draft(shop, customer)

    assert given.refused(given.place, order, customer, **choices).code == code
    assert given.nothing_happened(order)


def test_given_a_mandatory_purchase_order_when_it_is_missing_then_placing_is_refused(
    shop, customer
):
    customer.organisation.purchase_order_required = True
    customer.organisation.save()
    order = given.draft(shop, customer)

    assert given.refused(given.place, order, customer, purchase_order="  ").code == (
        "purchase_order_required"
    )
    assert given.nothing_happened(order)
    assert given.place(order, customer, purchase_order="PO-1").purchase_order == "PO-1"


def test_given_no_address_when_placing_then_it_is_asked_for(shop, customer):
    customer.organisation.address_line_1 = ""
    customer.organisation.save()
    order = given.draft(shop, customer)

    assert given.refused(given.place, order, customer).code == "address_missing"
    assert given.nothing_happened(order)


def test_given_vat_in_euro_when_no_rate_of_the_week_is_known_then_placing_is_refused(
    shop, customer
):
    given.exchange_rate("EUR", TODAY - timedelta(days=8), "0.83")
    order = given.draft(shop, customer, currency="EUR")

    assert given.refused(given.place, order, customer).code == "no_exchange_rate"
    assert given.nothing_happened(order)

    given.exchange_rate("EUR", TODAY - timedelta(days=7), "0.84")
    assert given.place(order, customer).status == "placed"


def test_given_an_order_on_its_way_when_a_second_is_prepared_or_placed_then_it_leads_to_the_first(
    shop, customer
):
    stale_tab = given.draft(shop, customer)
    first = given.placed(shop, customer)

    for call, args in ((given.draft, (shop, customer)), (given.place, (stale_tab, customer))):
        error = given.refused(call, *args)
        assert (error.code, error.data["order"]) == ("order_on_its_way", first.public_id)
    assert given.placed(shop, customer, label="Lab").status == "placed"


def test_given_an_agreement_when_the_product_is_bought_again_then_it_leads_to_the_agreement(
    shop, customer, staff
):
    order = given.placed(shop, customer)
    approve_order(order=order, staff=staff, actor=given.staff_actor(staff))
    Order.objects.update(status="fulfilled")
    agreement = Agreement.objects.get()

    error = given.refused(given.draft, shop, customer)

    assert (error.code, error.data) == ("agreement_exists", {"agreement": agreement.public_id})
    Order.objects.update(status="accepted")
