"""What every part shares: the store, the clock, new ids, and events on their way out."""

import secrets
import string
import time
from dataclasses import dataclass
from typing import Any, Final

import stripe

from tests.stripe_standin.errors import missing_object
from tests.stripe_standin.store import Store

# What this version of the library speaks; webhooks come in it too.
API_VERSION: Final = stripe.api_version
ALPHABET: Final = string.ascii_letters + string.digits

Body = dict[str, Any]


def new_id(prefix: str, length: int = 24) -> str:
    """An id in Stripe's manner."""
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def public(body: Body) -> Body:
    """An object as the API shows it: members that start with `_` are the stand-in's own."""
    return {name: value for name, value in body.items() if not name.startswith("_")}


@dataclass(frozen=True)
class Origin:
    """Which API request caused an event; both None where a payer or the bank did."""

    request_id: str | None = None
    idempotency_key: str | None = None


class World:
    """One account at Stripe. Everything here runs inside the store's transaction."""

    def __init__(self, store: Store, *, public_url: str, merchant: str) -> None:
        self.store = store
        self.public_url = public_url.rstrip("/")
        self.merchant = merchant
        self.origin = Origin()
        self._fresh: list[int] = []

    def now(self) -> int:
        """Stripe's time in whole seconds, moved by what a test asked for."""
        return int(time.time()) + int(self.store.setting("clock_offset", 0))

    def need(self, kind: str, object_id: str, *, param: str = "id") -> Body:
        """The object, or 404."""
        found = self.store.get(kind, object_id)
        if found is None:
            raise missing_object(kind, object_id, param=param)
        return found

    def emit(self, event_type: str, subject: Body) -> Body:
        """Record an event with the object as it is now, and its delivery."""
        event: Body = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": {"object": public(subject)},
            "livemode": False,
            "pending_webhooks": 0,
            "request": {
                "id": self.origin.request_id,
                "idempotency_key": self.origin.idempotency_key,
            },
            "type": event_type,
        }
        if self.store.setting("webhook", {}).get("url"):
            event["pending_webhooks"] = 1
            self.schedule(event)
        return self.store.put(event)

    def schedule(self, event: Body, *, plain: bool = False) -> int:
        """Plan one delivery; it waits until the request that caused it has been answered.

        `plain` ignores what a test asked for (hold, drop, delay): a repetition on demand.
        """
        status = "new" if plain else self._fate()
        delay = 0 if plain else self.store.setting("delay", 0)
        rows = self.store.execute(
            "INSERT INTO deliveries (event_id, type, status, due_at) VALUES (?, ?, ?, ?) "
            "RETURNING id",
            event["id"],
            event["type"],
            status,
            time.time() + delay,
        )
        self._fresh.append(rows[0]["id"])
        return int(rows[0]["id"])

    def take_fresh(self) -> list[int]:
        """The deliveries planned since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def _fate(self) -> str:
        if self.store.setting("drop_all", False):
            return "dropped"
        left = self.store.setting("drop_next", 0)
        if left > 0:
            self.store.set_setting("drop_next", left - 1)
            return "dropped"
        return "held" if self.store.setting("hold", False) else "new"
