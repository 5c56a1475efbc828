"""Payment intents and charges: the states of one payment.

https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from tests.stripe_standin.cards import DEBIT_RETURNED, NOT_AUTHENTICATED, Card, Failure
from tests.stripe_standin.world import Body, World, new_id

FINAL = frozenset({"succeeded", "canceled"})


def intent_of(world: World, session: Body) -> Body:
    """The session's payment intent, made at the first attempt to pay."""
    known = session["payment_intent"]
    if known:
        return world.need("payment_intent", known)
    intent = world.store.put(_new_intent(world, session))
    session["payment_intent"] = intent["id"]
    world.store.put(session)
    world.emit("payment_intent.created", intent)
    return intent


def pay_by_card(world: World, intent: Body, card: Card, *, last4: str) -> Body:
    """Confirm with a card: succeeded, requires_action, or back with an error."""
    intent["_method"] = {
        "type": "card",
        "brand": card.brand,
        "last4": last4,
        "refund": card.refund,
        "failure": None if card.failure is None else vars(card.failure),
    }
    intent["payment_method"] = new_id("pm")
    intent["last_payment_error"] = None
    if card.needs_authentication:
        return _ask_for_authentication(world, intent)
    return _finish(world, intent)


def authenticate(world: World, intent: Body, *, passed: bool) -> Body:
    """The payer answered the bank's challenge."""
    intent["next_action"] = None
    if passed:
        return _finish(world, intent)
    # The bank was never asked for money, so there is no charge.
    return _back_to_payer(world, intent, NOT_AUTHENTICATED, charge=None)


def start_bank_debit(world: World, intent: Body, *, method: str) -> Body:
    """Confirm with a bank debit: the money is under way."""
    intent["_method"] = {"type": method, "last4": "2345", "refund": "pending", "failure": None}
    intent["payment_method"] = new_id("pm")
    intent.update(status="processing", next_action=None, last_payment_error=None)
    charge = world.store.put(_new_charge(world, intent, status="pending"))
    intent["latest_charge"] = charge["id"]
    world.store.put(intent)
    world.emit("charge.pending", charge)
    world.emit("payment_intent.processing", intent)
    return intent


def settle_bank_debit(world: World, intent: Body) -> Body:
    """The bank paid."""
    charge = world.need("charge", intent["latest_charge"])
    return _succeed(world, intent, charge)


def return_bank_debit(world: World, intent: Body) -> Body:
    """The bank did not pay."""
    return fail(world, intent, DEBIT_RETURNED)


def cancel(world: World, intent: Body, *, reason: str) -> Body:
    """Nothing can be paid on it any more."""
    if intent["status"] not in FINAL:
        intent.update(
            status="canceled",
            canceled_at=world.now(),
            cancellation_reason=reason,
            next_action=None,
        )
        world.store.put(intent)
        world.emit("payment_intent.canceled", intent)
    return intent


def fail(world: World, intent: Body, failure: Failure) -> Body:
    """The attempt failed; the payer may try again with another method."""
    charge = _failed_charge(world, intent, failure)
    intent["latest_charge"] = charge["id"]
    world.emit("charge.failed", charge)
    return _back_to_payer(world, intent, failure, charge=charge)


def _back_to_payer(world: World, intent: Body, failure: Failure, *, charge: Body | None) -> Body:
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=_error(failure, charge, intent["_method"]["type"]),
    )
    world.store.put(intent)
    world.emit("payment_intent.payment_failed", intent)
    return intent


def _finish(world: World, intent: Body) -> Body:
    failure = intent["_method"]["failure"]
    if failure:
        return fail(world, intent, Failure(**failure))
    return _succeed(world, intent, _new_charge(world, intent, status="succeeded"))


def _ask_for_authentication(world: World, intent: Body) -> Body:
    url = f"{world.public_url}/c/pay/{intent['_session']}/authenticate"
    intent.update(
        status="requires_action",
        next_action={
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": None},
        },
    )
    world.store.put(intent)
    world.emit("payment_intent.requires_action", intent)
    return intent


def _succeed(world: World, intent: Body, charge: Body) -> Body:
    charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
    world.store.put(charge)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
    )
    world.store.put(intent)
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    return intent


def _failed_charge(world: World, intent: Body, failure: Failure) -> Body:
    """A pending debit's own charge fails; otherwise the attempt leaves a failed charge."""
    known = world.store.get("charge", intent["latest_charge"] or "")
    pending = known if known and known["status"] == "pending" else None
    charge = pending or _new_charge(world, intent, status="failed")
    charge.update(
        status="failed", failure_code=failure.code, failure_message=failure.message, paid=False
    )
    return world.store.put(charge)


def _error(failure: Failure, charge: Body | None, method: str) -> Body:
    error: Body = {
        "code": failure.code,
        "doc_url": "https://docs.stripe.com/error-codes/" + failure.code.replace("_", "-"),
        "message": failure.message,
        "type": "card_error" if method == "card" else "invalid_request_error",
    }
    if charge:
        error["charge"] = charge["id"]
    if failure.decline_code:
        error["decline_code"] = failure.decline_code
    return error


def _new_intent(world: World, session: Body) -> Body:
    data = session["_payment_intent_data"]
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": session["currency"],
        "customer": None,
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": session["payment_method_types"],
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "_session": session["id"],
    }


def _new_charge(world: World, intent: Body, *, status: str) -> Body:
    method = intent["_method"]
    details = {name: method[name] for name in ("brand", "last4") if name in method}
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": False,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": method["type"], method["type"]: details},
        "refunded": False,
        "status": status,
        "_method": method,
    }
