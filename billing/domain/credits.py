"""Parts of an invoiced amount that are credited one after another."""

from fractions import Fraction

from portal.kit.money import round_amount


def credit_part(
    total: int,
    *,
    parts: int,
    whole: int,
    credited_parts: int,
    credited_amount: int,
    currency: str,
) -> int:
    """Return the credit for `parts` of `whole`, in minor units; the last takes the remainder.

    `credited_parts` and `credited_amount` are what earlier credits of the same line took. No
    credit goes past what is left. Raises ValueError if more is credited than there is.
    """
    if total < 0 or parts <= 0 or credited_parts < 0 or credited_parts + parts > whole:
        raise ValueError(f"cannot credit {parts} of {whole}, {credited_parts} are credited already")
    remainder = total - credited_amount
    if credited_parts + parts == whole:
        return remainder
    return min(round_amount(Fraction(total * parts, whole), currency), remainder)


def slices(total: int, count: int, currency: str) -> tuple[int, ...]:
    """Return `total` minor units in `count` equal parts; the last takes the remainder."""
    amounts: list[int] = []
    for credited in range(count):
        amount = credit_part(
            total,
            parts=1,
            whole=count,
            credited_parts=credited,
            credited_amount=sum(amounts),
            currency=currency,
        )
        amounts.append(amount)
    return tuple(amounts)
