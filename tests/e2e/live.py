"""The whole portal as a user meets it: `serve_demo` in a process, on a database of its own."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 150
WAIT_SECONDS = 45


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class LivePortal:
    """A served demo: its address, and what only its operator sees."""

    url: str
    standin_url: str
    database_url: str
    environment: dict[str, str]

    def manage(
        self, *arguments: str, stdin: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a management command on the served data, as the README says."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read from the portal's database."""
        if self.database_url.startswith("sqlite"):
            with sqlite3.connect(self.database_url.removeprefix("sqlite:///")) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()

    def wait_for_mail(self, *, to: str, containing: str) -> str:
        """Return the text of the newest mail to an address that has the words in it."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            for recipients, subject, text in self.rows(
                "SELECT recipients, subject, text FROM notifications_mail ORDER BY id DESC"
            ):
                addresses = json.loads(recipients) if isinstance(recipients, str) else recipients
                if to in addresses and containing.lower() in f"{subject}\n{text}".lower():
                    return str(text)
            time.sleep(0.2)
        raise AssertionError(f"no mail to {to} with {containing!r}")

    def control(self, path: str, **body: Any) -> Any:
        """Tell the stand-in for Stripe to do something."""
        request = urllib.request.Request(
            f"{self.standin_url}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def serve(folder: Path) -> Iterator[LivePortal]:
    """Serve the demo from a new database, and end all its processes with the block."""
    port, standin_port = free_port(), free_port()
    with database(folder) as database_url:
        environment = {
            **{k: v for k, v in os.environ.items() if k not in {"STRIPE_SECRET_KEY"}},
            "DJANGO_SETTINGS_MODULE": "portal.settings.demo",
            "DEMO_DIR": str(folder),
            "DATABASE_URL": database_url,
            "PORT": str(port),
            "STANDIN_PORT": str(standin_port),
        }
        log = (folder / "portal.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve_demo"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        portal = LivePortal(
            url=f"http://localhost:{port}",
            standin_url=f"http://127.0.0.1:{standin_port}",
            database_url=database_url,
            environment=environment,
        )
        try:
            _wait_until_served(portal, process, folder / "portal.log")
            yield portal
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
            log.close()


def _wait_until_served(portal: LivePortal, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{portal.url}/readyz/", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"the demo did not start:\n{log.read_text()[-4000:]}")


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """Make an empty database: a file, or one on the PostgreSQL server of DATABASE_URL."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    name = f"portal_e2e_{os.getpid()}_{free_port()}"
    parts = urlsplit(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
