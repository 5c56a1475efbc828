"""The amounts of an order, computed once: licence, discount, support, tax."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from billing.domain.explanation import Step, StepKind, exact_text
from billing.domain.proration import ProrationPolicy, TermShare, term_share
from billing.domain.tax import TaxRule
from billing.domain.totals import AmountLine, LineKind, OrderAmounts, Period, total_lines
from portal.kit.money import exponent, round_amount

WHOLE: Final = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class AmountsRequest:
    """What is bought, with every number that the sum depends on.

    `unit_amount` is minor units for one and a full term, from the tier that applies. `term` is
    None for a perpetual licence. `effective_on` is the first day charged, None for the whole
    term. Percentages are basis points; with `tax_inclusive` prices already hold the tax. The
    names describe the lines; without one, a line has the product's.
    """

    product_name: str
    currency: str
    quantity: int
    unit_amount: int
    tax_rule: TaxRule
    term: Period | None = None
    effective_on: date | None = None
    policy: ProrationPolicy = ProrationPolicy.MONTHLY
    discount_basis_points: int = 0
    support_basis_points: int = 0
    discount_name: str = ""
    support_name: str = ""
    tax_inclusive: bool = False

    def __post_init__(self) -> None:
        exponent(self.currency)
        if self.quantity <= 0 or self.unit_amount < 0:
            raise ValueError("a quantity is positive and a price is not negative")
        if not 0 <= self.discount_basis_points <= WHOLE:
            raise ValueError("a discount lies between 0 and 10000 basis points")
        if self.support_basis_points < 0:
            raise ValueError("a support percentage is not negative")


def compute_amounts(request: AmountsRequest) -> OrderAmounts:
    """Return the amounts of an order.

    Licence = quantity × unit price × the share of the term left, rounded once. A discount applies
    to that line; support is a percentage of what remains of it. Tax comes once for each rate and
    category. Raises OutsideTerm for an effective date that is not in the term.
    """
    licence = _licence_line(request)
    lines = [licence]
    if request.discount_basis_points:
        lines.append(_percent_line(request, LineKind.DISCOUNT, licence, licence.amount))
    if request.support_basis_points:
        base = sum(line.amount for line in lines)
        lines.append(_percent_line(request, LineKind.SUPPORT, licence, base))
    return total_lines(
        lines,
        currency=request.currency,
        tax_inclusive=request.tax_inclusive,
        note=request.tax_rule.note,
    )


def _licence_line(request: AmountsRequest) -> AmountLine:
    share = _share(request)
    full = request.quantity * request.unit_amount
    exact = full * (share.fraction if share else Fraction(1))
    amount = round_amount(exact, request.currency)
    steps = [
        Step(
            StepKind.FULL_TERM,
            quantity=request.quantity,
            unit_amount=request.unit_amount,
            amount=full,
        )
    ]
    if share:
        kind = StepKind.MONTHS if share.policy is ProrationPolicy.MONTHLY else StepKind.DAYS
        text = exact_text(exact, request.currency)
        steps.append(Step(kind, parts=share.parts, whole=share.whole, exact=text))
    return AmountLine(
        kind=LineKind.LICENCE,
        description=request.product_name,
        quantity=request.quantity,
        unit_amount=request.unit_amount,
        period=_period(request),
        share=share,
        basis_points=None,
        amount=amount,
        net=amount,
        rate_basis_points=request.tax_rule.rate_basis_points,
        category=request.tax_rule.category,
        explanation=(*steps, *_rounding(exact, amount, request.currency)),
    )


def _percent_line(
    request: AmountsRequest, kind: LineKind, licence: AmountLine, base: int
) -> AmountLine:
    """Return the discount or support line: a percentage of `base`, rounded once, half up."""
    if kind is LineKind.DISCOUNT:
        sign, basis_points, name = -1, request.discount_basis_points, request.discount_name
    else:
        sign, basis_points, name = 1, request.support_basis_points, request.support_name
    exact = Fraction(sign * base * basis_points, WHOLE)
    amount = round_amount(exact, request.currency)
    percent = Step(
        StepKind.PERCENT,
        basis_points=basis_points,
        base_amount=base,
        exact=exact_text(exact, request.currency),
    )
    return replace(
        licence,
        kind=kind,
        description=name or request.product_name,
        quantity=1,
        unit_amount=amount,
        basis_points=basis_points,
        amount=amount,
        net=amount,
        explanation=(percent, *_rounding(exact, amount, request.currency)),
    )


def _rounding(exact: Fraction, amount: int, currency: str) -> tuple[Step, ...]:
    """Return the step that shows a rounding, none where nothing was rounded."""
    if exact == amount:
        return ()
    return (Step(StepKind.ROUNDED, exact=exact_text(exact, currency), amount=amount),)


def _share(request: AmountsRequest) -> TermShare | None:
    if request.term is None:
        return None
    return term_share(
        request.policy,
        starts_on=request.term.starts_on,
        ends_on=request.term.ends_on,
        effective_on=request.effective_on or request.term.starts_on,
    )


def _period(request: AmountsRequest) -> Period | None:
    if request.term is None or request.effective_on is None:
        return request.term
    return Period(request.effective_on, request.term.ends_on)
