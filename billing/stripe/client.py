"""The one `StripeClient`, and Stripe's errors turned into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import requests
import stripe
from django.conf import settings

from billing.stripe.errors import StripeRefused, StripeUnavailable

# The version that our mapping was written against. Webhook endpoints must be set to it as well.
API_VERSION: Final = "2026-10-28.endive"
CONNECT_TIMEOUT_SECONDS: Final = 5.0
READ_TIMEOUT_SECONDS: Final = 25.0
# The library repeats a failed request with the same idempotency key.
MAX_NETWORK_RETRIES: Final = 2

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def client() -> stripe.StripeClient:
    """Return the client for the current settings, one for each key and address."""
    return _client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def is_live_mode() -> bool:
    """Whether the configured key moves real money."""
    return str(settings.STRIPE_SECRET_KEY).startswith(("sk_live_", "rk_live_"))


@lru_cache(maxsize=8)
def _client_for(secret_key: str, api_base: str) -> stripe.StripeClient:
    if not secret_key:
        raise StripeRefused("STRIPE_SECRET_KEY is empty", reason="no_secret_key")
    base = api_base.rstrip("/") or stripe.DEFAULT_API_BASE
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        max_network_retries=MAX_NETWORK_RETRIES,
        http_client=_http_client(base),
    )


def _http_client(base: str) -> stripe.HTTPClient:
    timeout = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    if urlsplit(base).hostname not in LOOPBACK:
        return stripe.RequestsClient(timeout=timeout)
    # A proxy named in the environment cannot reach this machine's loopback.
    direct = requests.Session()
    direct.trust_env = False
    return stripe.RequestsClient(timeout=timeout, session=direct)


@contextmanager
def stripe_errors() -> Iterator[None]:
    """Turn the library's errors into StripeUnavailable (come again) or StripeRefused (final)."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeUnavailable(str(error), http_status=error.http_status) from error
    except stripe.StripeError as error:
        raise _final_or_not(error) from error


def _final_or_not(error: stripe.StripeError) -> StripeUnavailable | StripeRefused:
    status = error.http_status
    # 409 is a lock or another request with the same key still running; an answer that is not
    # JSON has no error object and tells nothing about what happened.
    if status is None or status == 409 or status >= 500 or error.error is None:
        return StripeUnavailable(str(error), http_status=status)
    return StripeRefused(
        error.user_message or "",
        reason=error.code or error.error.type or type(error).__name__,
        param=getattr(error, "param", None),
        decline_code=getattr(error.error, "decline_code", None),
        http_status=status,
    )
