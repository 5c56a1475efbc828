"""The one place that enqueues work: after commit, by name and ids, at least once."""

from celery import current_app
from django.db import transaction


def enqueue(task_name: str, *ids: str) -> None:
    """Send a task once the transaction commits; a sweep finds its row if the broker loses it.

    `task_name` is the registered name, such as `billing.handle_stripe_event`; `ids` are public
    ids, never objects. Without a transaction the task goes out at once.
    """

    def send() -> None:
        # A function with a name: Django's log of a failed one fails for a partial.
        current_app.tasks[task_name].apply_async(args=ids)

    transaction.on_commit(send, robust=True)
