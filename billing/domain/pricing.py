"""Prices by tier, quantities as people type them, and the cheaper larger quantity."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from portal.kit.errors import Invalid, gettext_noop

MAXIMUM_QUANTITY: Final = 100_000
_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]*[.,][0-9]+")


class InvalidTiers(Invalid):
    """The tiers of a price do not make a price list."""

    code = "invalid_tiers"


class InvalidQuantity(Invalid):
    """The quantity asked for cannot be sold."""

    code = "invalid_quantity"


@dataclass(frozen=True, slots=True)
class Tier:
    """From this quantity on, each costs `unit_amount` minor units for a full term."""

    from_quantity: int
    unit_amount: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A larger quantity that costs less. Amounts are minor units of a full term, before tax."""

    quantity: int
    unit_amount: int
    amount: int
    asked_amount: int

    @property
    def saving(self) -> int:
        """How much less the larger quantity costs."""
        return self.asked_amount - self.amount


@dataclass(frozen=True, slots=True)
class Saving:
    """From `from_quantity` on, what remains of `tier` costs more than `quantity` for `amount`.

    `amount` is minor units of a full term, before tax.
    """

    tier: Tier
    from_quantity: int
    quantity: int
    amount: int


def check_tiers(tiers: Sequence[Tier], minimum: int) -> None:
    """Raise InvalidTiers unless tiers ascend from the product's `minimum` at positive prices.

    Codes: `tiers_missing`, `tiers_start`, `tiers_order`, `tiers_price`.
    """
    if not tiers:
        raise InvalidTiers(gettext_noop("A price needs at least one tier."), code="tiers_missing")
    if tiers[0].from_quantity != minimum:
        raise InvalidTiers(
            gettext_noop("The first tier must start at the product's minimum, %(minimum)s."),
            code="tiers_start",
            data={"minimum": minimum},
        )
    starts = [tier.from_quantity for tier in tiers]
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise InvalidTiers(
            gettext_noop("Each tier must start above the one before it."), code="tiers_order"
        )
    if any(tier.unit_amount <= 0 for tier in tiers):
        raise InvalidTiers(
            gettext_noop("The price of each tier must be above zero."), code="tiers_price"
        )


def unit_amount(tiers: Sequence[Tier], quantity: int) -> int:
    """Return the price of one, in minor units, in the tier that `quantity` reaches.

    For seats, `quantity` is the new total held; for perpetual licences, the order's own.
    Raises InvalidQuantity (`quantity_below_minimum`) below the first tier.
    """
    reached = [tier for tier in tiers if tier.from_quantity <= quantity]
    if not reached:
        raise _below_minimum(min(tier.from_quantity for tier in tiers))
    return max(reached, key=_start).unit_amount


def cheaper_larger_quantity(tiers: Sequence[Tier], quantity: int, *, held: int = 0) -> Offer | None:
    """Return the cheapest larger quantity that costs less than `quantity`, if there is one.

    `held` is what is held already, where the tier follows the new total: only what is added is
    paid. Of two that cost the same, the larger is offered.
    """
    asked = quantity * unit_amount(tiers, held + quantity)
    offers = [
        Offer(larger, tier.unit_amount, larger * tier.unit_amount, asked)
        for tier in tiers
        if (larger := tier.from_quantity - held) > quantity
    ]
    cheaper = [offer for offer in offers if offer.saving > 0]
    return max(cheaper, key=_saving_then_quantity, default=None)


def savings(tiers: Sequence[Tier]) -> list[Saving]:
    """Return where a price list's tiers are undercut by the first quantity of the next tier."""
    found = []
    for tier, larger in pairwise(sorted(tiers, key=_start)):
        amount = larger.from_quantity * larger.unit_amount
        first = max(amount // tier.unit_amount + 1, tier.from_quantity)
        if first < larger.from_quantity:
            found.append(Saving(tier, first, larger.from_quantity, amount))
    return found


def check_quantity(raw: str | int, minimum: int, maximum: int = MAXIMUM_QUANTITY) -> int:
    """Read a quantity as typed or sent, and return it if it can be sold.

    Raises InvalidQuantity on field `quantity` with a code of its own for each mistake:
    `quantity_missing`, `quantity_not_a_number`, `quantity_not_whole`, `quantity_not_positive`,
    `quantity_below_minimum`, `quantity_too_large`.
    """
    value = _read_whole(raw, maximum)
    if value <= 0:
        raise _below_minimum(minimum, code="quantity_not_positive")
    if value < minimum:
        raise _below_minimum(minimum)
    if value > maximum:
        raise _too_large(maximum)
    return value


def _read_whole(raw: str | int, maximum: int) -> int:
    text = str(raw).strip()
    if not text:
        raise _refused("quantity_missing", gettext_noop("Please say how many you need."))
    if _DECIMAL.fullmatch(text):
        raise _refused(
            "quantity_not_whole", gettext_noop("Please give a whole number, without decimals.")
        )
    if not _WHOLE.fullmatch(text):
        raise _refused(
            "quantity_not_a_number", gettext_noop("Please give a number in digits, such as 12.")
        )
    if not text.startswith("-") and len(text.lstrip("0")) > len(str(maximum)):
        raise _too_large(maximum)
    # Only the sign of a negative number matters, and its digits may be too many for `int`.
    return -1 if text.startswith("-") else int(text)


def _refused(code: str, sentence: str, **data: object) -> InvalidQuantity:
    return InvalidQuantity(sentence, code=code, field="quantity", data=data)


def _below_minimum(minimum: int, code: str = "quantity_below_minimum") -> InvalidQuantity:
    sentence = gettext_noop("The smallest quantity is %(minimum)s.")
    return _refused(code, sentence, minimum=minimum)


def _too_large(maximum: int) -> InvalidQuantity:
    sentence = gettext_noop("The largest quantity here is %(maximum)s. Please contact us for more.")
    return _refused("quantity_too_large", sentence, maximum=maximum)


def _start(tier: Tier) -> int:
    return tier.from_quantity


def _saving_then_quantity(offer: Offer) -> tuple[int, int]:
    return offer.saving, offer.quantity
