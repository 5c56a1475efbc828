"""Seconds from a clone to a served demo: `python -m benchmarks.demo_start` (stdlib only).

Clones this repository's HEAD into a new folder without a .venv, runs `make demo` there, and stops
the clock when the price page answers. The packages come from a warm cache if this machine has one.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 600


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def measure() -> float:
    """Return the seconds from the start of `git clone` to the first price page."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    port = free_port()
    began = time.monotonic()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "portal")], check=True)
    process = subprocess.Popen(
        ["make", "demo", f"PORT={port}"],
        cwd=folder / "portal",
        env={
            k: v
            for k, v in os.environ.items()
            if k not in {"VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE"}
        },
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not answers(f"http://127.0.0.1:{port}/"):
            if process.poll() is not None or time.monotonic() - began > LIMIT_SECONDS:
                raise SystemExit("make demo did not serve")
            time.sleep(0.2)
        return time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    installer = "uv" if shutil.which("uv") else "pip"
    print(f"clone to served demo, {installer}: {measure():.1f} s")
    sys.exit(0)
