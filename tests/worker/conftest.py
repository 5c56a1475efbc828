"""Web server and worker run once for this folder; what a test leaves in the broker is deleted."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings as live_settings
from django.db import connection

from tests.billing.conftest import books_hold
from tests.stripe_standin.process import StandinProcess
from tests.worker.system import System

__all__ = ["books_hold"]


@pytest.fixture(scope="session")
def running_system(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[System]:
    if connection.vendor != "postgresql" or not live_settings.REDIS_URL:
        raise RuntimeError("the worker tests need DATABASE_URL (PostgreSQL) and REDIS_URL")
    with StandinProcess() as standin:
        system = System(
            folder=tmp_path_factory.mktemp("system"),
            standin=standin,
            key_prefix=f"portal-suite-{os.getpid()}:",
        )
        (system.folder / "mails").mkdir()
        yield system
        system.forget()


@pytest.fixture(scope="session")
def web(running_system: System) -> Iterator[str]:
    with running_system.web_server() as url:
        yield url


@pytest.fixture
def system(running_system: System, settings) -> Iterator[System]:
    """Given a stand-in that this test's own process talks to as well, and no mails yet."""
    running_system.standin.set_webhook("")
    running_system.standin.reset()
    settings.STRIPE_API_BASE = running_system.standin.base_url
    for mail in (running_system.folder / "mails").iterdir():
        mail.unlink()
    yield running_system
    running_system.forget()


@pytest.fixture
def worker(system: System) -> Iterator[int]:
    with system.worker() as pid:
        yield pid
