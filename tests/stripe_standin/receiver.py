"""A receiver of webhooks for the tests: keeps what arrives, and answers as told."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

GATE_SECONDS: Final = 15


@dataclass(frozen=True)
class Received:
    """One webhook as it came over the wire."""

    payload: bytes
    signature: str
    at: float

    @property
    def event(self) -> dict[str, Any]:
        """The event inside."""
        event: dict[str, Any] = json.loads(self.payload)
        return event


@dataclass
class Receiver:
    """Serves on a free loopback port while the `with` lasts."""

    answers: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    # While cleared, answers wait.
    gate: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        receiver = self
        self.gate.set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                payload = self.rfile.read(length)
                signature = self.headers.get("Stripe-Signature", "")
                receiver.received.append(Received(payload, signature, time.monotonic()))
                receiver.gate.wait(GATE_SECONDS)
                status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where to send webhooks."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    @property
    def types(self) -> list[str]:
        """The types of what arrived, in the order of arrival."""
        return [item.event["type"] for item in self.received]

    def clear(self) -> None:
        """Forget what arrived."""
        self.gate.set()
        self.received.clear()
        self.answers.clear()
