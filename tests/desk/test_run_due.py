"""`run_due`: every sweep once; one that fails stops no other."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.desk import due
from portal.kit import clock

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Sweeps:
    """Three sweeps that note when they ran; the second can be made to fail."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, datetime, datetime]] = []
        self.failing = False

    def all(self):
        return (self.first, self.second, self.third)

    def first(self, now: datetime) -> int:
        self.seen.append(("first", now, clock.now()))
        return 2

    def second(self, now: datetime) -> int:
        if self.failing:
            raise RuntimeError("a fault")
        self.seen.append(("second", now, clock.now()))
        return 0

    def third(self, now: datetime) -> int:
        self.seen.append(("third", now, clock.now()))
        return 1


@pytest.fixture
def sweeps(monkeypatch):
    sweeps = Sweeps()
    monkeypatch.setattr(due, "all_sweeps", sweeps.all)
    return sweeps


def run(**options) -> str:
    out = io.StringIO()
    call_command("run_due", stdout=out, **options)
    return out.getvalue()


def test_given_a_time_to_pretend_then_every_sweep_runs_at_it_and_is_counted(sweeps):
    output = run(at="2026-11-24T09:00Z")
    assert sweeps.seen == [(name, AT, AT) for name in ("first", "second", "third")]
    assert [line.rpartition(".")[2] for line in output.splitlines()] == [
        "first: 2",
        "second: 0",
        "third: 1",
    ]


def test_given_a_time_without_a_zone_then_it_is_utc(sweeps):
    run(at="2026-11-24 09:00")
    assert sweeps.seen[0][1] == AT


def test_given_no_time_then_it_is_now(sweeps):
    before = clock.now()
    run()
    assert before <= sweeps.seen[0][1] <= clock.now()


def test_given_a_sweep_that_fails_then_the_others_run_and_the_command_says_so(sweeps):
    sweeps.failing = True
    with pytest.raises(CommandError, match=r"^failed: .*\.second$"):
        run(at="2026-11-24T09:00Z")
    assert [name for name, _, _ in sweeps.seen] == ["first", "third"]


def test_given_production_then_pretending_a_time_is_refused_and_nothing_runs(sweeps, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="--at is only for the demo"):
        run(at="2026-11-24T09:00Z")
    assert sweeps.seen == []


def test_given_what_is_no_time_then_nothing_runs(sweeps):
    with pytest.raises(CommandError, match="not a time in ISO 8601: 'tomorrow'"):
        run(at="tomorrow")
    assert sweeps.seen == []


def test_every_apps_sweeps_are_run_and_mail_goes_last():
    names = [sweep.__name__ for sweep in due.all_sweeps()]
    assert "sweep_alerts" in names
    assert names[-1] == "sweep_mails"
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_given_an_empty_portal_then_every_real_sweep_finds_nothing(shop):
    assert {result.error for result in due.run_due(AT)} == {""}
    assert {result.count for result in due.run_due(AT)} == {0}
