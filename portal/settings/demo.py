"""The embedded default: SQLite, jobs in process, the Stripe stand-in. Never for real customers."""

import base64
import json
import os
import secrets
from pathlib import Path

from portal.settings.base import *  # noqa: F403
from portal.settings.base import (
    BASE_DIR,
    DATABASE_URL,
    LICENCE_SIGNING_KEYS,
    PUBLIC_URL,
    REDIS_URL,
    SECRET_KEY,
    STRIPE_API_BASE,
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET,
    TEMPLATES,
    database_from,
    env,
    sqlite_database,
)
from portal.settings.log import configure

DEMO = True
DEBUG = env.bool("DEBUG", default=False)
DEMO_DIR = Path(env.str("DEMO_DIR", default=str(BASE_DIR / ".demo")))
DEMO_SECRETS_FILE = DEMO_DIR / "secrets.json"


def _new_secrets() -> dict[str, str]:
    seed = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "STRIPE_SECRET_KEY": "sk_test_" + secrets.token_hex(16),
        "STRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(16),
        "LICENCE_SIGNING_KEYS": f"demo-{secrets.token_hex(3)}={seed}",
    }


def _demo_secrets() -> dict[str, str]:
    """Return this copy's own secrets, made on first use and readable by their owner alone."""
    DEMO_DIR.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(DEMO_SECRETS_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        stored: dict[str, str] = json.loads(DEMO_SECRETS_FILE.read_text())
        return stored
    with os.fdopen(handle, "w") as file:
        made = _new_secrets()
        json.dump(made, file, indent=2)
    return made


_secrets = _demo_secrets()
SECRET_KEY = SECRET_KEY or _secrets["SECRET_KEY"]
LICENCE_SIGNING_KEYS = LICENCE_SIGNING_KEYS or _secrets["LICENCE_SIGNING_KEYS"]
PORT = env.int("PORT", default=8000)
STANDIN_PORT = env.int("STANDIN_PORT", default=PORT + 1)
# With a test key of a real Stripe account the demo talks to Stripe, and no stand-in runs.
USES_STANDIN = not STRIPE_SECRET_KEY
STRIPE_SECRET_KEY = STRIPE_SECRET_KEY or _secrets["STRIPE_SECRET_KEY"]
STRIPE_WEBHOOK_SECRET = STRIPE_WEBHOOK_SECRET or _secrets["STRIPE_WEBHOOK_SECRET"]
if USES_STANDIN:
    STRIPE_API_BASE = STRIPE_API_BASE or f"http://127.0.0.1:{STANDIN_PORT}"
    STRIPE_CHECKOUT_ORIGINS = [STRIPE_API_BASE]
# By name: browsers refuse passkeys on an address in figures.
PUBLIC_URL = PUBLIC_URL or f"http://localhost:{PORT}"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES = {
    "default": database_from(DATABASE_URL)
    if DATABASE_URL
    else sqlite_database(DEMO_DIR / "portal.sqlite3")
}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# As the demo's vendor would set it: the name stands in every mail.
DEFAULT_FROM_EMAIL = "Northwind Software Ltd <licences@northwind.example>"
MFA_TOTP_ISSUER = "Northwind Software Ltd"
# No mail leaves the demo, so its page of mails is where codes and invitations are read.
MAIL_KEEPS_SECRETS = DEMO
# Jobs run in process; with REDIS_URL the demo starts a real worker beside the portal.
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_EAGER_PROPAGATES = False
# Passkeys work on http://localhost only when the library is told that it is not a real origin.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# The demo's staff sign in with a password alone, so that one can look around.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=False)
TEMPLATES[0]["OPTIONS"]["context_processors"].append("portal.kit.context_processors.demo")  # type: ignore[index]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
LOGGING = configure(as_json=False, level="WARNING")
