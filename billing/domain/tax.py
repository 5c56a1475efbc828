"""Which tax rule applies to a sale, and how much tax there is. Rates are basis points."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import combinations
from typing import Final

from portal.kit.errors import Conflict, Invalid, gettext_noop
from portal.kit.money import exponent, round_amount

WHOLE: Final = 10_000


class NoTaxRule(Invalid):
    """No rule says how this sale is taxed, and 0 % is never assumed."""

    code = "no_tax_rule"
    default_message = gettext_noop(
        "We cannot sell to your country yet, because no tax rule covers it. Please contact us.",
    )


class TaxEvidenceMissing(Invalid):
    """The rule needs evidence of a business abroad: a tax number that passed its check."""

    code = "tax_evidence_missing"
    default_message = gettext_noop(
        "Please add your VAT or tax number, so that we may invoice you without VAT.",
    )


class OverlappingTaxRules(Conflict):
    """Two rules claim the same sale on the same day."""

    code = "overlapping_tax_rules"
    default_message = gettext_noop("Two tax rules cover the same customers on the same day.")


class CustomerKind(StrEnum):
    """Whether the customer buys as a business or as a private person."""

    BUSINESS = "business"
    PRIVATE = "private"


class TaxCategory(StrEnum):
    """VAT category codes of EN 16931 (UNTDID 5305)."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"


@dataclass(frozen=True, slots=True)
class TaxRule:
    """How sales of a vendor in one country to a kind of customer are taxed, in a time.

    `customer_country` None means any country but the vendor's. `valid_to` is exclusive, None for
    no end. `needs_evidence` asks for a tax number that passed its check.
    """

    vendor_country: str
    customer_country: str | None
    customer_kind: CustomerKind
    rate_basis_points: int
    category: TaxCategory
    needs_evidence: bool = False
    note: str = ""
    valid_from: date = date.min
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rate_basis_points <= WHOLE:
            raise ValueError("a tax rate lies between 0 and 10000 basis points")
        if (self.category is TaxCategory.STANDARD) != (self.rate_basis_points > 0):
            raise ValueError("category S, and no other, has a rate above zero")

    def covers(self, *, customer_country: str, customer_kind: CustomerKind, on: date) -> bool:
        """Say whether the rule applies to such a customer on that day."""
        if customer_kind != self.customer_kind or not self.is_valid(on):
            return False
        if self.customer_country is None:
            return customer_country != self.vendor_country
        return customer_country == self.customer_country

    def is_valid(self, on: date) -> bool:
        """Say whether the rule is in force on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


def choose_rule(
    rules: Iterable[TaxRule],
    *,
    vendor_country: str,
    customer_country: str,
    customer_kind: CustomerKind,
    on: date,
    has_evidence: bool,
) -> TaxRule:
    """Return the one rule for a sale: the customer's own country before "any other".

    Raises NoTaxRule, OverlappingTaxRules, and TaxEvidenceMissing where the rule needs evidence.
    """
    matching = [
        rule
        for rule in rules
        if rule.vendor_country == vendor_country
        and rule.covers(customer_country=customer_country, customer_kind=customer_kind, on=on)
    ]
    named = [rule for rule in matching if rule.customer_country is not None]
    best = named or matching
    if not best:
        raise NoTaxRule(data={"country": customer_country, "kind": str(customer_kind)})
    if len(best) > 1:
        raise OverlappingTaxRules
    if best[0].needs_evidence and not has_evidence:
        raise TaxEvidenceMissing(field="tax_number")
    return best[0]


def check_rules(rules: Iterable[TaxRule]) -> None:
    """Raise OverlappingTaxRules if two rules for the same customers share a day."""
    for one, other in combinations(rules, 2):
        if _customers(one) == _customers(other) and _share_a_day(one, other):
            raise OverlappingTaxRules


def tax_on_net(net: int, rate_basis_points: int, currency: str) -> int:
    """Return the tax on `net` minor units, rounded once, half up."""
    return round_amount(Fraction(net * rate_basis_points, WHOLE), currency)


def net_of_gross(gross: int, rate_basis_points: int, currency: str) -> int:
    """Return the net part of `gross` minor units that include tax, rounded; tax is the rest."""
    return round_amount(Fraction(gross * WHOLE, WHOLE + rate_basis_points), currency)


def tax_in_currency(tax: int, *, from_currency: str, to_currency: str, rate: Decimal) -> int:
    """Return `tax` in minor units of the vendor's currency, rounded half up.

    `rate` is how many major units of `to_currency` one major unit of `from_currency` is worth. A
    document in another currency that carries VAT states this amount and the rate.
    """
    scale = Fraction(10) ** (exponent(to_currency) - exponent(from_currency))
    return round_amount(tax * Fraction(rate) * scale, to_currency)


def _customers(rule: TaxRule) -> tuple[str, str | None, CustomerKind]:
    return rule.vendor_country, rule.customer_country, rule.customer_kind


def _share_a_day(one: TaxRule, other: TaxRule) -> bool:
    start = max(one.valid_from, other.valid_from)
    return one.is_valid(start) and other.is_valid(start)
