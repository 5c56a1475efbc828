"""`make demo` as its user meets it: served, stopped, killed, started again, and refused."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "portal/desk/demo/guard.py"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
START_SECONDS = 120
STOP_SECONDS = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Demo:
    """One folder of demo data and two ports; `start()` runs the command as make does."""

    folder: Path
    port: int = field(default_factory=free_port)
    standin_port: int = field(default_factory=free_port)
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *options: str, **changes: str) -> "subprocess.Popen[str]":
        environment = {
            **{
                k: v for k, v in os.environ.items() if not k.endswith(("_URL", "STRIPE_SECRET_KEY"))
            },
            "DJANGO_SETTINGS_MODULE": "portal.settings.demo",
            "DEMO_DIR": str(self.folder),
            "PORT": str(self.port),
            "STANDIN_PORT": str(self.standin_port),
            **changes,
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve_demo", *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def get(self, path: str) -> tuple[int, str]:
        try:
            with DIRECT.open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    def identity(self) -> tuple[str, list[tuple[str, str]]]:
        """Return what a new demo would make anew: its secrets and its orders' ids."""
        with closing(sqlite3.connect(self.folder / "portal.sqlite3")) as database:
            orders = database.execute(
                "SELECT public_id, status FROM billing_order ORDER BY id"
            ).fetchall()
        assert orders != []
        return (self.folder / "secrets.json").read_text(), orders

    def ports_are_free(self) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if not (listens(self.port) or listens(self.standin_port)):
                return True
            time.sleep(0.1)
        return False


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=STOP_SECONDS)


def announced(process: "subprocess.Popen[str]") -> str:
    """Return what it printed up to its last line, which comes when it serves."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_given_a_demo_when_it_is_killed_and_runs_again_then_its_data_is_kept(demo):
    first = demo.start()
    printed = announced(first)
    assert f"http://localhost:{demo.port}/" in printed
    assert f"http://localhost:{demo.port}/admin/" in printed
    assert re.search(r"Password of everybody: \S+", printed)
    assert "customer, owner" in printed
    assert demo.get("/")[0] == 200
    assert listens(demo.standin_port)
    kept = demo.identity()

    first.kill()
    first.wait(timeout=STOP_SECONDS)
    second = demo.start()
    announced(second)

    assert demo.get("/")[0] == 200
    assert demo.identity() == kept

    began = time.monotonic()
    second.send_signal(signal.SIGINT)
    last_words, _ = second.communicate(timeout=STOP_SECONDS)
    assert (second.returncode, last_words) == (0, "→ Stopped\n")
    assert time.monotonic() - began < STOP_SECONDS
    assert demo.ports_are_free()


def test_given_a_taken_port_when_the_demo_starts_then_one_sentence_says_what_to_do(demo):
    with socket.socket() as other:
        other.bind(("127.0.0.1", demo.port))
        other.listen()

        process = demo.start()
        told, _ = process.communicate(timeout=START_SECONDS)

    assert process.returncode == 1
    assert told == (
        f"CommandError: Port {demo.port} is taken. "
        f"Choose another: make demo PORT={demo.port + 10}\n"
    )
    assert not (demo.folder / "portal.sqlite3").exists()


def test_given_a_served_demo_when_another_starts_there_or_a_process_dies_then_it_is_said(demo):
    process = demo.start("--empty")
    announced(process)

    another = demo.start(PORT=str(free_port()), STANDIN_PORT=str(free_port()))
    told, _ = another.communicate(timeout=START_SECONDS)
    assert (another.returncode, told) == (
        1,
        f"CommandError: The demo of this folder is running already (its data: {demo.folder}).\n",
    )
    assert demo.get("/readyz/")[0] == 200

    os.kill(child_named("run_due", of=process.pid), signal.SIGKILL)
    told, _ = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 1
    assert told.endswith("CommandError: The ticker ended by itself; see its message above.\n")
    assert demo.ports_are_free()


def test_given_held_processes_when_the_supervisor_is_gone_then_the_guard_ends_them_alone():
    sleepers = [subprocess.Popen(["sleep", "60"], start_new_session=True) for _ in range(3)]
    guard = subprocess.Popen([sys.executable, str(GUARD)], stdin=subprocess.PIPE, text=True)
    held, released, unknown = sleepers

    guard.communicate(
        f"hold {held.pid}\nhold {released.pid}\nrelease {released.pid}\n", timeout=STOP_SECONDS
    )

    assert held.wait(timeout=STOP_SECONDS) == -signal.SIGTERM
    for spared in (released, unknown):
        assert spared.poll() is None
        spared.kill()
        spared.wait()


def child_named(word: str, *, of: int) -> int:
    """Return the id of the one child with a word in its command line."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,ppid=,args=", "-A"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    [found] = [int(pid) for pid, parent, args in rows if int(parent) == of and word in args]
    return found
