"""Money as integer minor units of an ISO 4217 currency; rounding is exact and half up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from iso4217 import Currency

from portal.kit.errors import Conflict, Invalid, gettext_noop

# ISO's own table, not Babel's: Babel gives the dinars RSD and IQD no decimals.
_EXPONENTS: Final[dict[str, int]] = {
    currency.code: currency.exponent for currency in Currency if currency.exponent is not None
}
# Card networks settle these three-decimal currencies in steps of ten of the smallest unit
# (docs.stripe.com/currencies#three-decimal), so no line or tax may end in another digit.
_ROUNDING_STEPS: Final[dict[str, int]] = dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10)
_PLAIN_AMOUNT = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
# Fits a signed 64-bit database column with room for sums.
MAXIMUM_MINOR: Final = 10**15


class UnknownCurrency(Invalid):
    """The code is not a currency of ISO 4217 that has minor units."""

    code = "unknown_currency"
    default_message = gettext_noop("“%(currency)s” is not a currency that we know.")


class CurrencyMismatch(Conflict):
    """Two amounts of different currencies met in one sum."""

    code = "currency_mismatch"
    default_message = gettext_noop(
        "Amounts in %(left)s and %(right)s cannot be put into one sum.",
    )


class InvalidAmount(Invalid):
    """The text is not an amount of this currency."""

    code = "invalid_amount"
    default_message = gettext_noop("Please give an amount such as 1234.50.")


def exponent(currency: str) -> int:
    """Return the number of decimals of `currency` in ISO 4217 (GBP 2, JPY 0, KWD 3).

    Raises UnknownCurrency, also for lower-case codes and for those without minor units (gold).
    """
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(data={"currency": str(currency)}) from None


def rounding_step(currency: str) -> int:
    """Return the step, in minor units, that lines and taxes round to: 10 for KWD, mostly 1."""
    exponent(currency)
    return _ROUNDING_STEPS.get(currency, 1)


def round_half_up(numerator: int, denominator: int) -> int:
    """Return the whole number nearest to the quotient, exactly; a half goes away from zero.

    Credits thus mirror charges: -2.5 gives -3 as 2.5 gives 3. Raises ZeroDivisionError.
    """
    if denominator == 0:
        raise ZeroDivisionError("round_half_up by zero")
    whole, rest = divmod(abs(numerator), abs(denominator))
    rounded = whole + (2 * rest >= abs(denominator))
    return rounded if (numerator < 0) == (denominator < 0) else -rounded


def round_amount(value: Fraction, currency: str) -> int:
    """Round an exact number of minor units as a line or a tax rounds: half up, in the step."""
    step = rounding_step(currency)
    return round_half_up(value.numerator, value.denominator * step) * step


@dataclass(frozen=True, slots=True)
class Money:
    """A whole number of minor units of one currency; it never mixes currencies or floats."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        _require_whole(self.minor)
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Return nothing, in `currency`."""
        return cls(0, currency)

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing at all."""
        return self.minor == 0

    def __bool__(self) -> bool:
        raise TypeError("the truth of money is unclear: ask is_zero")

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, factor: int) -> "Money":
        _require_whole(factor)
        return Money(self.minor * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return not self <= other

    def __ge__(self, other: "Money") -> bool:
        return not self < other

    def to_decimal(self) -> Decimal:
        """Return the amount in major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _require_same_currency(self, other: object) -> None:
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise CurrencyMismatch(data={"left": self.currency, "right": other.currency})


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of `amounts`, nothing for none. Raises CurrencyMismatch."""
    return sum(amounts, start=Money.zero(currency))


def parse_amount(text: str, currency: str) -> Money:
    """Read a plain decimal in major units, such as "1,234.50" or "-3", as money.

    A comma may only part thousands. Raises InvalidAmount (codes `amount_not_a_number`,
    `amount_too_precise`, `amount_too_large`) and UnknownCurrency.
    """
    decimals = exponent(currency)
    plain = text.strip()
    if not _PLAIN_AMOUNT.fullmatch(plain):
        raise InvalidAmount(code="amount_not_a_number")
    whole, _, fraction = plain.replace(",", "").partition(".")
    if len(fraction) > decimals:
        raise InvalidAmount(
            gettext_noop("An amount in %(currency)s has at most %(decimals)s decimals."),
            code="amount_too_precise",
            data={"currency": currency, "decimals": decimals},
        )
    digits = whole + fraction.ljust(decimals, "0")
    if len(digits.lstrip("-0")) > len(str(MAXIMUM_MINOR)) or abs(int(digits)) > MAXIMUM_MINOR:
        raise InvalidAmount(gettext_noop("This amount is too large."), code="amount_too_large")
    return Money(int(digits), currency)


def _require_whole(value: object) -> None:
    """Refuse what Python would quietly take for a whole number: a float or a bool."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number is needed, not {type(value).__name__}")
