"""Whoever runs the portal finds each setting of the environment in the guide."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What only the demo reads: its own folder and ports.
OF_THE_DEMO = {"DEMO_DIR", "PORT", "STANDIN_PORT"}


def read_from_the_environment() -> set[str]:
    sources = [path.read_text() for path in (ROOT / "portal" / "settings").glob("*.py")]
    return set(re.findall(r"""env\.\w+\(\s*"([A-Z_]+)\"""", "".join(sources)))


def test_given_the_settings_then_the_guide_names_each_that_production_reads():
    guide = (ROOT / "docs" / "operations.md").read_text()
    missing = {name for name in read_from_the_environment() if f"`{name}" not in guide}
    assert missing - OF_THE_DEMO == set()


def test_given_the_example_then_it_sets_nothing_that_the_portal_does_not_read():
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert named - {"DJANGO_SETTINGS_MODULE"} <= read_from_the_environment()
    assert {"SECRET_KEY", "LICENCE_SIGNING_KEYS", "TRUSTED_PROXY_COUNT"} <= named
