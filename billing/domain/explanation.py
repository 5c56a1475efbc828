"""The steps of a sum, kept as data so that a page or a PDF can explain it line by line."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from portal.kit.money import exponent

_EXTRA_DECIMALS: Final = 4


class StepKind(StrEnum):
    """What a step of a sum does."""

    FULL_TERM = "full_term"
    MONTHS = "months"
    DAYS = "days"
    PERCENT = "percent"
    ROUNDED = "rounded"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; only the fields that its kind needs are set.

    FULL_TERM: `quantity` × `unit_amount` = `amount`. MONTHS and DAYS: `parts` of `whole`.
    PERCENT: `basis_points` of `base_amount`. The last three give `exact`. ROUNDED: `exact`
    becomes `amount`. Amounts are minor units; `exact` is a decimal in major units, cut after
    four decimals more than the currency has, with "…" where it goes on.
    """

    kind: StepKind
    quantity: int | None = None
    unit_amount: int | None = None
    parts: int | None = None
    whole: int | None = None
    basis_points: int | None = None
    base_amount: int | None = None
    exact: str | None = None
    amount: int | None = None

    def as_dict(self) -> dict[str, str | int]:
        """Return the fields that are set, as plain JSON values."""
        fields = ((name, value) for name, value in asdict(self).items() if value is not None)
        return {name: str(value) if name == "kind" else value for name, value in fields}


def step_from_dict(values: dict[str, object]) -> Step:
    """Return the step that `as_dict` wrote. Raises TypeError or ValueError for anything else."""
    kind = StepKind(str(values["kind"]))
    rest = {name: value for name, value in values.items() if name != "kind"}
    return Step(kind=kind, **rest)  # type: ignore[arg-type]


def exact_text(minor: Fraction, currency: str) -> str:
    """Return an exact number of minor units as a decimal in major units: 17498.25 → 174.9825."""
    decimals = exponent(currency) + _EXTRA_DECIMALS
    scaled = abs(minor) * 10**_EXTRA_DECIMALS
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    digits = f"{whole:0{decimals + 1}}"
    text = f"{digits[:-decimals]}.{digits[-decimals:]}"
    if rest:
        text += "…"
    else:
        text = _without_needless_zeros(text, exponent(currency))
    return f"-{text}" if minor < 0 else text


def _without_needless_zeros(text: str, decimals: int) -> str:
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{fraction}" if fraction else whole
