"""The one periodic task; Celery's beat sends it, and cron may run the command instead."""

from celery import shared_task

from portal.desk import due
from portal.kit import clock


@shared_task(name="desk.run_due")
def run_due() -> None:
    for _result in due.run_due(clock.now()):
        pass
