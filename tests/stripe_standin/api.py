"""The endpoints under /v1: who asks, with which parameters, and what is answered."""

import base64
import binascii
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stripe import params as schemas
from stripe.params import checkout as checkout_schemas

from tests.stripe_standin import refunds, sessions
from tests.stripe_standin.checkout_params import check_metadata, check_session
from tests.stripe_standin.errors import ApiError
from tests.stripe_standin.forms import parse_form
from tests.stripe_standin.params import check
from tests.stripe_standin.reading import listed, shown
from tests.stripe_standin.world import API_VERSION, Body, Origin, World, new_id

ANSWERS_KEPT_SECONDS: Final = 24 * 3600
LONGEST_KEY: Final = 255


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: Body
    headers: Mapping[str, str]


def answer(
    world: World,
    *,
    method: str,
    path: str,
    text: str,
    headers: Mapping[str, str],
    secret_key: str,
) -> Answer:
    """Answer one API request; runs inside the store's transaction."""
    request_id = new_id("req", 14)
    try:
        _check_key(headers.get("authorization", ""), secret_key)
        _check_version(headers.get("stripe-version", API_VERSION))
        values = parse_form(text)
        key = headers.get("idempotency-key", "") if method == "POST" else ""
        if key:
            return _once(world, method, path, values, key, request_id)
        return _run(world, method, path, values, Origin(request_id, None))
    except ApiError as error:
        return Answer(error.status, error.body(), {"Request-Id": request_id})


def _run(world: World, method: str, path: str, values: Body, origin: Origin) -> Answer:
    world.origin = origin
    try:
        with world.store.part():
            body = _dispatch(world, method, path, values)
    except ApiError:
        world.take_fresh()
        raise
    finally:
        world.origin = Origin()
    return Answer(200, body, {"Request-Id": str(origin.request_id)})


def _once(world: World, method: str, path: str, values: Body, key: str, request_id: str) -> Answer:
    """Same key and same parameters, same answer (https://docs.stripe.com/api/idempotent_requests)."""
    if len(key) > LONGEST_KEY:
        raise ApiError("Idempotency keys have at most 255 characters.", kind="idempotency_error")
    asked = json.dumps([method, path, values], sort_keys=True)
    store = world.store
    store.execute("DELETE FROM answers WHERE at < ?", time.time() - ANSWERS_KEPT_SECONDS)
    rows = store.execute("SELECT * FROM answers WHERE key = ?", key)
    if rows:
        return _replay(rows[0], asked, key, request_id)
    try:
        made = _run(world, method, path, values, Origin(request_id, key))
    except ApiError as error:
        if not error.remembered:
            raise
        made = Answer(error.status, error.body(), {"Request-Id": request_id})
    store.execute(
        "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
        key,
        asked,
        made.status,
        json.dumps(made.body),
        request_id,
        time.time(),
    )
    return Answer(made.status, made.body, {**made.headers, "Idempotency-Key": key})


def _replay(row: Any, asked: str, key: str, request_id: str) -> Answer:
    if row["request"] != asked:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    headers = {
        "Request-Id": request_id,
        "Original-Request": row["request_id"],
        "Idempotency-Key": key,
        "Idempotent-Replayed": "true",
    }
    return Answer(row["status"], json.loads(row["body"]), headers)


def _check_key(authorization: str, secret_key: str) -> None:
    given = _given_key(authorization)
    if not given:
        raise ApiError(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth.",
            status=401,
        )
    if given.startswith(("sk_live_", "rk_live_")):
        raise ApiError("This is a stand-in: it refuses live keys.", status=401)
    if not given.startswith(("sk_test_", "rk_test_")) or (secret_key and given != secret_key):
        raise ApiError(f"Invalid API Key provided: {given[:8]}****", status=401)


def _given_key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _check_version(version: str) -> None:
    if version != API_VERSION:
        raise ApiError(f"Invalid Stripe API version: {version}. The stand-in speaks {API_VERSION}.")


def _create_session(world: World, values: Body) -> Body:
    params = check(checkout_schemas.SessionCreateParams, values)
    lines, total, currency = check_session(world, params)
    made = sessions.create(world, params, lines=lines, total=total, currency=currency)
    return shown(world, made, params.get("expand", []))


def _expire_session(world: World, values: Body, session_id: str) -> Body:
    params = check(checkout_schemas.SessionExpireParams, values)
    session = world.need("checkout.session", session_id, param="session")
    return shown(world, sessions.expire(world, session), params.get("expand", []))


def _create_refund(world: World, values: Body) -> Body:
    params = check(schemas.RefundCreateParams, values)
    check_metadata(params.get("metadata"), param="metadata")
    return shown(world, refunds.create(world, params), params.get("expand", []))


def _retrieve(kind: str, schema: Any, param: str) -> "Handler":
    def handler(world: World, values: Body, object_id: str) -> Body:
        params = check(schema, values)
        return shown(world, world.need(kind, object_id, param=param), params.get("expand", []))

    return handler


def _list(kind: str, schema: Any, url: str) -> "Handler":
    def handler(world: World, values: Body) -> Body:
        return listed(world, kind, url, check(schema, values))

    return handler


Handler = Callable[..., Body]
ID: Final = r"([A-Za-z0-9_]+)"
SESSIONS: Final = "/v1/checkout/sessions"
ROUTES: Final[list[tuple[str, str, Handler]]] = [
    ("POST", SESSIONS, _create_session),
    ("POST", f"{SESSIONS}/{ID}/expire", _expire_session),
    ("GET", SESSIONS, _list("checkout.session", checkout_schemas.SessionListParams, SESSIONS)),
    (
        "GET",
        f"{SESSIONS}/{ID}",
        _retrieve("checkout.session", checkout_schemas.SessionRetrieveParams, "session"),
    ),
    (
        "GET",
        "/v1/payment_intents",
        _list("payment_intent", schemas.PaymentIntentListParams, "/v1/payment_intents"),
    ),
    (
        "GET",
        f"/v1/payment_intents/{ID}",
        _retrieve("payment_intent", schemas.PaymentIntentRetrieveParams, "intent"),
    ),
    ("POST", "/v1/refunds", _create_refund),
    ("GET", "/v1/refunds", _list("refund", schemas.RefundListParams, "/v1/refunds")),
    ("GET", f"/v1/refunds/{ID}", _retrieve("refund", schemas.RefundRetrieveParams, "refund")),
    ("GET", "/v1/charges", _list("charge", schemas.ChargeListParams, "/v1/charges")),
    ("GET", f"/v1/charges/{ID}", _retrieve("charge", schemas.ChargeRetrieveParams, "charge")),
    ("GET", "/v1/events", _list("event", schemas.EventListParams, "/v1/events")),
    ("GET", f"/v1/events/{ID}", _retrieve("event", schemas.EventRetrieveParams, "id")),
]


def _dispatch(world: World, method: str, path: str, values: Body) -> Body:
    for wanted, pattern, handler in ROUTES:
        found = re.fullmatch(pattern, path)
        if found and wanted == method:
            return handler(world, values, *found.groups())
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404, remembered=False)
