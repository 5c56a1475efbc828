"""Periodic work: one item after another, each on its own."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from billing.stripe.errors import StripeUnavailable

logger = structlog.get_logger(__name__)
Item = TypeVar("Item")

# What one run takes on; the rest waits for the next, so that a backlog never blocks a worker.
BATCH = 100


def for_each(items: Iterable[Item], work: Callable[[Item], object], *, what: str) -> int:
    """Do the work on each item and return how many worked; a failing one never stops the rest.

    Except where Stripe does not answer: then the rest waits for the next run, instead of a
    timeout for each.
    """
    done = 0
    for item in items:
        try:
            work(item)
        except StripeUnavailable as error:
            logger.warning("sweep_waits_for_stripe", sweep=what, detail=error.detail)
            return done
        except Exception:  # the item is found again by the next run
            logger.exception("sweep_item_failed", sweep=what, item=str(item))
        else:
            done += 1
    return done
