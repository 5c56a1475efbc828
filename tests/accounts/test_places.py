"""What a country suggests."""

from zoneinfo import ZoneInfo

import pytest
from django_countries import countries

from portal.accounts.places import (
    guess_currency,
    guess_time_zone,
    place_lines,
    time_zone_choices,
)


@pytest.mark.parametrize(
    ("country", "zone", "currency"),
    [
        ("GB", "Europe/London", "GBP"),
        ("JE", "Europe/Jersey", "GBP"),
        ("IE", "Europe/Dublin", "EUR"),
        ("DE", "Europe/Berlin", "EUR"),
        ("HR", "Europe/Zagreb", "EUR"),
        ("US", "America/New_York", "USD"),
        ("AU", "Australia/Sydney", "USD"),
        ("JP", "Asia/Tokyo", "USD"),
        ("AQ", "UTC", "USD"),
    ],
)
def test_a_country_suggests_its_zone_and_a_currency_that_we_sell_in(country, zone, currency):
    assert (guess_time_zone(country), guess_currency(country)) == (zone, currency)


def test_every_country_suggests_a_zone_that_exists():
    for code in countries.countries:
        assert ZoneInfo(guess_time_zone(code)).key


def test_every_suggested_zone_can_be_chosen():
    offered = {zone for zone, _ in time_zone_choices()}
    assert {guess_time_zone(code) for code in countries.countries} <= offered


@pytest.mark.parametrize(
    ("country", "city", "region", "postcode", "lines"),
    [
        ("DE", "Hamburg", "", "20457", ["20457 Hamburg"]),
        ("ES", "Alcobendas", "Madrid", "28100", ["28100 Alcobendas", "Madrid"]),
        ("US", "Omaha", "NE", "68102", ["Omaha NE 68102"]),
        ("US", "Omaha", "", "68102", ["Omaha 68102"]),
        ("GB", "Leeds", "West Yorkshire", "LS1 1AA", ["Leeds LS1 1AA", "West Yorkshire"]),
        ("IE", "Cork", "", "", ["Cork"]),
        ("GB", "", "", "", []),
    ],
)
def test_an_address_ends_in_the_order_of_its_country(country, city, region, postcode, lines):
    assert place_lines(country=country, city=city, region=region, postcode=postcode) == lines


def test_given_a_zone_seen_with_the_buyer_then_it_counts_where_it_is_one_of_the_countrys() -> None:
    assert guess_time_zone("US", seen="America/Chicago") == "America/Chicago"
    assert guess_time_zone("US", seen="Europe/London") == "America/New_York"
    assert guess_time_zone("DE", seen="Mars/Base") == "Europe/Berlin"
