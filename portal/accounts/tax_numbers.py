"""VAT and tax numbers, checked offline: their format and their check digits, by country.

Source of the rules: python-stdnum, which follows each tax authority. The check cannot say that a
number is registered, nor to whom; that is why its time and source are kept with it.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from django.utils.translation import gettext as _
from django_countries import countries
from stdnum.eu.vat import MEMBER_STATES
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from portal.accounts.errors import TaxNumberInvalid, TaxNumberOfPrivatePerson
from portal.accounts.models import OrganisationKind

MAXIMUM_LENGTH: Final = 30

# Where the library has no "VAT number", the number by which businesses are taxed.
_OTHER_NUMBERS: Final = {"US": "us.ein", "ZA": "za.tin", "UA": "ua.edrpou", "MD": "md.idno"}
# Numbers of another country's series.
_SHARED_SERIES: Final = {"IM": "GB"}


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """A number as it is stored, and what its check said."""

    number: str
    country: str
    passed: bool
    detail: str


def check_number_of(*, kind: str, number: str, country: str) -> CheckedNumber | None:
    """Check the number of an organisation of a kind; None where it gives none.

    Raises TaxNumberInvalid, and TaxNumberOfPrivatePerson.
    """
    if not number.strip():
        return None
    if kind != OrganisationKind.BUSINESS:
        raise TaxNumberOfPrivatePerson(field="vat_number")
    return check_tax_number(number, country)


def check_tax_number(text: str, country: str) -> CheckedNumber:
    """Return the number in its stored form; raises TaxNumberInvalid where its check fails.

    A country whose numbers nobody can check offline gives `passed` False with the reason: the
    number is kept, it proves nothing, and staff can check it by other means.
    """
    series = _SHARED_SERIES.get(country, country)
    module = _module_of(series)
    plain = " ".join(text.split())
    if module is None:
        return _unchecked(plain, country)
    try:
        compact = str(module.validate(plain))
    except ValidationError as error:
        raise _refusal(plain, country) from error
    number = _prefix_of(series, plain) + compact
    if len(number) > MAXIMUM_LENGTH:
        raise _refusal(plain, country)
    return CheckedNumber(number=number, country=country, passed=True, detail=module.__name__)


def _module_of(country: str) -> Any:
    """Return the module that checks a country's numbers, None where there is none."""
    if country in _OTHER_NUMBERS:
        return import_module(f"stdnum.{_OTHER_NUMBERS[country]}")
    return get_cc_module(country.lower(), "vat") if country else None


def _prefix_of(country: str, typed: str) -> str:
    """The prefix under which a number is known abroad; the library leaves it out."""
    if country == "GR":
        return "EL"
    if country == "GB":
        return "XI" if typed.upper().startswith("XI") else "GB"
    return country if country.lower() in MEMBER_STATES else ""


def _unchecked(plain: str, country: str) -> CheckedNumber:
    if len(plain) > MAXIMUM_LENGTH:
        raise _refusal(plain, country)
    detail = _("Numbers of this country cannot be checked offline.")
    return CheckedNumber(number=plain, country=country, passed=False, detail=detail)


def _refusal(plain: str, country: str) -> TaxNumberInvalid:
    return TaxNumberInvalid(
        field="vat_number",
        data={"number": plain[:MAXIMUM_LENGTH], "country": countries.name(country) or country},
    )
