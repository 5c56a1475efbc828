"""`make test`: run every test that this machine can, and say loudly which it could not.

Services and a browser that are missing are installed where that is possible (root on Debian);
nothing is left out in silence. With CI=true a test left out or skipped is a failure; and with
`--on-services` the whole suite runs on PostgreSQL with Redis and a real Celery worker.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POSTGRES_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
SERVICE_URLS = {"DATABASE_URL": POSTGRES_URL, "REDIS_URL": REDIS_URL}
PLAIN = "not postgres and not worker and not browser"
WORKERS = ("-n", str(os.cpu_count() or 1))
# On Debian: package, and the commands that start what it brings.
SERVICES = {
    "PostgreSQL": (5432, "postgresql", ["service", "postgresql", "start"]),
    "Redis": (6379, "redis-server", ["redis-server", "--daemonize", "yes", "--save", ""]),
}


@dataclass
class Tally:
    """What ran, what failed, what was left out and how to get it."""

    counts: dict[str, int] = field(default_factory=lambda: {"passed": 0, "failed": 0, "skipped": 0})
    failed_phases: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def say(sentence: str) -> None:
    print(f"\n→ {sentence}", flush=True)


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> bool:
    """Install a Debian package; say so, and answer whether it worked."""
    if not can_install():
        return False
    say(f"Installing {package} with apt-get")
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    done = subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, **quiet)
    return done.returncode == 0


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def has_service(name: str) -> bool:
    """Say whether a service answers on its usual port; install and start it if that is allowed."""
    port, package, start = SERVICES[name]
    if listens(port):
        return True
    if shutil.which(start[0]) is None or name == "PostgreSQL":
        if not install(package):
            return False
    subprocess.run(start, check=False, stdout=subprocess.DEVNULL)
    for _ in range(20):
        if listens(port):
            return True
        time.sleep(0.5)
    return False


def has_browser() -> bool:
    if shutil.which("chromium") or shutil.which("google-chrome"):
        return True
    return install("chromium") and shutil.which("chromium") is not None


def run_phase(tally: Tally, title: str, *options: str, **environment: str) -> None:
    """Run pytest once and add its counts to the tally."""
    say(title)
    command = [sys.executable, "-m", "pytest", "-q", *options]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test", **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    closing = ""
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if re.search(r"\d+ (passed|failed|skipped|error)", line):
            closing = line
    for count, word in re.findall(r"(\d+) (passed|failed|skipped|error)", closing):
        tally.counts["failed" if word == "error" else word] += int(count)
    if process.wait() != 0:
        tally.failed_phases.append(title)


def run_everything_here(tally: Tally) -> None:
    """`make test`: SQLite with nothing else running, then whatever this machine has besides."""
    run_phase(tally, "The suite on SQLite", "-m", PLAIN, *WORKERS)
    if has_browser():
        run_phase(tally, "The browser tests, on the demo's SQLite", "-m", "browser")
    else:
        tally.left_out.append("the browser tests (needs Chromium: apt-get install chromium)")
    if not has_service("PostgreSQL"):
        tally.left_out.append(
            "the tests of row locks (needs PostgreSQL at 127.0.0.1:5432, or TEST_DATABASE_URL)"
        )
        return
    run_phase(tally, "What only PostgreSQL can show", "-m", "postgres", DATABASE_URL=POSTGRES_URL)
    if has_service("Redis"):
        run_phase(tally, "A real Celery worker", "-m", "worker", **SERVICE_URLS)
    else:
        tally.left_out.append("the worker tests (needs Redis at 127.0.0.1:6379, or TEST_REDIS_URL)")


def run_on_services(tally: Tally) -> None:
    """What only CI does: the same suite on PostgreSQL, with Redis and a real Celery worker."""
    for name in SERVICES:
        if not has_service(name):
            tally.left_out.append(f"everything on {name}, which is not here")
            return
    run_phase(tally, "The suite on PostgreSQL with Redis", "-m", PLAIN, *WORKERS, **SERVICE_URLS)
    run_phase(
        tally, "The browser tests on PostgreSQL, Redis and a worker", "-m", "browser", **SERVICE_URLS
    )


def main() -> int:
    tally = Tally()
    if "--on-services" in sys.argv:
        run_on_services(tally)
    else:
        run_everything_here(tally)
    return report(tally, strict=os.environ.get("CI") == "true")


def report(tally: Tally, *, strict: bool) -> int:
    bad = bool(tally.failed_phases) or tally.counts["failed"] > 0
    if strict and (tally.left_out or tally.counts["skipped"]):
        bad = True
        say("CI leaves nothing out, and something was left out or skipped.")
    for phase in tally.failed_phases:
        say(f"FAILED: {phase}")
    if tally.left_out:
        print("\n" + "=" * 78 + "\nNOT RUN on this machine:")
        for item in tally.left_out:
            print(f"  - {item}")
        print("=" * 78)
    counts = tally.counts
    print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
