"""Lines, tax groups and totals of an order or a document; one that does not sum up cannot exist."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import accumulate, pairwise

from billing.domain.explanation import Step
from billing.domain.proration import ProrationPolicy, TermShare
from billing.domain.tax import TaxCategory, net_of_gross, tax_on_net


class LineKind(StrEnum):
    """What a line charges."""

    LICENCE = "licence"
    DISCOUNT = "discount"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Period:
    """The days `[starts_on, ends_on)`; people see the last day included."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.starts_on >= self.ends_on:
            raise ValueError("a period must end after it starts")


@dataclass(frozen=True, slots=True)
class AmountLine:
    """One line. `amount` is as priced (with the tax if prices include it), `net` without tax.

    `basis_points` is the percentage of a discount or support line, None for a licence line.
    """

    kind: LineKind
    description: str
    quantity: int
    unit_amount: int
    period: Period | None
    share: TermShare | None
    basis_points: int | None
    amount: int
    net: int
    rate_basis_points: int
    category: TaxCategory
    explanation: tuple[Step, ...]

    @property
    def months(self) -> int | None:
        """The months charged, None where the line is not counted in months."""
        if self.share is None or self.share.policy is not ProrationPolicy.MONTHLY:
            return None
        return self.share.parts


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The lines of one rate and category, on which tax is worked out once."""

    rate_basis_points: int
    category: TaxCategory
    note: str
    net: int
    tax: int

    @property
    def gross(self) -> int:
        """Net and tax together."""
        return self.net + self.tax


class BrokenSum(ValueError):
    """The parts of an order's amounts do not add up; it must never be stored or shown."""


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """Lines, tax groups and totals in minor units. One that does not sum up cannot exist."""

    currency: str
    tax_inclusive: bool
    lines: tuple[AmountLine, ...]
    tax_groups: tuple[TaxGroup, ...]
    net: int
    tax: int
    gross: int

    def __post_init__(self) -> None:
        priced = self.gross if self.tax_inclusive else self.net
        sums = (
            (self.net + self.tax, self.gross),
            (sum(line.amount for line in self.lines), priced),
            (sum(line.net for line in self.lines), self.net),
            (sum(group.net for group in self.tax_groups), self.net),
            (sum(group.tax for group in self.tax_groups), self.tax),
        )
        if any(parts != total for parts, total in sums):
            raise BrokenSum(f"the parts and totals of an order differ: {sums}")
        if any(self._net_of(group) != group.net for group in self.tax_groups):
            raise BrokenSum("a tax group is not the sum of its lines")

    def line(self, kind: LineKind) -> AmountLine | None:
        """Return the line of that kind, if there is one."""
        return next((line for line in self.lines if line.kind is kind), None)

    def _net_of(self, group: TaxGroup) -> int:
        key = (group.rate_basis_points, group.category)
        return sum(line.net for line in self.lines if _tax_key(line) == key)


def total_lines(
    lines: Sequence[AmountLine], *, currency: str, tax_inclusive: bool, note: str = ""
) -> OrderAmounts:
    """Return lines with their net, their tax groups and the totals; a line's `net` is set here.

    With tax-inclusive prices the net is shared out so that the lines sum to the group's net.
    """
    keys = dict.fromkeys(_tax_key(line) for line in lines)
    nets: dict[int, int] = {}
    groups = []
    for key in keys:
        places = [place for place, line in enumerate(lines) if _tax_key(line) == key]
        amounts = [lines[place].amount for place in places]
        group = _tax_group(sum(amounts), key, note, currency, tax_inclusive=tax_inclusive)
        groups.append(group)
        shared = _shared_nets(amounts, key[0], currency) if tax_inclusive else amounts
        nets.update(zip(places, shared, strict=True))
    net, tax = sum(group.net for group in groups), sum(group.tax for group in groups)
    return OrderAmounts(
        currency=currency,
        tax_inclusive=tax_inclusive,
        lines=tuple(replace(line, net=nets[place]) for place, line in enumerate(lines)),
        tax_groups=tuple(groups),
        net=net,
        tax=tax,
        gross=net + tax,
    )


def _tax_group(
    amount: int, key: tuple[int, TaxCategory], note: str, currency: str, *, tax_inclusive: bool
) -> TaxGroup:
    rate, category = key
    if tax_inclusive:
        net = net_of_gross(amount, rate, currency)
        return TaxGroup(rate, category, note, net=net, tax=amount - net)
    return TaxGroup(rate, category, note, net=amount, tax=tax_on_net(amount, rate, currency))


def _shared_nets(amounts: Sequence[int], rate: int, currency: str) -> list[int]:
    """Return the net of each amount; rounding the running sum keeps the total exact."""
    running = accumulate(amounts, initial=0)
    nets = [net_of_gross(gross, rate, currency) for gross in running]
    return [later - earlier for earlier, later in pairwise(nets)]


def _tax_key(line: AmountLine) -> tuple[int, TaxCategory]:
    return line.rate_basis_points, line.category
