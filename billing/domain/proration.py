"""What part of a term's price is owed when something is added during the term."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from portal.kit.dates import months_between
from portal.kit.errors import Invalid, gettext_noop
from portal.kit.money import round_amount

MONTHS_IN_TERM: Final = 12


class OutsideTerm(Invalid):
    """The effective date does not lie in the term, so there is nothing to charge pro-rata."""

    code = "outside_term"
    default_message = gettext_noop("%(day)s is not a day of the term from %(from)s to %(to)s.")


class ProrationPolicy(StrEnum):
    """How a started term is counted: by started months, or by days."""

    MONTHLY = "monthly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class TermShare:
    """`parts` of `whole` months (or days) are left of a term."""

    policy: ProrationPolicy
    parts: int
    whole: int

    @property
    def fraction(self) -> Fraction:
        """The exact share, above 0 and at most 1."""
        return Fraction(self.parts, self.whole)


def months_left(starts_on: date, ends_on: date, effective_on: date) -> int:
    """Return how many months of a one-year term are charged from `effective_on`: 12 down to 1.

    It is 12 less the monthly anniversaries of the first day on or before the effective date: a
    started month counts. Raises OutsideTerm.
    """
    _require_in_term(starts_on, ends_on, effective_on)
    return MONTHS_IN_TERM - months_between(starts_on, effective_on, at_most=MONTHS_IN_TERM - 1)


def term_share(
    policy: ProrationPolicy, *, starts_on: date, ends_on: date, effective_on: date
) -> TermShare:
    """Return the share of the term `[starts_on, ends_on)` left on `effective_on`.

    Raises OutsideTerm.
    """
    if policy is ProrationPolicy.MONTHLY:
        return TermShare(policy, months_left(starts_on, ends_on, effective_on), MONTHS_IN_TERM)
    _require_in_term(starts_on, ends_on, effective_on)
    return TermShare(policy, (ends_on - effective_on).days, (ends_on - starts_on).days)


def prorate(quantity: int, unit_amount: int, share: Fraction, currency: str) -> int:
    """Return quantity × unit price × share in minor units, exact and rounded once, half up."""
    return round_amount(quantity * unit_amount * share, currency)


def _require_in_term(starts_on: date, ends_on: date, effective_on: date) -> None:
    if not starts_on <= effective_on < ends_on:
        data = {"day": effective_on, "from": starts_on, "to": ends_on}
        raise OutsideTerm(data={name: day.isoformat() for name, day in data.items()})
