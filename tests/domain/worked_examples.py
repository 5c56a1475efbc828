"""The worked examples of money and time; the READMEs show the same rows."""

from dataclasses import dataclass
from datetime import date

from billing.domain.pricing import Tier

SEAT_TIERS = (Tier(5, 12000), Tier(25, 10800), Tier(100, 9600))


@dataclass(frozen=True)
class ProrationExample:
    """Seats added to a one-year term; amounts are minor units."""

    case: str
    quantity: int
    unit_amount: int
    starts_on: date
    effective_on: date
    months: int
    amount: int

    @property
    def row(self) -> str:
        return f"| {self.case} | {self.months} months, {self.amount} |"


NEW_YEAR_2026 = date(2026, 1, 1)
PRORATION = (
    ProrationExample(
        "3 seats at 12000, term 2026-01-01 to 2027-01-01, added on 07-01",
        3, 12000, NEW_YEAR_2026, date(2026, 7, 1), 6, 18000,
    ),
    ProrationExample(
        "the same, added on 07-02", 3, 12000, NEW_YEAR_2026, date(2026, 7, 2), 6, 18000
    ),
    ProrationExample(
        "the same, added on 01-01", 3, 12000, NEW_YEAR_2026, date(2026, 1, 1), 12, 36000
    ),
    ProrationExample(
        "the same, term from 01-15, added on 07-15",
        3, 12000, date(2026, 1, 15), date(2026, 7, 15), 6, 18000,
    ),
    ProrationExample(
        "the same, term from 31 January 2026, added on 28 February",
        3, 12000, date(2026, 1, 31), date(2026, 2, 28), 11, 33000,
    ),
    ProrationExample(
        "the same, term 2027-08-31 to 2028-08-31, added on 29 February 2028",
        3, 12000, date(2027, 8, 31), date(2028, 2, 29), 6, 18000,
    ),
    ProrationExample(
        "3 × 9999 for 7 months (17498.25)",
        3, 9999, NEW_YEAR_2026, date(2026, 6, 1), 7, 17498,
    ),
    ProrationExample(
        "1 × 999 for 6 months (499.5)", 1, 999, NEW_YEAR_2026, date(2026, 7, 1), 6, 500
    ),
)  # fmt: skip

# What was promised, when it is due, and how people read it (Europe/London, 09:00 to 17:30).
DUE = (
    ("2026-11-21T12:00", "2026-11-24T09:00", "by_close", date(2026, 11, 23)),
    ("2026-11-23T20:00", "2026-11-25T09:00", "by_close", date(2026, 11, 24)),
    ("2026-12-24T16:00", "2026-12-29T16:00", "at", date(2026, 12, 29)),
)
