"""The READMEs teach with the very examples that are tested."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.domain.worked_examples import DUE, PRORATION, SEAT_TIERS

ROOT = Path(__file__).parents[2]
BILLING = (ROOT / "billing" / "README.md").read_text(encoding="utf-8").splitlines()
LICENSING = (ROOT / "licensing" / "README.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("example", PRORATION, ids=[example.case for example in PRORATION])
def test_given_a_tested_proration_then_the_readme_shows_it(example):
    assert example.row in BILLING


@pytest.mark.parametrize("tier", SEAT_TIERS)
def test_given_a_tested_tier_then_the_readme_shows_it(tier):
    assert f"| {tier.from_quantity} | {tier.unit_amount} |" in BILLING


@pytest.mark.parametrize(("start", "due", "kind", "day"), DUE)
def test_given_a_tested_due_time_then_the_readme_shows_it(start, due, kind, day):
    at = datetime.fromisoformat(due)
    reads = f"by close on {day}" if kind == "by_close" else f"at {at:%H:%M} on {day}"
    assert f"| {start.replace('T', ' ')} | {at:%Y-%m-%d %H:%M} | {reads} |" in LICENSING
