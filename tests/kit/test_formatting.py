"""Money, dates and percentages read as the locale writes them, with ISO's decimals."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.kit import formatting

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (123450, "GBP", "en_GB", "£1,234.50"),
        (0, "GBP", "en_GB", "£0.00"),
        (-123450, "GBP", "en_GB", "−£1,234.50"),
        (123450, "USD", "en_GB", "US$1,234.50"),
        (123450, "USD", "en_US", "$1,234.50"),
        (123450, "EUR", "de_DE", f"1.234,50{NBSP}€"),
        (6250, "JPY", "en_GB", "JP¥6,250"),
        (1250, "KWD", "en_GB", f"KWD{NBSP}1.250"),
        (123450, "RSD", "en_GB", f"RSD{NBSP}1,234.50"),
        (123450, "IQD", "en_GB", f"IQD{NBSP}123.450"),
    ],
)
def test_given_minor_units_when_formatted_then_the_decimals_are_those_of_iso(
    minor: int, currency: str, locale: str, shown: str
) -> None:
    assert formatting.format_money(minor, currency, locale) == shown


def test_given_a_table_that_names_its_currency_when_formatted_then_no_symbol_is_shown() -> None:
    assert formatting.format_amount(-123450, "GBP") == "−1,234.50"
    assert formatting.format_amount(6250, "JPY") == "6,250"


@pytest.mark.parametrize(
    ("basis_points", "locale", "shown"),
    [
        (2000, "en_GB", "20%"),
        (1250, "en_GB", "12.5%"),
        (1, "en_GB", "0.01%"),
        (0, "en_GB", "0%"),
        (725, "de_DE", f"7,25{NBSP}%"),
    ],
)
def test_given_basis_points_when_formatted_then_no_needless_decimals(
    basis_points: int, locale: str, shown: str
) -> None:
    assert formatting.format_percent(basis_points, locale) == shown


def test_given_days_when_formatted_then_the_month_is_in_letters() -> None:
    assert formatting.format_date(date(2027, 1, 2)) == "2 Jan 2027"
    period = formatting.format_period(date(2027, 1, 1), date(2027, 12, 31))
    assert period == "1 Jan 2027 – 31 Dec 2027"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/London", "Tue, 24 Nov 2026, 09:00 GMT"),
        ("America/New_York", "Tue, 24 Nov 2026, 04:00 EST"),
        ("Asia/Dubai", "Tue, 24 Nov 2026, 13:00 GMT+04"),
        ("America/Sao_Paulo", "Tue, 24 Nov 2026, 06:00 GMT−03"),
    ],
)
def test_given_a_moment_when_formatted_then_it_is_in_the_named_zone(zone: str, shown: str) -> None:
    moment = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert formatting.format_datetime(moment, ZoneInfo(zone)) == shown


def test_given_a_moment_without_a_zone_when_formatted_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        formatting.format_datetime(datetime(2026, 11, 24, 9), UTC)  # noqa: DTZ001
