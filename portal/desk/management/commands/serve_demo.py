"""`make demo`: prepare the demo's data and serve the portal, the stand-in and the ticker."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

START_SECONDS = 30
STOP_SECONDS = 10


class Command(BaseCommand):
    """Supervise the demo's processes; when one ends, all end."""

    help = "Prepare and serve the demo on loopback (PORT, default 8000)."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="serve without demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("serve_demo serves the demo settings only")
        self._refuse_taken_ports()
        self._say("Preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        if not options["empty"]:
            self._say("Writing demo data (kept from an earlier run if there is any)")
            call_command("seed_demo", verbosity=0)
        with ExitStack() as processes:
            running = [
                processes.enter_context(process(name, command, extra))
                for name, command, extra in self._commands()
            ]
            self._wait_until_served(running)
            self._announce(empty=options["empty"])
            self._watch(running)

    def _refuse_taken_ports(self) -> None:
        ports = [settings.PORT] + ([settings.STANDIN_PORT] if settings.USES_STANDIN else [])
        for port in ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    raise CommandError(
                        f"Port {port} is taken. Choose another: make demo PORT={port + 10}"
                    ) from error

    def _commands(self) -> Iterator[tuple[str, list[str], dict[str, str]]]:
        """Yield the name, the command line and the further environment of each process."""
        python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
        if settings.USES_STANDIN:
            yield "Stripe stand-in", self._standin(python), {}
        yield (
            "portal",
            [python, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{settings.PORT}"]
            + ["--workers", "1", "--threads", "8", "--log-level", "warning"]
            # Not /tmp, which may be a slow disk: gunicorn's heartbeat would stall the demo.
            + (["--worker-tmp-dir", "/dev/shm"] if os.path.isdir("/dev/shm") else []),  # noqa: PTH112, S108
            {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]},
        )
        yield "ticker", [python, manage, "run_due", "--every", "30"], {}
        if not settings.CELERY_TASK_ALWAYS_EAGER:
            worker = ["worker", "--concurrency", "2", "--loglevel", "WARNING"]
            yield "worker", [python, "-m", "celery", "-A", "portal", *worker], {}

    def _standin(self, python: str) -> list[str]:
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

    def _wait_until_served(self, running: list["subprocess.Popen[bytes]"]) -> None:
        deadline = time.monotonic() + START_SECONDS
        url = f"http://127.0.0.1:{settings.PORT}/readyz/"
        while time.monotonic() < deadline:
            self._fail_if_ended(running)
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        raise CommandError(f"The portal did not answer at {url} within {START_SECONDS} s.")

    def _watch(self, running: list["subprocess.Popen[bytes]"]) -> None:
        def stop(number: int, frame: object) -> None:
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, stop)
        try:
            while True:
                self._fail_if_ended(running)
                time.sleep(0.5)
        except KeyboardInterrupt:
            self._say("Stopping")

    def _fail_if_ended(self, running: list["subprocess.Popen[bytes]"]) -> None:
        for child in running:
            if child.poll() is not None:
                raise CommandError(f"A process ended ({child.args!r}); see its message above.")

    def _announce(self, *, empty: bool) -> None:
        from portal.desk.demo.logins import announce

        self.stdout.write(announce(url=settings.PUBLIC_URL, with_logins=not empty))

    def _say(self, sentence: str) -> None:
        self.stdout.write(f"→ {sentence}")
        self.stdout.flush()


@contextmanager
def process(
    name: str, command: list[str], extra: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a child in its own group, and end it (and its own children) with the block."""
    child = subprocess.Popen(  # noqa: S603 (our own command line)
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, **extra, "PORT": str(settings.PORT)},
        start_new_session=True,
    )
    try:
        yield child
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, number)
        try:
            child.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
