"""Is this webhook from Stripe, fresh, and in the form that we understand?"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import stripe

from billing.stripe.client import API_VERSION, is_live_mode
from billing.stripe.errors import BadWebhook, WebhookFault
from billing.stripe.types import StripeEventEnvelope

# Stripe's own default; ours holds in both directions, while the library lets the future pass.
TOLERANCE: Final = timedelta(seconds=300)


def verify_webhook(
    *, payload: bytes, signature: str, secret: str, now: datetime
) -> StripeEventEnvelope:
    """Believe a webhook only if it is signed, fresh, of our API version and of our key's mode.

    `signature` is the Stripe-Signature header, empty if there was none. Raises BadWebhook.
    Source: https://docs.stripe.com/webhooks#verify-webhook-signatures-with-official-libraries
    """
    _check_signature(payload, signature, secret)
    _check_age(signature, now)
    event = _read_event(payload)
    if event.api_version != API_VERSION:
        raise BadWebhook(WebhookFault.WRONG_API_VERSION, event.api_version)
    if event.livemode is not is_live_mode():
        raise BadWebhook(WebhookFault.WRONG_MODE, f"livemode is {event.livemode}")
    return event


def _check_signature(payload: bytes, signature: str, secret: str) -> None:
    if not secret.strip():
        raise BadWebhook(WebhookFault.NO_SECRET)
    if not signature:
        raise BadWebhook(WebhookFault.NO_SIGNATURE)
    if not signature.isascii():
        # The library's comparison fails with a TypeError on other characters.
        raise BadWebhook(WebhookFault.BAD_SIGNATURE)
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret, tolerance=None)
    except UnicodeDecodeError as error:
        raise BadWebhook(WebhookFault.BAD_BODY, "not UTF-8") from error
    except stripe.SignatureVerificationError as error:
        raise BadWebhook(WebhookFault.BAD_SIGNATURE) from error


def _check_age(signature: str, now: datetime) -> None:
    """Judge the signed timestamp; the header was read by the library before, so it has one."""
    fields = (item.split("=", 2) for item in signature.split(","))
    signed_at = next(int(field[1]) for field in fields if field[0] == "t")
    age = int(now.timestamp()) - signed_at
    if age > TOLERANCE.total_seconds():
        raise BadWebhook(WebhookFault.TOO_OLD, f"signed {age} s ago")
    if -age > TOLERANCE.total_seconds():
        raise BadWebhook(WebhookFault.FROM_THE_FUTURE, f"signed {-age} s ahead")


def _read_event(payload: bytes) -> StripeEventEnvelope:
    try:
        return _envelope(json.loads(payload))
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError) as error:
        raise BadWebhook(WebhookFault.BAD_BODY, repr(error)) from error


def _envelope(body: Any) -> StripeEventEnvelope:
    if body["object"] != "event":
        raise ValueError("not an event")
    inner = body["data"]["object"]
    if not isinstance(inner, dict):
        raise TypeError("no object inside")
    return StripeEventEnvelope(
        id=_text(body["id"]),
        type=_text(body["type"]),
        created=datetime.fromtimestamp(body["created"], UTC),
        api_version=str(body.get("api_version") or ""),
        object_id=str(inner.get("id") or ""),
        object_type=_text(inner["object"]),
        livemode=body["livemode"] is True,
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("an identifier is missing")
    return value
