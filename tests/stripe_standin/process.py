"""The stand-in as a child process, for tests and for whoever supervises the demo."""

import http.client
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 10.0
ALERT: Final = re.compile(r'role="alert"><p>(.*?)</p>', re.DOTALL)

CARD_PAYS: Final = "4242 4242 4242 4242"
CARD_3DS: Final = "4000 0000 0000 3220"
CARD_DECLINED: Final = "4000 0000 0000 0002"
CARD_NO_FUNDS: Final = "4000 0000 0000 9995"


class StandinError(Exception):
    """The stand-in refused a control, or did not start."""


@dataclass(frozen=True)
class PaymentOutcome:
    """What the payer got: a way back to the shop, a challenge left open, or a sentence."""

    status: int
    returned_to: str = ""
    error: str = ""
    challenged: bool = False


class StandinProcess:
    """A stand-in on a port of its own; with a `state` file it can be killed and started again."""

    def __init__(
        self,
        *,
        state: Path | None = None,
        port: int = 0,
        webhook_url: str = "",
        webhook_secret: str = "whsec_suite",
        secret_key: str = "",
        public_url: str = "",
        merchant: str = "Demo vendor",
    ) -> None:
        self._own_folder = None if state else tempfile.TemporaryDirectory(prefix="standin-")
        self.state = state or Path(self._own_folder.name if self._own_folder else "") / "state.db"
        self.port = port
        self.webhook_secret = webhook_secret
        self._options = {
            "--webhook-url": webhook_url,
            "--webhook-secret": webhook_secret,
            "--secret-key": secret_key,
            "--public-url": public_url,
            "--merchant": merchant,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self._own_folder:
            self._own_folder.cleanup()

    @property
    def base_url(self) -> str:
        """The value for STRIPE_API_BASE."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start, and wait until it answers; a free port is kept for later starts."""
        command = [sys.executable, "-m", "tests.stripe_standin", "--until-stdin-closes"]
        command += ["--port", str(self.port), "--state", str(self.state)]
        for name, value in self._options.items():
            if value:
                command += [name, value]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.port = self._announced_port()
        return self

    def stop(self) -> None:
        """End it, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it without warning (SIGKILL); `start()` brings it back with its state."""
        self._end(signal.SIGKILL)

    def pay(
        self,
        session_id: str,
        *,
        card: str = CARD_PAYS,
        authentication: str = "complete",
        email: str = "payer@example.com",
    ) -> PaymentOutcome:
        """Fill in and send the hosted page as a payer would, without a browser.

        `authentication`: `complete`, `fail`, or `leave` (the challenge stays unanswered).
        """
        form = {
            "method": "card",
            "email": email,
            "number": card,
            "expiry": "12 / 34",
            "cvc": "123",
            "name": "Test Payer",
        }
        outcome = self._submit(f"/c/pay/{session_id}", form)
        if outcome.challenged and authentication != "leave":
            return self.authenticate(session_id, outcome=authentication)
        return outcome

    def authenticate(self, session_id: str, *, outcome: str) -> PaymentOutcome:
        """Answer the 3-D Secure challenge: `complete` or `fail`."""
        return self._submit(f"/c/pay/{session_id}/authenticate", {"outcome": outcome})

    def start_bank_debit(
        self, session_id: str, *, email: str = "payer@example.com"
    ) -> PaymentOutcome:
        """Choose the bank debit on the hosted page: complete now, paid or failed later."""
        return self._submit(f"/c/pay/{session_id}", {"method": "bank_debit", "email": email})

    def settle_bank_debit(self, session_id: str) -> None:
        """The bank pays."""
        self.control(f"sessions/{session_id}/settle")

    def fail_bank_debit(self, session_id: str) -> None:
        """The bank returns the debit."""
        self.control(f"sessions/{session_id}/fail")

    def expire(self, session_id: str) -> None:
        """The session's time is over."""
        self.control(f"sessions/{session_id}/expire")

    def settle_refund(self, refund_id: str) -> None:
        """The bank gave the money back."""
        self.control(f"refunds/{refund_id}/settle")

    def fail_refund(self, refund_id: str) -> None:
        """The bank could not give the money back."""
        self.control(f"refunds/{refund_id}/fail")

    def advance_clock(self, seconds: int) -> None:
        """Move Stripe's clock forward; sessions whose time is over expire."""
        self.control("clock", advance_seconds=seconds)

    def set_webhook(self, url: str, secret: str = "") -> None:
        """Send events there from now on; an empty URL sends none."""
        self.control("webhook", url=url, secret=secret or self.webhook_secret)

    def set_retries(self, *seconds: float) -> None:
        """The pauses between the attempts of a delivery; afterwards it has failed."""
        self.control("retries", seconds=list(seconds))

    def hold(self) -> None:
        """Keep events back until `release()`."""
        self.control("hold")

    def release(self, order: list[str] | str = "") -> list[str]:
        """Let held events go: event ids or types in an order, or `reversed`. Returns event ids."""
        released: list[str] = self.control("release", order=order or [])["released"]
        return released

    def drop_next(self, count: int) -> None:
        """Lose the next events for good."""
        self.control("drop", next=count)

    def drop_all(self, *, active: bool = True) -> None:
        """Lose every event from now on, or stop losing them."""
        self.control("drop", all=active)

    def delay(self, seconds: float) -> None:
        """Send events that much later; 0 ends it."""
        self.control("delay", seconds=seconds)

    def repeat(self, event: str, times: int = 1) -> None:
        """Send an event again, by its id or the latest of its type."""
        key = "event" if event.startswith("evt_") else "type"
        self.control("repeat", **{key: event, "times": times})

    def fail_api(self, count: int, *, status: int = 500, method: str = "POST") -> None:
        """The next API requests do nothing and answer with this status."""
        self.control("api-faults", next=count, kind="error", status=status, method=method)

    def lose_api_answers(self, count: int, *, method: str = "POST") -> None:
        """The next API requests happen, and the connection closes without an answer."""
        self.control("api-faults", next=count, kind="lost_answer", method=method)

    def reset(self) -> None:
        """Forget every object and every mischief; the webhook endpoint stays."""
        self.control("reset")

    def events(self, event_type: str = "") -> list[dict[str, Any]]:
        """Every event, oldest first."""
        found: list[dict[str, Any]] = self._json("GET", "/_control/events")["events"]
        return [event for event in found if event_type in ("", event["type"])]

    def deliveries(self, event_type: str = "") -> list[dict[str, Any]]:
        """Every delivery with `status` (new, due, held, dropped, delivered, failed) and more."""
        found: list[dict[str, Any]] = self._json("GET", "/_control/deliveries")["deliveries"]
        return [delivery for delivery in found if event_type in ("", delivery["type"])]

    def wait_until_delivered(self, seconds: float = 20.0) -> None:
        """Wait until nothing is on its way any more; StandinError when it takes too long."""
        give_up = time.monotonic() + seconds
        while any(row["status"] in ("new", "due") for row in self.deliveries()):
            if time.monotonic() > give_up:
                raise StandinError(f"still on their way: {self.deliveries()}")
            time.sleep(0.02)

    def control(self, path: str, **body: Any) -> Any:
        """One control endpoint by its path below /_control/."""
        return self._json("POST", f"/_control/{path}", body)

    def _announced_port(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        if not line.startswith("listening "):
            raise StandinError(f"the stand-in did not start: {line!r}")
        return int(line.split()[1])

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(how)
        process.wait(STOP_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def _submit(self, path: str, form: dict[str, str]) -> PaymentOutcome:
        status, headers, text = self._request(
            "POST", path, urlencode(form), "application/x-www-form-urlencoded"
        )
        location = headers.get("location", "")
        if location.endswith("/authenticate"):
            return PaymentOutcome(status, challenged=True)
        if location.startswith("/c/pay/"):
            _, _, text = self._request("GET", location)
            location = ""
        alert = ALERT.search(text)
        error = unescape(alert.group(1)) if alert else ""
        return PaymentOutcome(status, returned_to=location, error=error)

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        content = json.dumps(body) if body is not None else None
        status, _, text = self._request(method, path, content, "application/json")
        if status != 200:
            raise StandinError(f"{method} {path}: {status} {text}")
        return json.loads(text)

    def _request(
        self, method: str, path: str, body: str | None = None, content_type: str = ""
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        headers = {"Content-Type": content_type} if content_type else {}
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, text
        finally:
            connection.close()
