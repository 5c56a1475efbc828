"""What only a test or a demo may do: play the bank, the clock, and an unreliable network."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.stripe_standin import refunds, sessions
from tests.stripe_standin.errors import ApiError
from tests.stripe_standin.world import Body, World, public


@dataclass
class ApiFaults:
    """How the next API requests go wrong; kept in memory only.

    `kind` is `error` (nothing happens, `status` is answered) or `lost_answer` (it happens, and
    the connection closes without an answer).
    """

    left: int = 0
    kind: str = "error"
    status: int = 500
    method: str = "POST"

    def take(self, method: str) -> bool:
        """Whether this request is to go wrong; counts it."""
        if self.left < 1 or method != self.method:
            return False
        self.left -= 1
        return True


@dataclass
class Desk:
    """What the control endpoints act on."""

    world: World
    faults: ApiFaults = field(default_factory=ApiFaults)


def run(desk: Desk, *, method: str, path: str, body: Body) -> Body:
    """Do what was asked; runs inside the store's transaction. Raises ApiError."""
    for wanted, pattern, handler in ROUTES:
        found = re.fullmatch(pattern, path)
        if found and wanted == method:
            return handler(desk, body, *found.groups())
    raise ApiError(f"Unknown control: {method} {path}", status=404)


def _session(desk: Desk, session_id: str) -> Body:
    return desk.world.need("checkout.session", session_id)


def _settle(desk: Desk, body: Body, session_id: str) -> Body:
    return public(sessions.settle_bank_debit(desk.world, _session(desk, session_id)))


def _return(desk: Desk, body: Body, session_id: str) -> Body:
    return public(sessions.return_bank_debit(desk.world, _session(desk, session_id)))


def _expire(desk: Desk, body: Body, session_id: str) -> Body:
    return public(sessions.expire(desk.world, _session(desk, session_id)))


def _settle_refund(desk: Desk, body: Body, refund_id: str) -> Body:
    return public(refunds.settle(desk.world, desk.world.need("refund", refund_id)))


def _fail_refund(desk: Desk, body: Body, refund_id: str) -> Body:
    return public(refunds.fail(desk.world, desk.world.need("refund", refund_id)))


def _deliveries(desk: Desk, body: Body) -> Body:
    rows = desk.world.store.execute("SELECT * FROM deliveries ORDER BY id")
    return {"deliveries": [dict(row) for row in rows]}


def _events(desk: Desk, body: Body) -> Body:
    return {"events": list(reversed(desk.world.store.newest_first("event")))}


def _hold(desk: Desk, body: Body) -> Body:
    desk.world.store.set_setting("hold", True)
    return {"hold": True}


def _release(desk: Desk, body: Body) -> Body:
    """Let the held deliveries go in the order given (event ids or types), the rest after them."""
    store = desk.world.store
    store.set_setting("hold", False)
    rows = store.execute("SELECT * FROM deliveries WHERE status = 'held' ORDER BY id")
    ordered = _in_order(rows, body.get("order", []))
    start = time.time()
    for place, row in enumerate(ordered):
        store.execute(
            "UPDATE deliveries SET status = 'due', due_at = ? WHERE id = ?",
            start + place / 1000,
            row["id"],
        )
    return {"released": [row["event_id"] for row in ordered]}


def _in_order(rows: list[Any], order: list[str] | str) -> list[Any]:
    if order == "reversed":
        return list(reversed(rows))
    wanted = {name: place for place, name in enumerate(order)}
    last = len(wanted)
    return sorted(rows, key=lambda row: wanted.get(row["event_id"], wanted.get(row["type"], last)))


def _drop(desk: Desk, body: Body) -> Body:
    """`{"next": 2}` loses the next two events for good, `{"all": true}` every one from now on."""
    store = desk.world.store
    if "all" in body:
        store.set_setting("drop_all", bool(body["all"]))
    if "next" in body:
        store.set_setting("drop_next", int(body["next"]))
    return {
        "all": store.setting("drop_all", False),
        "next": store.setting("drop_next", 0),
    }


def _delay(desk: Desk, body: Body) -> Body:
    desk.world.store.set_setting("delay", float(body["seconds"]))
    return {"seconds": float(body["seconds"])}


def _repeat(desk: Desk, body: Body) -> Body:
    """Send an event again: by its id, or the latest of its type."""
    event = _event_asked_for(desk, body)
    times = int(body.get("times", 1))
    for _ in range(times):
        desk.world.schedule(event, plain=True)
    return {"event": event["id"], "times": times}


def _event_asked_for(desk: Desk, body: Body) -> Body:
    for event in desk.world.store.newest_first("event"):
        if event["id"] == body.get("event") or event["type"] == body.get("type"):
            return event
    raise ApiError("There is no such event.", status=404)


def _clock(desk: Desk, body: Body) -> Body:
    """Move Stripe's clock forward; signatures keep the real time."""
    store = desk.world.store
    offset = store.setting("clock_offset", 0) + int(body["advance_seconds"])
    store.set_setting("clock_offset", offset)
    sessions.expire_what_is_due(desk.world)
    return {"now": desk.world.now()}


def _webhook(desk: Desk, body: Body) -> Body:
    desk.world.store.set_setting("webhook", {"url": body["url"], "secret": body["secret"]})
    return {"url": body["url"]}


def _retries(desk: Desk, body: Body) -> Body:
    desk.world.store.set_setting("retry_seconds", [float(pause) for pause in body["seconds"]])
    return {"seconds": desk.world.store.setting("retry_seconds")}


def _api_faults(desk: Desk, body: Body) -> Body:
    desk.faults.left = int(body["next"])
    desk.faults.kind = body.get("kind", "error")
    desk.faults.status = int(body.get("status", 500))
    desk.faults.method = body.get("method", "POST")
    return vars(desk.faults)


def _reset(desk: Desk, body: Body) -> Body:
    """Forget every object and every mischief; the webhook endpoint stays."""
    desk.world.store.clear()
    for name, value in {"hold": False, "drop_all": False, "drop_next": 0, "delay": 0}.items():
        desk.world.store.set_setting(name, value)
    desk.world.store.set_setting("clock_offset", 0)
    desk.faults.left = 0
    return {}


ID: Final = r"([A-Za-z0-9_]+)"
ROUTES: Final[list[tuple[str, str, Callable[..., Body]]]] = [
    ("POST", f"/_control/sessions/{ID}/settle", _settle),
    ("POST", f"/_control/sessions/{ID}/fail", _return),
    ("POST", f"/_control/sessions/{ID}/expire", _expire),
    ("POST", f"/_control/refunds/{ID}/settle", _settle_refund),
    ("POST", f"/_control/refunds/{ID}/fail", _fail_refund),
    ("GET", "/_control/deliveries", _deliveries),
    ("GET", "/_control/events", _events),
    ("POST", "/_control/hold", _hold),
    ("POST", "/_control/release", _release),
    ("POST", "/_control/drop", _drop),
    ("POST", "/_control/delay", _delay),
    ("POST", "/_control/repeat", _repeat),
    ("POST", "/_control/clock", _clock),
    ("POST", "/_control/webhook", _webhook),
    ("POST", "/_control/retries", _retries),
    ("POST", "/_control/api-faults", _api_faults),
    ("POST", "/_control/reset", _reset),
]
