"""The suite's settings for a process of its own, which talks to the same stand-in."""

import os

from portal.settings.test import *  # noqa: F403

STRIPE_API_BASE = os.environ["WORKER_STRIPE_API_BASE"]
