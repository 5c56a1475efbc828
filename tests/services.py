"""PostgreSQL and Redis for one run of the suite: servers of its own, gone when it ends.

TEST_DATABASE_URL and TEST_REDIS_URL name servers to use instead; the run makes databases and keys
with names of its own there, and deletes them. Programs that are missing are installed where that
is possible (root on Debian). Nothing here needs Django.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

START_SECONDS: Final = 30
STOP_SECONDS: Final = 20
# Where Debian, Fedora and Homebrew keep programs of PostgreSQL that are not on the PATH.
POSTGRES_PLACES: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)


class Missing(Exception):
    """A program is not here and could not be installed; says which and how to get it."""


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server whose `postgres` database exists."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    initdb = _find_initdb()
    with tempfile.TemporaryDirectory(prefix="portal-postgres-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        owner = _unprivileged(folder)
        options = ["--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--no-sync"]
        _run([str(initdb), "--pgdata", f"{folder}/data", *options], **owner)
        settings = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            # Nothing here outlives the run.
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 200,
        }
        command = [str(initdb.with_name("postgres")), "-D", f"{folder}/data"]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        # SIGINT: end at once, whoever is still connected.
        with _server(command, port, folder / "log", stop=signal.SIGINT, **owner):
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    """Yield the URL of a Redis database."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    program = shutil.which("redis-server")
    if program is None and install("redis-server"):
        program = shutil.which("redis-server")
    if program is None:
        raise Missing("Redis (apt-get install redis-server, or set TEST_REDIS_URL)")
    with tempfile.TemporaryDirectory(prefix="portal-redis-") as name:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", name]
        with _server(command, port, Path(name, "log"), stop=signal.SIGTERM):
            yield f"redis://127.0.0.1:{port}/0"


def browser() -> str:
    """Return the path of a Chromium. Raises Missing."""
    for _ in range(2):
        for name in ("chromium", "google-chrome"):
            if found := shutil.which(name):
                return found
        if not install("chromium"):
            break
    raise Missing("Chromium (apt-get install chromium)")


def install(package: str) -> bool:
    """Install a Debian package; say so, and answer whether it worked."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"\n→ Installing {package} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package])
    done = [
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
        for command in commands
    ]
    return done[-1].returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _find_initdb() -> Path:
    for _ in range(2):
        for place in POSTGRES_PLACES:
            found = sorted(Path("/").glob(f"{place[1:]}/initdb"), key=_version)
            if found:
                return found[-1]
        if on_path := shutil.which("initdb"):
            return Path(on_path).resolve()
        if not install("postgresql"):
            break
    raise Missing("PostgreSQL (apt-get install postgresql, or set TEST_DATABASE_URL)")


def _version(initdb: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in str(initdb).replace("-", "/").split("/") if part.isdigit())


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then its own account does, which the package made."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": folder}


def _run(command: list[str], **owner: Any) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **owner)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _server(
    command: list[str], port: int, log: Path, *, stop: signal.Signals, **owner: Any
) -> Iterator[None]:
    """Run a server until the block ends; its own session, so that Ctrl-C ends it last."""
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True, **owner
        )
    try:
        _wait_until_it_listens(process, port, log)
        yield
    finally:
        process.send_signal(stop)
        process.wait(timeout=STOP_SECONDS)


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")
