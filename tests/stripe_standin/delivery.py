"""Webhooks on their way: signed, after the answer, again with growing pauses until received."""

import http.client
import json
import threading
import time
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import stripe

from tests.stripe_standin.store import Store

RETRY_SECONDS: Final = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)
TIMEOUT_SECONDS: Final = 20
LONGEST_WAIT_SECONDS: Final = 0.2


class Deliverer:
    """A thread that sends what is due, one after another, in the order of the events."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name="deliverer", daemon=True)

    def start(self) -> None:
        """Take up what an earlier process left undelivered, and go on."""
        self._store.execute("UPDATE deliveries SET status = 'due' WHERE status = 'new'")
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery under way."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(TIMEOUT_SECONDS)

    def release(self, delivery_ids: Iterable[int]) -> None:
        """Let planned deliveries go: the request that caused them has been answered."""
        for delivery_id in delivery_ids:
            self._store.execute(
                "UPDATE deliveries SET status = 'due' WHERE id = ? AND status = 'new'", delivery_id
            )
        with self._wake:
            self._wake.notify()

    def _loop(self) -> None:
        while not self._stopped:
            row = self._next_due()
            if row is None:
                with self._wake:
                    if not self._stopped:
                        self._wake.wait(LONGEST_WAIT_SECONDS)
                continue
            self._deliver(row)

    def _next_due(self) -> Any:
        rows = self._store.execute(
            "SELECT * FROM deliveries WHERE status = 'due' AND due_at <= ? "
            "ORDER BY due_at, id LIMIT 1",
            time.time(),
        )
        return rows[0] if rows else None

    def _deliver(self, row: Any) -> None:
        event = self._store.get("event", row["event_id"])
        endpoint = self._store.setting("webhook", {})
        if event is None or not endpoint.get("url"):
            self._record(row, status="failed", http_status=None, error="no endpoint")
            return
        try:
            http_status = send(event, url=endpoint["url"], secret=endpoint["secret"])
        except (OSError, http.client.HTTPException) as error:
            self._again(row, None, repr(error))
            return
        if 200 <= http_status < 300:
            self._received(row, event, http_status)
        else:
            self._again(row, http_status, f"answered {http_status}")

    def _received(self, row: Any, event: dict[str, Any], http_status: int) -> None:
        with self._store.transaction():
            self._store.put({**event, "pending_webhooks": 0})
            self._record(row, status="delivered", http_status=http_status, error=None)

    def _again(self, row: Any, http_status: int | None, error: str) -> None:
        attempts = row["attempts"] + 1
        pauses = self._store.setting("retry_seconds", RETRY_SECONDS)
        if attempts > len(pauses):
            self._record(row, status="failed", http_status=http_status, error=error)
            return
        due_at = time.time() + pauses[attempts - 1]
        self._record(row, status="due", http_status=http_status, error=error, due_at=due_at)

    def _record(
        self,
        row: Any,
        *,
        status: str,
        http_status: int | None,
        error: str | None,
        due_at: float | None = None,
    ) -> None:
        self._store.execute(
            "UPDATE deliveries SET status = ?, attempts = attempts + 1, last_status = ?, "
            "last_error = ?, due_at = coalesce(?, due_at) WHERE id = ?",
            status,
            http_status,
            error,
            due_at,
            row["id"],
        )


def send(event: dict[str, Any], *, url: str, secret: str) -> int:
    """Post one signed event; redirects are not followed. Returns the HTTP status."""
    payload = json.dumps(event, indent=2)
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": stripe.WebhookSignature.generate_signature_header(payload, secret),
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=payload.encode(), headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()
