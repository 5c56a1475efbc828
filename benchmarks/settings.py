"""The demo's settings with one more URL: a bare view to compare with."""

from portal.settings.demo import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
