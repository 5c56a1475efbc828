"""What a country suggests for a new customer, and how its addresses are written."""

from typing import Final
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_territory_currencies

CURRENCIES: Final = ("GBP", "EUR", "USD")
DEFAULT_CURRENCY: Final = "USD"

# Countries with several zones: the zone of the capital, or where most people and companies are.
_MAIN_ZONES: Final = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}

# Where the postcode stands before the town, and where the state stands between the two
# (Universal Postal Union, addressing systems of the member countries).
_POSTCODE_FIRST: Final = (
    "AT BE BG CH CZ DE DK EE ES FI FR GR HR HU IS IT LI LT LU MC ME MK NL NO PL PT RO RS SE SI SK "
    "SM TR VA"
)
_STATE_BETWEEN: Final = frozenset({"AU", "CA", "US"})


def guess_time_zone(country: str, *, seen: str = "") -> str:
    """Return the time zone of a country (ISO 3166-1 alpha-2): its only or its main one, else UTC.

    A zone that was seen with the buyer counts where it is one of the country's own.
    Source: the territory zones of Unicode's CLDR, as Babel carries them.
    """
    zones = get_global("territory_zones").get(country, [])
    if seen in zones:
        return seen
    if country in _MAIN_ZONES:
        return _MAIN_ZONES[country]
    known = [zone for zone in zones if zone in available_timezones()]
    return known[0] if len(known) == 1 else "UTC"


def guess_currency(country: str) -> str:
    """Return the currency of a country if we sell in it, else US dollars."""
    tender = get_territory_currencies(country) if country else []
    return next((code for code in tender if code in CURRENCIES), DEFAULT_CURRENCY)


def place_lines(*, country: str, city: str, region: str, postcode: str) -> list[str]:
    """Return the last lines of an address in a country's own order, without the country."""
    if country in _POSTCODE_FIRST.split():
        lines = [_joined(postcode, city), region]
    elif country in _STATE_BETWEEN:
        lines = [_joined(city, region, postcode)]
    else:
        lines = [_joined(city, postcode), region]
    return [line for line in lines if line]


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def time_zone_choices() -> list[tuple[str, str]]:
    """Return the zones that people live in, by name: no aliases of the offset kind."""
    zones = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))
    )
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]
