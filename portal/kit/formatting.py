"""Money, dates and percentages as people read them: the one place for pages, mails and PDFs.

The pattern is the locale's (CLDR, through Babel); the number of decimals is ISO 4217's, because
CLDR gives some currencies (RSD, IQD) other ones. A negative amount has a true minus sign, which
screen readers say and which is as wide as a digit.

A page shows the same few dates and sums again and again, and Babel takes its time for each: what
was formatted is remembered. All of it is text computed from the arguments alone.
"""

from __future__ import annotations

import re
from copy import copy
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, dates, numbers

from portal.kit.money import exponent

DEFAULT_LOCALE = "en_GB"
MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

REMEMBERED: Final = 4096
# CLDR parts a currency's code from its figures ("KWD 1.250"); Babel does not.
LETTER_THEN_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")


@lru_cache(maxsize=REMEMBERED)
def format_money(minor: int, currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """Minor units with the currency's symbol: 123450 GBP is £1,234.50."""
    pattern = Locale.parse(locale).currency_formats["standard"]
    return _amount(pattern, minor, currency, locale)


@lru_cache(maxsize=REMEMBERED)
def format_amount(minor: int, currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """Minor units without a symbol, for a table that names its currency: 123450 GBP is 1,234.50."""
    return _amount(Locale.parse(locale).decimal_formats[None], minor, currency, locale)


@lru_cache(maxsize=REMEMBERED)
def format_number(number: int, locale: str = DEFAULT_LOCALE) -> str:
    """A whole number with the locale's grouping: 12000 is 12,000."""
    return _true_minus(numbers.format_decimal(number, locale=locale))


@lru_cache(maxsize=REMEMBERED)
def format_percent(basis_points: int, locale: str = DEFAULT_LOCALE) -> str:
    """Basis points as a percentage with no needless decimals: 2000 is 20%, 1250 is 12.5%."""
    share = Decimal(basis_points).scaleb(-4)
    pattern = Locale.parse(locale).percent_formats[None]
    return _true_minus(_with_decimals(pattern, 0, 2).apply(share, locale))


@lru_cache(maxsize=REMEMBERED)
def format_date(day: date, locale: str = DEFAULT_LOCALE) -> str:
    """A day with the month in letters, so that no reader takes it for another: 1 Jan 2027."""
    return dates.format_date(day, "medium", locale=locale)


def format_period(first: date, last: date, locale: str = DEFAULT_LOCALE) -> str:
    """Both days included: 1 Jan 2027 – 31 Dec 2027."""
    return f"{format_date(first, locale)} {EN_DASH} {format_date(last, locale)}"


def format_datetime(moment: datetime, tz: tzinfo, locale: str = DEFAULT_LOCALE) -> str:
    """An aware moment in the reader's zone, which it names: Tue, 24 Nov 2026, 09:00 GMT.

    Raises ValueError for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown in another zone")
    # In UTC: the two readings of an hour that clocks repeat are equal in their own zone.
    return _moment(moment.astimezone(UTC), tz, locale)


@lru_cache(maxsize=REMEMBERED)
def _moment(moment: datetime, tz: tzinfo, locale: str) -> str:
    local = moment.astimezone(tz)
    day = dates.format_skeleton("yMMMEd", local, locale=locale)
    time = dates.format_time(local, "short", locale=locale)
    return f"{day}, {time} {_zone_name(local)}"


def _zone_name(local: datetime) -> str:
    """GMT, BST, EST: what people there call it; the offset where a zone has no such name."""
    name = local.tzname() or ""
    return f"GMT{name.replace('-', MINUS)}" if name[:1] in {"+", "-"} else name


def _amount(pattern: numbers.NumberPattern, minor: int, currency: str, locale: str) -> str:
    decimals = exponent(currency)
    value = Decimal(minor).scaleb(-decimals)
    text = _with_decimals(pattern, decimals, decimals).apply(
        value, locale, currency=currency, currency_digits=False
    )
    return LETTER_THEN_DIGIT.sub(NO_BREAK_SPACE, _true_minus(text))


def _with_decimals(pattern: numbers.NumberPattern, fewest: int, most: int) -> numbers.NumberPattern:
    ours = copy(pattern)
    ours.frac_prec = (fewest, most)
    return ours


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)
