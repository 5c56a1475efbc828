"""VAT and tax numbers, checked offline by country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.eu.vat import MEMBER_STATES

from portal.accounts.errors import TaxNumberInvalid, TaxNumberOfPrivatePerson
from portal.accounts.tax_numbers import CheckedNumber, check_number_of, check_tax_number


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("GB 980 7806 84", "GB", "GB980780684"),
        ("980780684", "GB", "GB980780684"),
        ("XI 980780684", "GB", "XI980780684"),
        ("GB980780684", "IM", "GB980780684"),
        ("de 136,695 976", "DE", "DE136695976"),
        ("EL 094259216", "GR", "EL094259216"),
        ("FR 61 954 506 077", "FR", "FR61954506077"),
        ("CHE-107.787.577 MWST", "CH", "CHE107787577MWST"),
        ("NO 995 525 828 MVA", "NO", "995525828MVA"),
        ("91-1144442", "US", "911144442"),
        ("83 914 571 673", "AU", "83914571673"),
    ],
)
def test_a_right_number_passes_and_is_stored_in_its_usual_form(typed, country, stored):
    check = check_tax_number(typed, country)
    assert (check.number, check.country, check.passed) == (stored, country, True)


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("GB123456789", "GB"),
        ("GB98078068", "GB"),
        ("DE136695975", "DE"),
        ("FR61954506077", "DE"),
        ("DE136695976", "GB"),
        ("00-0000000", "US"),
        ("83 914 571 674", "AU"),
        ("seven", "GB"),
        ("9" * 500, "IT"),
    ],
)
def test_a_wrong_number_is_refused_with_its_country(typed, country):
    with pytest.raises(TaxNumberInvalid) as refused:
        check_tax_number(typed, country)
    assert refused.value.field == "vat_number"
    assert len(str(refused.value.data["number"])) <= 30


def test_the_sentence_names_the_number_and_the_country():
    with pytest.raises(TaxNumberInvalid) as refused:
        check_tax_number("GB123456789", "GB")
    assert str(refused.value) == (
        "“GB123456789” is not a VAT or tax number of United Kingdom. Look for a missing or "
        "swapped character, or leave it empty."
    )


def test_a_country_without_an_offline_check_keeps_the_number_but_proves_nothing():
    assert check_tax_number(" TRN  100 ", "AE") == CheckedNumber(
        number="TRN 100",
        country="AE",
        passed=False,
        detail="Numbers of this country cannot be checked offline.",
    )


def test_an_endless_number_is_refused_also_where_nothing_can_be_checked():
    with pytest.raises(TaxNumberInvalid):
        check_tax_number("1" * 31, "AE")


def test_no_number_is_no_check():
    assert check_number_of(kind="business", number="  ", country="GB") is None


def test_a_private_person_gives_no_number():
    with pytest.raises(TaxNumberOfPrivatePerson):
        check_number_of(kind="private", number="GB980780684", country="GB")


COUNTRIES = sorted(
    {state.upper() for state in MEMBER_STATES - {"xi"}}
    | {"GB", "CH", "NO", "US", "AU", "CA", "IN", "JP", "BR", "IS", "NZ", "ZA", "TR", "MX", "AE"}
)


@given(typed=st.text(max_size=40), country=st.sampled_from(COUNTRIES))
def test_whatever_is_typed_either_passes_or_is_refused_in_words(typed, country):
    try:
        check = check_tax_number(typed, country)
    except TaxNumberInvalid:
        return
    assert len(check.number) <= 30
