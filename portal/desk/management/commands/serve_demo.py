"""`make demo`: prepare the demo's data and serve the portal, the stand-in and the ticker."""

import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from portal.desk.demo.processes import Processes

START_SECONDS = 90
# The processes of a demo that was killed are gone within that time.
PORT_SECONDS = 5


class Command(BaseCommand):
    """Supervise the demo's processes; when one ends, all end."""

    help = "Prepare and serve the demo on loopback (PORT, default 8000)."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="serve without demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("serve_demo serves the demo settings only")
        # SIGINT as well: a shell starts what it runs in the background with Ctrl-C ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        try:
            with _only_one_here(settings.DEMO_DIR):
                self._serve(empty=options["empty"])
        except KeyboardInterrupt:
            self._say("Stopped")

    def _serve(self, *, empty: bool) -> None:
        _refuse_taken_ports()
        self._say("Preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        if not empty:
            self._say("Writing demo data (kept from an earlier run if there is any)")
            call_command("seed_demo", verbosity=0)
        with Processes(folder=settings.BASE_DIR) as processes:
            for name, command in _commands():
                processes.start(name, command, {**os.environ, "PORT": str(settings.PORT)})
            _wait_until_served(processes)
            self._announce(empty=empty)
            while True:
                _fail_if_ended(processes)
                time.sleep(0.3)

    def _announce(self, *, empty: bool) -> None:
        from portal.desk.demo.logins import announce

        self.stdout.write(announce(url=settings.PUBLIC_URL, with_logins=not empty))
        self.stdout.flush()

    def _say(self, sentence: str) -> None:
        self.stdout.write(f"→ {sentence}")
        self.stdout.flush()


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _only_one_here(folder: Path) -> Iterator[None]:
    """Refuse a second demo on the same data: the system lets go of the lock when we are gone."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"The demo of this folder is running already (its data: {folder})."
            ) from None
        yield


def _refuse_taken_ports() -> None:
    ports = [settings.PORT] + ([settings.STANDIN_PORT] if settings.USES_STANDIN else [])
    deadline = time.monotonic() + PORT_SECONDS
    for port in ports:
        while not _is_free(port):
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Port {port} is taken. Choose another: make demo PORT={port + 10}"
                )
            time.sleep(0.2)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the command line of each process."""
    python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
    if settings.USES_STANDIN:
        yield "stand-in for Stripe", _standin(python)
    yield (
        "portal",
        [python, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{settings.PORT}"]
        + ["--workers", "1", "--threads", "8", "--log-level", "warning", "--no-control-socket"]
        + ["--graceful-timeout", "3"]
        # Not /tmp, which may be a slow disk: gunicorn's heartbeat would stall the demo.
        + (["--worker-tmp-dir", "/dev/shm"] if os.path.isdir("/dev/shm") else []),  # noqa: PTH112, S108
    )
    yield "ticker", [python, manage, "run_due", "--every", "30"]
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        worker = ["worker", "--concurrency", "2", "--loglevel", "WARNING"]
        yield "worker", [python, "-m", "celery", "-A", "portal", *worker]


def _standin(python: str) -> list[str]:
    return [
        python,
        "-m",
        "tests.stripe_standin",
        "--port",
        str(settings.STANDIN_PORT),
        "--state",
        str(settings.DEMO_DIR / "stripe.sqlite3"),
        "--webhook-url",
        f"http://127.0.0.1:{settings.PORT}/webhooks/stripe/",
        "--webhook-secret",
        settings.STRIPE_WEBHOOK_SECRET,
        "--secret-key",
        settings.STRIPE_SECRET_KEY,
        "--merchant",
        "Northwind Software Ltd",
    ]


def _wait_until_served(processes: Processes) -> None:
    # A proxy named in the environment cannot reach this machine's loopback.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    url = f"http://127.0.0.1:{settings.PORT}/readyz/"
    while time.monotonic() < deadline:
        _fail_if_ended(processes)
        try:
            with direct.open(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise CommandError(f"The portal did not answer at {url} within {START_SECONDS} s.")


def _fail_if_ended(processes: Processes) -> None:
    if name := processes.ended():
        raise CommandError(f"The {name} ended by itself; see its message above.")
