"""System checks that refuse unsafe or half-made settings, each with one sentence to act on.

`manage.py` commands run them as usual; the web server and the worker call
`refuse_half_made_settings` at their start, because Django runs no checks there.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, run_checks
from django.core.exceptions import ImproperlyConfigured

TAG = "portal"


def check_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find what is missing or unsafe; the demo and the tests bring all of it themselves."""
    if settings.DEMO:
        return []
    return [Error(sentence, id=f"portal.E{number:03}") for number, sentence in _faults()]


def refuse_half_made_settings() -> None:
    """Raise ImproperlyConfigured with what to set, if anything is missing or unsafe."""
    faults = [str(message.msg) for message in run_checks(tags=[TAG])]
    if faults:
        raise ImproperlyConfigured("The portal does not start half-configured. " + " ".join(faults))


def _faults() -> Iterator[tuple[int, str]]:
    yield from _secret_faults()
    yield from _place_faults()
    yield from _stripe_faults()


def _secret_faults() -> Iterator[tuple[int, str]]:
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:
        secret = ""
    if len(secret) < 50 or len(set(secret)) < 5:
        yield 1, "Set SECRET_KEY to at least 50 random characters."
    if not settings.LICENCE_SIGNING_KEYS:
        yield 2, "Set LICENCE_SIGNING_KEYS; `manage.py rotate_signing_key` prints a first value."
    if settings.DEBUG:
        yield 3, "Set DEBUG to false."


def _place_faults() -> Iterator[tuple[int, str]]:
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme != "https" or not public.hostname:
        yield 4, "Set PUBLIC_URL to the portal’s address, such as https://licences.example.com."
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield 5, "Set ALLOWED_HOSTS to the portal’s host names, separated by commas."
    if not settings.DATABASE_URL:
        yield 6, "Set DATABASE_URL, such as postgres://user:password@host/name."
    if not settings.REDIS_URL:
        yield 7, "Set REDIS_URL, such as redis://host:6379/0; jobs and rate limits live there."
    if not settings.EMAIL_URL:
        yield 8, "Set EMAIL_URL, such as smtp+tls://user:password@host:587."


def _stripe_faults() -> Iterator[tuple[int, str]]:
    if not settings.STRIPE_SECRET_KEY:
        yield 9, "Set STRIPE_SECRET_KEY to the secret key of your Stripe account."
    if not settings.STRIPE_WEBHOOK_SECRET:
        yield 10, "Set STRIPE_WEBHOOK_SECRET to the signing secret of the webhook endpoint."
    if settings.STRIPE_API_BASE and urlsplit(settings.STRIPE_API_BASE).hostname in _LOOPBACK:
        yield 11, "Unset STRIPE_API_BASE: a stand-in for Stripe is for the demo only."


_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
