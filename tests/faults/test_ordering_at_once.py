"""Two people, two tabs, two workers at the same moment: each thing still happens once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from billing.models import Document, LedgerEntry, NumberSeries, Order
from billing.models.document import DocumentKind
from billing.services.documents import issue_invoice
from billing.services.numbering import take_number
from billing.services.ordering import approve_order
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.notifications.models import Mail
from tests import factories
from tests.billing import given
from tests.billing.given import MONDAY

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TOGETHER = 4


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in as many threads, all let go together; a refusal comes back as its code."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            with clock.pretend(MONDAY):
                return call()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


def draft(shop, customer, **wishes) -> Order:
    with clock.pretend(MONDAY):
        return given.draft(shop, customer, **wishes)


def test_given_threads_that_take_numbers_when_at_once_then_there_is_no_gap_and_no_double():
    def take_five() -> list[int]:
        taken = []
        for _ in range(5):
            with transaction.atomic():
                number = take_number(kind=DocumentKind.INVOICE, on=date(2026, 11, 23))
            taken.append(number.sequence)
        return taken

    taken = at_once([take_five] * TOGETHER)

    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 21))
    assert NumberSeries.objects.get().last == 20


def test_given_a_rollback_among_them_when_numbers_are_taken_then_its_number_goes_to_another():
    def take(*, keep: bool) -> int | None:
        with transaction.atomic():
            number = take_number(kind=DocumentKind.INVOICE, on=date(2026, 11, 23))
            transaction.set_rollback(not keep)
        return number.sequence if keep else None

    taken = at_once([lambda: take(keep=True), lambda: take(keep=False)] * 2)

    assert sorted(number for number in taken if number is not None) == [1, 2]
    assert NumberSeries.objects.get().last == 2


def test_given_orders_invoiced_at_once_when_numbered_then_they_count_up_without_a_gap(
    shop, customer, staff
):
    with clock.pretend(MONDAY):
        orders = [
            approve_order(
                order=given.placed(shop, customer, label=f"Lab {number}"),
                staff=staff,
                actor=given.staff_actor(staff),
            )
            for number in range(TOGETHER)
        ]

    at_once([lambda order=order: issue_invoice(order=order, at=MONDAY) for order in orders])

    numbers = Document.objects.filter(kind=DocumentKind.INVOICE).values_list("sequence", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4]
    assert LedgerEntry.objects.count() == TOGETHER


def test_given_a_double_click_when_placed_at_once_then_there_is_one_order_one_mail(shop, customer):
    order = draft(shop, customer)

    placed = at_once([lambda: given.place(order, customer)] * TOGETHER)

    assert {result.pk for result in placed} == {order.pk}
    assert {result.status for result in placed} == {"placed"}
    assert Document.objects.count() == 1
    assert Mail.objects.filter(kind="order_placed").count() == 1


def test_given_two_drafts_when_placed_at_once_then_one_wins_and_the_other_is_led_to_it(
    shop, customer
):
    drafts = [draft(shop, customer) for _ in range(2)]

    results = at_once([lambda order=order: given.place(order, customer) for order in drafts])

    assert sum(result == "order_on_its_way" for result in results) == 1
    assert sorted(Order.objects.values_list("status", flat=True)) == ["draft", "placed"]
    assert Document.objects.count() == 1


def test_given_one_form_when_sent_at_once_then_there_is_one_draft(shop, customer):
    sent = at_once([lambda: given.draft(shop, customer, form_token="form")] * TOGETHER)

    assert len({order.pk for order in sent}) == 1
    assert Order.objects.count() == 1
    assert Order.objects.get().lines.count() == 2


def test_given_a_limit_for_one_order_when_two_are_placed_on_account_at_once_then_one_is_refused(
    shop, customer
):
    factories.CreditTermsFactory(organisation=customer.organisation, limit_amount=207360)
    drafts = [draft(shop, customer, label=label) for label in ("", "Lab")]

    results = at_once(
        [lambda order=order: given.place(order, customer, pay_by="on_account") for order in drafts]
    )

    assert sum(result == "no_credit" for result in results) == 1
    assert sorted(Order.objects.values_list("status", flat=True)) == ["accepted", "draft"]


def test_given_staff_that_approve_twice_when_at_once_then_there_is_one_key_request(
    shop, customer, staff
):
    with clock.pretend(MONDAY):
        order = given.placed(shop, customer)
    approve = {"order": order, "staff": staff, "actor": given.staff_actor(staff)}

    results = at_once([lambda: approve_order(**approve)] * 2)

    assert {result.status for result in results} == {"accepted"}
    assert order.organisation.agreements.get().key_requests.count() == 1
