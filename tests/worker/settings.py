"""The suite's settings for processes of their own: jobs go through a real broker."""

import os

from portal.settings.test import *  # noqa: F403
from portal.settings.test import CELERY_BEAT_SCHEDULE

STRIPE_API_BASE = os.environ["WORKER_STRIPE_API_BASE"]
CELERY_TASK_ALWAYS_EAGER = False
# Names of this run's own, so that a Redis that others use is left as it was.
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": os.environ["WORKER_KEY_PREFIX"]}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ["WORKER_MAIL_FOLDER"]
CELERY_BEAT_SCHEDULE["what is due"]["schedule"] = 1.0
