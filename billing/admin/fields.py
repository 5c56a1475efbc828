"""Amounts as staff type them: major units such as 1,234.50, stored as minor units."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from portal.kit.admin import TextInput
from portal.kit.errors import DomainError
from portal.kit.formatting import format_amount
from portal.kit.money import exponent, parse_amount


class AmountInput(forms.CharField):
    """A text field for an amount; its currency is known only when the whole form is."""

    widget = TextInput({"inputmode": "decimal"})


def clean_amount(text: str, currency: str) -> int:
    """Return minor units of `currency`. Raises ValidationError with a sentence."""
    try:
        return parse_amount(text, currency).minor
    except DomainError as error:
        raise ValidationError(error.sentence(gettext), code=error.code) from error


def clean_currency(text: str) -> str:
    """Return a currency's code in capitals. Raises ValidationError for one that ISO lacks."""
    currency = text.strip().upper()
    try:
        exponent(currency)
    except DomainError as error:
        raise ValidationError(error.sentence(gettext), code=error.code) from error
    return currency


def shown_amount(minor: int | None, currency: str) -> str:
    """Return what an amount's field shows at first; nothing where there is nothing."""
    return format_amount(minor, currency) if minor else ""
