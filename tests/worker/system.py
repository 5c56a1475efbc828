"""The portal as production runs it: web server, Celery worker and beat, each a process."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import redis
from django.conf import settings
from django.db import connection

from tests.e2e.live import free_port
from tests.stripe_standin.process import StandinProcess

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
WAIT_SECONDS = 90
STOP_SECONDS = 60
NO_BROKER = "redis://127.0.0.1:9/0"
Found = TypeVar("Found")


@dataclass
class System:
    """One database, one broker, one mail folder and one stand-in for Stripe, shared by all."""

    folder: Path
    standin: StandinProcess
    key_prefix: str

    @property
    def environment(self) -> dict[str, str]:
        database = connection.settings_dict
        account = f"{database['USER']}:{database['PASSWORD']}"
        place = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
            "DATABASE_URL": f"postgres://{account}@{place}/{database['NAME']}",
            "REDIS_URL": settings.REDIS_URL,
            "WORKER_STRIPE_API_BASE": self.standin.base_url,
            "WORKER_KEY_PREFIX": self.key_prefix,
            "WORKER_MAIL_FOLDER": str(self.folder / "mails"),
        }

    @contextmanager
    def web_server(self, **changes: str) -> Iterator[str]:
        """Serve the portal, and yield its address."""
        port = free_port()
        command = ["gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
        with self.process("web", *command, "--no-control-socket", **changes) as (process, log):
            url = f"http://127.0.0.1:{port}"
            until(lambda: answers(f"{url}/healthz/"), log, process, START_SECONDS)
            yield url

    @contextmanager
    def worker(self) -> Iterator[int]:
        """Run a worker with two children, and yield its process id."""
        options = ["worker", "--concurrency", "2", "--loglevel", "INFO", "--without-mingle"]
        command = ["celery", "-A", "portal", *options, "--hostname", f"suite-{os.getpid()}"]
        with self.process("worker", *command) as (process, log):
            until(lambda: " ready." in log.read_text(), log, process, START_SECONDS)
            yield process.pid

    @contextmanager
    def beat(self) -> Iterator[None]:
        """Run beat, which asks for what is due every second."""
        options = ["--schedule", str(self.folder / "beat"), "--max-interval", "1"]
        with self.process("beat", "celery", "-A", "portal", "beat", *options, "--pidfile", ""):
            yield

    @contextmanager
    def process(
        self, name: str, *command: str, **changes: str
    ) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
        """Run a module of this environment's Python, and end it with the block."""
        log = self.folder / f"{name}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env={**self.environment, **changes},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process, log
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=STOP_SECONDS)

    def sent_mails(self) -> list[str]:
        """Return the public id of each message that was handed over, as often as it was."""
        texts = [path.read_text() for path in (self.folder / "mails").glob("*.log")]
        return sorted(re.findall(r"^Message-ID: <(\w+)@", "\n".join(texts), re.MULTILINE))

    def forget(self) -> None:
        """Delete this run's names from Redis, and only those."""
        with redis.Redis.from_url(settings.REDIS_URL) as broker:
            for key in broker.scan_iter(match=f"{self.key_prefix}*"):
                broker.delete(key)


def answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(
    look: Callable[[], Found],
    log: Path | None = None,
    process: "subprocess.Popen[bytes] | None" = None,
    seconds: float = WAIT_SECONDS,
) -> Found:
    """Look again and again until there is something to see, and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(log.read_text()[-4000:] if log else "it did not happen in time")


def children_of(parent: int) -> list[int]:
    """Return the ids of a process's children."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return [pid for pid, ppid in pairs if ppid == parent]
