"""Our minor units (ISO 4217) to Stripe's units and back.

Source: https://docs.stripe.com/currencies, "Minor units in API amounts" and "Special cases".
"""

from typing import Final

from billing.stripe.errors import AmountNotChargeable
from portal.kit.money import exponent

# Where Stripe's number of decimals is not ISO's: the króna and the Ugandan shilling lost their
# subunit but keep two decimals at Stripe; the ariary has one in ISO that nobody can charge.
STRIPE_EXPONENTS: Final = {"ISK": 2, "UGX": 2, "MGA": 0}

# Three-decimal currencies that Stripe takes; the last digit must be 0.
THREE_DECIMAL: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def stripe_exponent(currency: str) -> int:
    """How many decimals Stripe's amounts have; AmountNotChargeable where it takes no payments."""
    iso = exponent(currency)
    if iso > 2 and currency not in THREE_DECIMAL:
        raise AmountNotChargeable("currency_not_supported", amount=0, currency=currency)
    return STRIPE_EXPONENTS.get(currency, iso)


def to_stripe_amount(minor: int, currency: str) -> int:
    """ISO minor units to Stripe's units: exact, or AmountNotChargeable."""
    if minor < 0:
        raise AmountNotChargeable("negative_amount", amount=minor, currency=currency)
    if currency in THREE_DECIMAL and minor % 10:
        raise AmountNotChargeable("last_digit_not_zero", amount=minor, currency=currency)
    return _shift(minor, stripe_exponent(currency) - exponent(currency), currency)


def from_stripe_amount(amount: int, currency: str) -> int:
    """Stripe's units to ISO minor units; the currency in either case, as Stripe writes it small."""
    code = currency.upper()
    return _shift(amount, exponent(code) - stripe_exponent(code), code)


def _shift(amount: int, places: int, currency: str) -> int:
    """Move the decimal point without losing anything."""
    if places >= 0:
        factor: int = 10**places
        return amount * factor
    step: int = 10**-places
    whole, rest = divmod(amount, step)
    if rest:
        raise AmountNotChargeable("fraction_of_unit", amount=amount, currency=currency)
    return whole
