"""What a Checkout Session may be made from: the rules that the types alone do not tell.

https://docs.stripe.com/api/checkout/sessions/create
"""

import re
from typing import Final
from urllib.parse import urlsplit

from tests.stripe_standin.currencies import check_amount, check_currency
from tests.stripe_standin.errors import ApiError, bad_parameter, unsupported
from tests.stripe_standin.world import Body, World, new_id

SUPPORTED: Final = frozenset(
    {
        "mode", "line_items", "client_reference_id", "success_url", "cancel_url", "expires_at",
        "metadata", "payment_intent_data", "expand", "customer_email", "customer_creation",
        "locale", "submit_type", "ui_mode",
    }
)  # fmt: skip
SUPPORTED_INTENT_DATA: Final = frozenset(
    {
        "description", "metadata", "receipt_email", "statement_descriptor",
        "statement_descriptor_suffix",
    }
)  # fmt: skip
SHORTEST_SECONDS: Final = 30 * 60
LONGEST_SECONDS: Final = 24 * 60 * 60
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
SUFFIX: Final = re.compile(r"(?=.*[A-Za-z])[^<>\\'\"*]{1,22}\Z")


def check_session(world: World, params: Body) -> tuple[list[Body], int, str]:
    """Judge the parameters of a new session; returns its lines, total and currency."""
    _check_supported(params)
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise _missing(name)
    if params["mode"] != "payment":
        raise unsupported(f"mode {params['mode']}", param="mode")
    for name in ("success_url", "cancel_url"):
        _check_url(params, name)
    _check_expiry(world, params)
    _check_texts(params)
    return _lines(world, params["line_items"])


def _check_supported(params: Body) -> None:
    for name in params:
        if name not in SUPPORTED:
            raise unsupported(name, param=name)
    for name in params.get("payment_intent_data", {}):
        if name not in SUPPORTED_INTENT_DATA:
            raise unsupported(name, param=f"payment_intent_data[{name}]")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise unsupported("a page that is not hosted", param="ui_mode")


def _missing(param: str) -> ApiError:
    return bad_parameter(f"Missing required param: {param}.", param=param, code="parameter_missing")


def _check_url(params: Body, name: str) -> None:
    url = params.get(name)
    if url is None:
        return
    parts = urlsplit(url)
    has_space = any(character <= " " for character in url)
    if parts.scheme not in ("http", "https") or not parts.netloc or has_space:
        raise bad_parameter("Not a valid URL", param=name, code="url_invalid")


def _check_expiry(world: World, params: Body) -> None:
    expires_at = params.get("expires_at")
    if expires_at is None:
        return
    ahead = expires_at - world.now()
    if ahead < SHORTEST_SECONDS:
        raise bad_parameter(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            param="expires_at",
        )
    if ahead > LONGEST_SECONDS:
        raise bad_parameter(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _check_texts(params: Body) -> None:
    email = params.get("customer_email")
    if email is not None and not EMAIL.match(email):
        raise bad_parameter(
            f"Invalid email address: {email}", param="customer_email", code="email_invalid"
        )
    if len(params.get("client_reference_id", "")) > 200:
        raise bad_parameter("Must be at most 200 characters.", param="client_reference_id")
    data = params.get("payment_intent_data", {})
    suffix = data.get("statement_descriptor_suffix")
    if suffix is not None and not SUFFIX.match(suffix):
        raise bad_parameter(
            "The statement descriptor suffix must have at most 22 characters, a letter, and none "
            "of < > \\ ' \" *.",
            param="payment_intent_data[statement_descriptor_suffix]",
        )
    check_metadata(params.get("metadata"), param="metadata")
    check_metadata(data.get("metadata"), param="payment_intent_data[metadata]")


def check_metadata(metadata: dict[str, str] | str | None, *, param: str) -> None:
    """At most 50 keys of 40 characters with values of 500 (https://docs.stripe.com/metadata)."""
    if not isinstance(metadata, dict):
        return
    if len(metadata) > 50:
        raise bad_parameter("Metadata can have at most 50 keys.", param=param)
    for key, value in metadata.items():
        if len(key) > 40 or len(value) > 500:
            raise bad_parameter(
                "Metadata keys have at most 40 characters, values 500.", param=f"{param}[{key}]"
            )


def _lines(world: World, items: list[Body]) -> tuple[list[Body], int, str]:
    lines = [_line(world, item, f"line_items[{place}]") for place, item in enumerate(items)]
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise bad_parameter(
            "All line items must have the same currency.", param="line_items[1][price_data]"
        )
    currency = currencies.pop()
    total = sum(line["amount_total"] for line in lines)
    check_amount(total, currency, param="line_items")
    return lines, total, currency


def _line(world: World, item: Body, param: str) -> Body:
    for name in item:
        if name not in ("price_data", "quantity"):
            raise unsupported(name, param=f"{param}[{name}]")
    price = item.get("price_data")
    if price is None:
        raise _missing(f"{param}[price_data]")
    if "product_data" not in price or "unit_amount" not in price:
        raise _missing(f"{param}[price_data][product_data]")
    if "recurring" in price:
        raise unsupported("recurring prices", param=f"{param}[price_data][recurring]")
    if "quantity" not in item:
        raise _missing(f"{param}[quantity]")
    quantity, unit_amount = item["quantity"], price["unit_amount"]
    if quantity < 1 or unit_amount < 0:
        raise bad_parameter("Invalid positive integer", param=f"{param}[quantity]")
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_subtotal": quantity * unit_amount,
        "amount_total": quantity * unit_amount,
        "currency": check_currency(price["currency"], param=f"{param}[price_data][currency]"),
        "description": price["product_data"]["name"],
        "quantity": quantity,
    }
