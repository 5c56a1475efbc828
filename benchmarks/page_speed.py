"""Requests a second of the price page and the dashboard against a bare Django view.

`python -m benchmarks.page_speed` serves the demo's code with gunicorn (2 workers) on a database of
its own, makes a customer with 20 agreements, then one with 200, and drives each page right after
the bare view with wrk (installed by `apt-get install wrk`). The bare view runs one indexed query
behind the same server, workers, database, middleware and cookie. No response is cached. What is
printed are the medians of five rounds: of the rates, and of each round's ratio, which the machine's
other work disturbs least.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.demo_start import ROOT, answers, free_port

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 8
PREPARE = """
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from benchmarks.rows import many_agreements
user, organisation = many_agreements({rows})
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(settings.SESSION_COOKIE_NAME + "=" + session.session_key, organisation.public_id)
"""


def requests_per_second(url: str, cookie: str) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"Cookie: {cookie}", url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in printed:
        raise SystemExit(f"{url} did not answer 200:\n{printed}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    assert found is not None
    return float(found.group(1))


def measure(folder: Path, rows: int) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DEMO_DIR": str(folder),
        "PORT": str(port),
    }
    manage = [sys.executable, "manage.py"]
    options = {"cwd": ROOT, "env": environment, "check": True}
    subprocess.run([*manage, "migrate", "-v0"], **options)
    subprocess.run([*manage, "seed_demo", "-v0"], **options)
    told = subprocess.run(
        [*manage, "shell", "-v0", "-c", PREPARE.format(rows=rows)],
        capture_output=True,
        text=True,
        **options,
    )
    cookie, organisation = told.stdout.split()[-2:]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "portal.wsgi", "--workers", "2"),
            *("--log-level", "error", "--bind", f"127.0.0.1:{port}"),
            *("--worker-tmp-dir", "/dev/shm"),
        ],
        cwd=ROOT,
        env=environment,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        while not answers(f"{base}/healthz/"):
            time.sleep(0.2)
        report(base, cookie, organisation, rows)
    finally:
        server.terminate()
        server.wait(timeout=30)


def report(base: str, cookie: str, organisation: str, rows: int) -> None:
    pairs = {
        "price page": ("/", "none=1"),
        f"dashboard, {rows} agreements": (f"/o/{organisation}/", cookie),
    }
    for name, (path, sent) in pairs.items():
        rounds = [
            (requests_per_second(f"{base}/bare/", sent), requests_per_second(base + path, sent))
            for _ in range(ROUNDS)
        ]
        bare = median(bare for bare, _ in rounds)
        page = median(page for _, page in rounds)
        ratio = median(page / bare for bare, page in rounds)
        print(f"{name:<26} {page:6.0f} requests/s, bare view {bare:6.0f}: {ratio:.2f} of it")


if __name__ == "__main__":
    if shutil.which("wrk") is None:
        sys.exit("This benchmark drives the server with wrk: apt-get install wrk")
    for agreements in (20, 200):
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
            measure(Path(name), agreements)
