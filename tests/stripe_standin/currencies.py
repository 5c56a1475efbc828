"""What Stripe charges in, and from which amount (https://docs.stripe.com/currencies)."""

from typing import Final

from tests.stripe_standin.errors import bad_parameter

ZERO: Final = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
TWO: Final = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf
cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils
inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn
nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd
std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd yer zar zmw
"""
ZERO_DECIMAL: Final = frozenset(ZERO.split())
THREE_DECIMAL: Final = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Two decimals in the API, of which only whole units can be charged.
WHOLE_UNITS_ONLY: Final = frozenset({"isk", "ugx"})
SUPPORTED: Final = ZERO_DECIMAL | frozenset(TWO.split()) | THREE_DECIMAL

MINIMUM: Final = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MAXIMUM: Final = 99_999_999
# A charge in any other currency must convert to a minimum in the account's own.
OTHER_MINIMUM: Final = 1

SYMBOLS: Final = {"gbp": "£", "eur": "€", "usd": "US$", "jpy": "¥"}


def check_currency(currency: str, *, param: str) -> str:
    """A currency that Stripe charges in, in small letters, or 400."""
    if currency.lower() not in SUPPORTED:
        raise bad_parameter(f"Invalid currency: {currency.lower()}.", param=param)
    return currency.lower()


def check_amount(amount: int, currency: str, *, param: str) -> None:
    """An amount that Stripe charges, or 400."""
    minimum = MINIMUM.get(currency, OTHER_MINIMUM)
    if amount < minimum:
        raise bad_parameter(
            f"The total must be at least {shown(minimum, currency)}.",
            param=param,
            code="amount_too_small",
        )
    if amount > MAXIMUM:
        raise bad_parameter(
            f"The total must be no more than {shown(MAXIMUM, currency)}.",
            param=param,
            code="amount_too_large",
        )
    check_digits(amount, currency, param=param)


def check_digits(amount: int, currency: str, *, param: str) -> None:
    """The last digits that a currency cannot carry must be zero."""
    step = 100 if currency in WHOLE_UNITS_ONLY else 10 if currency in THREE_DECIMAL else 1
    if amount % step:
        raise bad_parameter(
            f"Invalid amount. Amounts in {currency.upper()} must be evenly divisible by {step}.",
            param=param,
            code="invalid_charge_amount_no_decimal_compatible",
        )


def shown(amount: int, currency: str) -> str:
    """An amount for people: £1,728.00."""
    places = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    whole, rest = divmod(amount, 10**places)
    digits = f"{whole:,}.{rest:0{places}d}" if places else f"{whole:,}"
    return SYMBOLS.get(currency, currency.upper() + "\u00a0") + digits
