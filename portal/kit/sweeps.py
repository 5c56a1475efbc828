"""Sweeps: going through rows that are due, where one that fails does not stop the rest."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

logger = structlog.get_logger(__name__)
Item = TypeVar("Item")


def sweep_each(name: str, items: Iterable[Item], handle: Callable[[Item], bool]) -> int:
    """Handle each item, in a transaction of its own, and return for how many it said True.

    A failure is logged with its trace; the item is found again by the next sweep.
    """
    done = 0
    for item in items:
        try:
            done += handle(item)
        except Exception:
            logger.exception("sweep_item_failed", sweep=name, item=str(item))
    return done
