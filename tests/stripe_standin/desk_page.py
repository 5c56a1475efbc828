"""The page at /_control/: a person plays the bank in the demo."""

import html
from pathlib import Path
from string import Template
from typing import Final

from tests.stripe_standin.currencies import shown
from tests.stripe_standin.world import Body, World

PAGES: Final = Path(__file__).parent / "pages"
SHOWN: Final = 30


def desk_page(world: World) -> str:
    """Recent sessions, refunds and deliveries, with what can be done to each."""
    intents = {intent["id"]: intent for intent in world.store.newest_first("payment_intent")}
    sessions = world.store.newest_first("checkout.session")[:SHOWN]
    refunds = world.store.newest_first("refund")[:SHOWN]
    deliveries = world.store.execute(f"SELECT * FROM deliveries ORDER BY id DESC LIMIT {SHOWN}")
    content = Template((PAGES / "desk.html").read_text()).substitute(
        sessions="".join(_session(row, intents.get(row["payment_intent"])) for row in sessions),
        refunds="".join(_refund(row) for row in refunds),
        deliveries="".join(_delivery(dict(row)) for row in deliveries),
    )
    frame = Template((PAGES / "frame.html").read_text())
    return frame.substitute(title="Stand-in for Stripe: the bank's side", content=content)


def _session(session: Body, intent: Body | None) -> str:
    state = intent["status"] if intent else "not tried"
    return _row(
        html.escape(session["client_reference_id"] or session["id"][:20]),
        shown(session["amount_total"], session["currency"]),
        session["status"],
        session["payment_status"],
        state,
        _session_actions(session, state),
    )


def _session_actions(session: Body, intent_status: str) -> str:
    path = f"/_control/sessions/{session['id']}"
    if session["status"] == "open":
        return _button(f"{path}/expire", "Expire now")
    if intent_status == "processing":
        return _button(f"{path}/settle", "Bank pays") + _button(f"{path}/fail", "Bank returns it")
    return ""


def _refund(refund: Body) -> str:
    path = f"/_control/refunds/{refund['id']}"
    actions = _button(f"{path}/fail", "Fail") if refund["status"] != "failed" else ""
    if refund["status"] == "pending":
        actions = _button(f"{path}/settle", "Settle") + actions
    amount = shown(refund["amount"], refund["currency"])
    return _row(refund["id"], amount, refund["status"], actions)


def _delivery(delivery: Body) -> str:
    answered = delivery["last_status"] or delivery["last_error"] or ""
    again = _button("/_control/repeat", "Send again", event=delivery["event_id"])
    return _row(
        delivery["type"],
        delivery["status"],
        str(delivery["attempts"]),
        html.escape(str(answered)),
        again,
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _button(path: str, label: str, **values: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in values.items()
    )
    return (
        f'<form method="post" action="{path}">{hidden}'
        f'<button type="submit" class="secondary">{label}</button></form> '
    )
