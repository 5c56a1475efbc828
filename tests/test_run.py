"""The runner of the suite: what counts as failed, and that nothing is left out in silence."""

import pytest

from tests.run import Tally, available, clean_environment, own_database, report
from tests.services import Missing


def tally(closing: str = "12 passed in 3.4s", code: int = 0) -> Tally:
    made = Tally()
    made.add("a phase", closing, code, 3.4)
    return made


@pytest.mark.parametrize(
    ("closing", "code", "expected"),
    [
        ("12 passed in 3.4s", 0, 0),
        ("1 failed, 11 passed, 2 errors in 3.4s", 1, 1),
        ("12 passed, 1 error in 3.4s", 0, 1),
        ("12 passed, 1 xpassed in 3.4s", 0, 1),
        ("", 4, 1),
        ("no tests ran in 0.1s", 5, 1),
        ("12 passed in 3.4s", 3, 1),
    ],
)
def test_given_pytests_last_line_and_exit_code_then_the_run_passes_or_fails(
    closing, code, expected
):
    assert tally(closing, code).exit_code(strict=False) == expected


@pytest.mark.parametrize("closing", ["11 passed, 1 skipped in 1s", "11 passed, 1 xfailed in 1s"])
def test_given_a_skipped_test_then_only_ci_fails(closing):
    assert tally(closing).exit_code(strict=False) == 0
    assert tally(closing).exit_code(strict=True) == 1


def test_given_something_is_missing_then_its_tests_are_named_and_ci_fails(capsys):
    def no_browser() -> str:
        raise Missing("Chromium (apt-get install chromium)")

    made = tally()
    with available(made, "the browser tests", no_browser) as found:
        assert found is None

    assert report(made, strict=False) == 0
    printed = capsys.readouterr().out
    assert "NOT RUN on this machine:" in printed
    assert "the browser tests: needs Chromium (apt-get install chromium)" in printed
    assert report(made, strict=True) == 1


def test_given_no_test_ran_at_all_then_the_run_fails():
    assert Tally().exit_code(strict=False) == 1


def test_given_settings_in_the_shell_then_the_suite_does_not_see_them(monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "DEMO_DIR", "PORT"):
        monkeypatch.setenv(name, "somebody's own")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "portal.settings.production")

    seen = clean_environment()

    assert "somebody's own" not in seen.values()
    assert seen["DJANGO_SETTINGS_MODULE"] == "portal.settings.test"


def test_given_a_server_then_each_run_has_databases_of_its_own():
    url = own_database("postgres://postgres@127.0.0.1:5432/postgres")
    assert url.startswith("postgres://postgres@127.0.0.1:5432/portal_")
