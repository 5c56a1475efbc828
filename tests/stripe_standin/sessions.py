"""Checkout Sessions: open, then complete or expired; complete may still be unpaid.

https://docs.stripe.com/api/checkout/sessions/object
"""

from tests.stripe_standin import payments
from tests.stripe_standin.cards import BANK_DEBITS, Card
from tests.stripe_standin.errors import ApiError
from tests.stripe_standin.world import Body, World, new_id


def create(world: World, params: Body, *, lines: list[Body], total: int, currency: str) -> Body:
    """An open session; its payment intent comes with the first attempt to pay."""
    session_id = new_id("cs_test", 58)
    now = world.now()
    session: Body = {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": currency,
        "custom_fields": [],
        "customer": None,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": params.get("expires_at", now + 24 * 3600),
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_types": _method_types(currency),
        "payment_status": "unpaid",
        "setup_intent": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.public_url}/c/pay/{session_id}",
        "_lines": lines,
        "_payment_intent_data": params.get("payment_intent_data", {}),
    }
    return world.store.put(session)


def pay(world: World, session: Body, card: Card, *, last4: str, email: str) -> Body:
    """The payer sent a card: returns the payment intent as it stands then."""
    need_payable(session)
    intent = payments.intent_of(world, session)
    payments.pay_by_card(world, intent, card, last4=last4)
    return _after_attempt(world, session, intent, email=email)


def authenticate(world: World, session: Body, *, passed: bool) -> Body:
    """The payer came back from the bank's challenge."""
    need_payable(session)
    intent = payments.intent_of(world, session)
    if intent["status"] != "requires_action":
        raise ApiError("No authentication is asked for.")
    payments.authenticate(world, intent, passed=passed)
    return _after_attempt(world, session, intent, email=session.get("_email", ""))


def start_bank_debit(world: World, session: Body, *, email: str) -> Body:
    """The payer chose to pay by bank debit: complete, and unpaid until the bank pays."""
    need_payable(session)
    method = BANK_DEBITS.get(session["currency"])
    if method is None:
        raise ApiError("There is no bank debit in this currency.")
    intent = payments.intent_of(world, session)
    payments.start_bank_debit(world, intent, method=method)
    _complete(world, session, payment_status="unpaid", email=email)
    return intent


def settle_bank_debit(world: World, session: Body) -> Body:
    """The bank paid: the session is paid."""
    intent = _debit_under_way(world, session)
    payments.settle_bank_debit(world, intent)
    session["payment_status"] = "paid"
    world.store.put(session)
    world.emit("checkout.session.async_payment_succeeded", session)
    return session


def return_bank_debit(world: World, session: Body) -> Body:
    """The bank did not pay: the session stays complete and unpaid."""
    intent = _debit_under_way(world, session)
    payments.return_bank_debit(world, intent)
    world.emit("checkout.session.async_payment_failed", session)
    return session


def expire(world: World, session: Body) -> Body:
    """Close an open session: nobody can pay on it any more."""
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    session.update(status="expired", url=None)
    world.store.put(session)
    if session["payment_intent"]:
        intent = world.need("payment_intent", session["payment_intent"])
        payments.cancel(world, intent, reason="expired")
    world.emit("checkout.session.expired", session)
    return session


def expire_what_is_due(world: World) -> None:
    """Close every open session whose time is over."""
    for session in world.store.sessions_past(world.now()):
        expire(world, session)


def need_payable(session: Body) -> None:
    """Only an open session takes a payment."""
    if session["status"] != "open":
        raise ApiError(f"This Checkout Session is {session['status']}.")


def _after_attempt(world: World, session: Body, intent: Body, *, email: str) -> Body:
    if intent["status"] == "succeeded":
        _complete(world, session, payment_status="paid", email=email)
    else:
        session["_email"] = email
        world.store.put(session)
    return intent


def _complete(world: World, session: Body, *, payment_status: str, email: str) -> None:
    session.update(
        status="complete",
        payment_status=payment_status,
        url=None,
        customer_details={"email": email or session["customer_email"], "name": None},
    )
    world.store.put(session)
    world.emit("checkout.session.completed", session)


def _debit_under_way(world: World, session: Body) -> Body:
    intent = world.store.get("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise ApiError("No bank debit is under way on this Checkout Session.")
    return intent


def _method_types(currency: str) -> list[str]:
    debit = BANK_DEBITS.get(currency)
    return ["card", debit] if debit else ["card"]
