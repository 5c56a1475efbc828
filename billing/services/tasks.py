"""Questions about money that only a person in finance can settle, each asked once."""

from django.db import transaction

from billing.models import FinanceTask
from portal.accounts.models import Organisation, User
from portal.audit.services import SYSTEM, Actor, record_event
from portal.kit import clock
from portal.kit.errors import Conflict, gettext_noop


class TaskDone(Conflict):
    """Somebody settled this question already."""

    code = "task_done"
    default_message = gettext_noop("This task was settled already.")


def open_task(
    *,
    kind: FinanceTask.Kind,
    once_key: str,
    note: str,
    subject_id: str,
    organisation: Organisation | None = None,
    actor: Actor = SYSTEM,
) -> FinanceTask:
    """Ask finance once: the same `once_key` never opens a second task, not even a settled one."""
    with transaction.atomic():
        task, opened = FinanceTask.objects.get_or_create(
            once_key=once_key,
            defaults={
                "kind": kind,
                "organisation": organisation,
                "subject_id": subject_id,
                "note": note,
                "opened_at": clock.now(),
            },
        )
        if opened:
            record_event(
                action="finance_task.opened",
                subject_id=task.public_id,
                actor=actor,
                organisation_id=organisation.public_id if organisation else "",
                data={"kind": str(kind), "about": subject_id},
            )
    return task


def settle_task(
    *, task: FinanceTask, outcome: str, actor: Actor, staff: User | None = None
) -> FinanceTask:
    """Close a task with what was done; raises TaskDone for one that is closed."""
    with transaction.atomic():
        task = FinanceTask.objects.select_for_update().get(pk=task.pk)
        if task.done_at is not None:
            raise TaskDone
        task.done_at = clock.now()
        task.done_by = staff
        task.outcome = outcome
        task.save(update_fields=["done_at", "done_by", "outcome"])
        record_event(
            action="finance_task.settled",
            subject_id=task.public_id,
            actor=actor,
            organisation_id=task.organisation.public_id if task.organisation else "",
            data={"outcome": outcome},
        )
    return task
