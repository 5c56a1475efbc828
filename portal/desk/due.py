"""All periodic work of the portal, once: what the ticker, cron or Celery's beat calls."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

import billing.tasks
import licensing.tasks
import portal.notifications.tasks

logger = structlog.get_logger(__name__)
Sweep = Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class SweepResult:
    """One sweep: how many rows it worked on, or what stopped it."""

    name: str
    count: int = 0
    error: str = ""


def all_sweeps() -> tuple[Sweep, ...]:
    """Return every app's sweeps; mail goes last, so that what the others wrote goes out too."""
    return (
        *billing.tasks.PERIODIC,
        *licensing.tasks.PERIODIC,
        *portal.notifications.tasks.PERIODIC,
    )


def run_due(now: datetime) -> Iterator[SweepResult]:
    """Run each sweep with `now` (aware) and yield its result; one that fails stops no other."""
    for sweep in all_sweeps():
        name = f"{sweep.__module__.partition('.services')[0]}.{sweep.__name__}"
        try:
            yield SweepResult(name=name, count=sweep(now))
        except Exception as error:
            logger.exception("sweep_failed", sweep=name)
            yield SweepResult(name=name, error=f"{type(error).__name__}: {error}")
