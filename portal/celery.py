"""The worker's entry point: `celery -A portal worker`, and `beat` for what is due."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

app = Celery("portal")
# Being "current" holds for one thread; every thread of a web process enqueues on this app.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_half_made(**kwargs: Any) -> None:
    """Check the settings at the start, as the web server does, and end where one is missing.

    Celery only logs what a receiver raises, and would go on.
    """
    from portal.checks import refuse_half_made_settings

    try:
        refuse_half_made_settings()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
