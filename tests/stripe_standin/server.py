"""HTTP on loopback: the API, the hosted page and the controls."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.stripe_standin import api, control, hosted, sessions
from tests.stripe_standin.delivery import Deliverer
from tests.stripe_standin.desk_page import desk_page
from tests.stripe_standin.errors import ApiError
from tests.stripe_standin.world import World

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
LARGEST_BODY: Final = 1_000_000
TICK_SECONDS: Final = 0.5
PAGE_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Standin(ThreadingHTTPServer):
    """The server with what its requests share."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], *, secret_key: str) -> None:
        super().__init__(address, Handler)
        self.secret_key = secret_key
        self.world: World
        self.desk: control.Desk
        self.deliverer: Deliverer

    def open(self, world: World) -> None:
        """Start delivering and watching the clock."""
        self.world = world
        self.desk = control.Desk(world)
        self.deliverer = Deliverer(world.store)
        self.deliverer.start()
        threading.Thread(target=self._tick, name="clock", daemon=True).start()

    def _tick(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            with self.world.store.transaction():
                sessions.expire_what_is_due(self.world)
                fresh = self.world.take_fresh()
            self.deliverer.release(fresh)


class Handler(BaseHTTPRequestHandler):
    """One connection: answers first, and only then lets the webhooks go."""

    protocol_version = "HTTP/1.1"
    server_version = "stripe-standin"
    disable_nagle_algorithm = True
    server: Standin

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer("POST")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the caller's terminal is not ours."""

    def _answer(self, method: str) -> None:
        text = self._body()
        if text is None:
            return
        parts = urlsplit(self.path)
        fresh: list[int] = []
        try:
            with self.server.world.store.transaction():
                send = self._route(method, parts.path, text if method == "POST" else parts.query)
                fresh = self.server.world.take_fresh()
            send()
            self.wfile.flush()
        finally:
            self.server.deliverer.release(fresh)

    def _body(self) -> str | None:
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        length = int(self.headers.get("Content-Length") or 0)
        if host not in LOOPBACK or length > LARGEST_BODY:
            self.close_connection = True
            self._send(400, b"", {})
            return None
        return self.rfile.read(length).decode("utf-8", "replace")

    def _route(self, method: str, path: str, text: str) -> Any:
        """Do the work; returns what sends the answer once the work is committed."""
        if path.startswith("/v1/"):
            return self._api(method, path, text)
        if path.startswith("/_control/"):
            return self._control(method, path, text)
        if path == "/c/pay.css":
            css = (hosted.PAGES / "pay.css").read_bytes()
            return lambda: self._send(200, css, {"Content-Type": "text/css; charset=utf-8"})
        if path.startswith("/c/pay/"):
            return self._page(method, path, text)
        if path == "/healthz":
            return lambda: self._send_json(200, {"ok": True})
        return lambda: self._send_json(404, {"error": {"message": "Not found"}})

    def _api(self, method: str, path: str, text: str) -> Any:
        faults = self.server.desk.faults
        faulty = faults.take(method)
        if faulty and faults.kind == "error":
            status = faults.status
            error = {"message": "A fault that was asked for.", "type": "api_error"}
            return lambda: self._send_json(status, {"error": error})
        headers = {name.lower(): value for name, value in self.headers.items()}
        made = api.answer(
            self.server.world,
            method=method,
            path=path,
            text=text,
            headers=headers,
            secret_key=self.server.secret_key,
        )
        if faulty:
            return self._hang_up
        return lambda: self._send_json(made.status, made.body, made.headers)

    def _control(self, method: str, path: str, text: str) -> Any:
        if method == "GET" and path == "/_control/":
            page = desk_page(self.server.world).encode()
            return lambda: self._send(200, page, PAGE_HEADERS)
        as_json = self.headers.get("Content-Type", "").startswith("application/json")
        if method == "POST" and not as_json and not self._from_own_page():
            return lambda: self._send_json(403, {"error": {"message": "Not from here"}})
        try:
            body = json.loads(text or "{}") if as_json else dict(parse_qsl(text))
            made = control.run(self.server.desk, method=method, path=path, body=body)
        except ApiError as error:
            made_error = error
            return lambda: self._send_json(made_error.status, made_error.body())
        except (ValueError, KeyError, TypeError) as error:
            message = f"Not understood: {error!r}"
            return lambda: self._send_json(400, {"error": {"message": message}})
        if method == "POST" and not as_json:
            return lambda: self._send(303, b"", {"Location": "/_control/"})
        return lambda: self._send_json(200, made)

    def _from_own_page(self) -> bool:
        """No other site may press the buttons of the control page."""
        origin = self.headers.get("Origin", "")
        return origin == f"http://{self.headers.get('Host', '')}"

    def _page(self, method: str, path: str, text: str) -> Any:
        session_id, _, step = path.removeprefix("/c/pay/").partition("/")
        form = dict(parse_qsl(text, keep_blank_values=True))
        world = self.server.world
        if step == "authenticate":
            if method == "POST":
                page = hosted.answer_challenge(world, session_id, form)
            else:
                page = hosted.challenge(world, session_id)
        elif method == "POST":
            page = hosted.submit(world, session_id, form)
        else:
            page = hosted.show(world, session_id)
        if page.location:
            return lambda: self._send(page.status, b"", {"Location": page.location})
        return lambda: self._send(page.status, page.html.encode(), PAGE_HEADERS)

    def _send_json(self, status: int, body: Any, headers: Any = None) -> None:
        content = json.dumps(body, indent=2).encode()
        self._send(status, content, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, content: bytes, headers: Any) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
