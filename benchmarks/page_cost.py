"""Processor time of one request of the price page and the dashboard, and of a bare view.

`python -m benchmarks.page_cost` calls the WSGI application in this one process, on a database of
its own, and keeps the least of five rounds. What else the machine does disturbs this much less than
a rate over the network (benchmarks.page_speed), which is what the goal is about.
"""

import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 5
REQUESTS = 20


def request(application: Callable[..., Any], path: str, cookie: str) -> None:
    """Make one GET request, as a server would. Fails unless it is answered with 200."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": cookie,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    answer = application(environ, lambda status, *_: statuses.append(status))
    b"".join(answer)
    answer.close()
    if statuses != ["200 OK"]:
        raise SystemExit(f"{path}: {statuses}")


def milliseconds(application: Callable[..., Any], path: str, cookie: str) -> float:
    request(application, path, cookie)
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REQUESTS):
            request(application, path, cookie)
        rounds.append((time.process_time() - began) / REQUESTS * 1000)
    return min(rounds)


def main() -> None:
    from django.core.management import call_command

    from benchmarks.page_speed import PREPARE
    from portal.wsgi import application

    call_command("migrate", verbosity=0)
    call_command("seed_demo", verbosity=0)
    pages = {"price page": ("/", "none=1")}
    for rows in (20, 200):
        with contextlib.redirect_stdout(io.StringIO()) as told:
            exec(PREPARE.format(rows=rows))
        cookie, organisation = told.getvalue().split()
        pages[f"dashboard, {rows} agreements"] = (f"/o/{organisation}/", cookie)
    for name, (path, cookie) in pages.items():
        bare = milliseconds(application, "/bare/", cookie)
        page = milliseconds(application, path, cookie)
        print(f"{name:<26} {page:5.1f} ms, bare view {bare:4.1f} ms: {bare / page:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "DEMO_DIR": folder}
        main()
