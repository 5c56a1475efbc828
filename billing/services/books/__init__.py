"""Do the books hold? Every invariant of money, numbers and keys, read from the rows alone."""

from collections.abc import Callable, Iterator
from typing import Final

from billing.services.books import balances, grants, keys, ledger, numbers, sums
from billing.services.books.finding import Finding

__all__ = ["CHECKS", "Finding", "check_books"]

CHECKS: Final[tuple[Callable[[], Iterator[Finding]], ...]] = (
    sums.order_sums,
    sums.document_sums,
    sums.invoices_match_orders,
    numbers.series_are_gapless,
    numbers.numbers_are_written_right,
    ledger.documents_are_booked,
    ledger.payments_are_booked,
    ledger.refunds_are_booked,
    ledger.entries_agree_with_orders,
    balances.online_payments_have_attempts,
    balances.refunds_stay_within_payments,
    balances.credit_has_a_task,
    balances.paid_orders_are_accepted,
    grants.binding_orders_grant_once,
    grants.fulfilled_orders_have_keys,
    grants.invoices_follow,
    grants.closed_orders_are_credited,
    grants.keys_are_paid,
    grants.licences_have_orders,
    keys.seats_match_ledger,
    keys.one_licence_in_force,
    keys.keys_verify,
)


def check_books() -> list[Finding]:
    """Return everything that is broken; nothing where every invariant holds.

    Reads whole tables, so it is for a command at night and for tests. Run it on a quiet database
    or in one repeatable-read transaction: it takes no locks.
    """
    return [finding for check in CHECKS for finding in check()]
