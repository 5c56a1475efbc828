"""The one place that enqueues work: after commit, by name and ids, at least once."""

from functools import partial

from celery import current_app
from django.db import transaction


def enqueue(task_name: str, *ids: str) -> None:
    """Send a task once the transaction commits; a sweep finds its row if the broker loses it.

    `task_name` is the registered name, such as `billing.handle_stripe_event`; `ids` are public
    ids, never objects. Without a transaction the task goes out at once.
    """
    transaction.on_commit(partial(_send, task_name, ids), robust=True)


def _send(task_name: str, ids: tuple[str, ...]) -> None:
    task = current_app.tasks[task_name]
    task.apply_async(args=list(ids))
