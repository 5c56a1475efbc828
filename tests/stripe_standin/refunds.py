"""Refunds (https://docs.stripe.com/refunds): pending or succeeded, and then perhaps failed."""

from tests.stripe_standin.errors import ApiError
from tests.stripe_standin.world import Body, World, new_id


def create(world: World, params: Body) -> Body:
    """Give back a part or all of what a charge still holds."""
    charge = _charge_to_refund(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise ApiError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = params.get("amount", left)
    if amount < 1:
        raise ApiError("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise ApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    refund = world.store.put(_new_refund(world, params, charge, amount))
    _move(world, charge, amount)
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    return refund


def settle(world: World, refund: Body) -> Body:
    """The bank gave the money back."""
    if refund["status"] != "pending":
        raise ApiError(f"This refund is {refund['status']}.")
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    world.store.put(refund)
    world.emit("refund.updated", refund)
    return refund


def fail(world: World, refund: Body) -> Body:
    """The bank could not give the money back: it returns to the charge."""
    if refund["status"] not in ("pending", "succeeded"):
        raise ApiError(f"This refund is {refund['status']}.")
    refund.update(status="failed", failure_reason="expired_or_canceled_card")
    refund.pop("pending_reason", None)
    world.store.put(refund)
    _move(world, world.need("charge", refund["charge"]), -refund["amount"])
    world.emit("refund.updated", refund)
    world.emit("refund.failed", refund)
    return refund


def _charge_to_refund(world: World, params: Body) -> Body:
    if params.get("charge"):
        return _refundable(world.need("charge", params["charge"], param="charge"))
    if not params.get("payment_intent"):
        raise ApiError(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
            param="payment_intent",
        )
    intent = world.need("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
    return world.need("charge", intent["latest_charge"])


def _refundable(charge: Body) -> Body:
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {charge['id']} is {charge['status']} and cannot be refunded.")
    return charge


def _move(world: World, charge: Body, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.store.put(charge)


def _new_refund(world: World, params: Body, charge: Body, amount: int) -> Body:
    refund: Body = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "destination_details": {"type": charge["_method"]["type"]},
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "status": charge["_method"]["refund"],
    }
    if refund["status"] == "pending":
        refund["pending_reason"] = "processing"
    return refund
