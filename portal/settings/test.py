"""Settings of the suite: SQLite unless DATABASE_URL says otherwise, fixed secrets, no Redis."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import (
    DATABASE_URL,
    INSTALLED_APPS,
    REDIS_URL,
    TEMPLATES,
    database_from,
    sqlite_database,
)
from portal.settings.log import configure

DEMO = True
# For `make check`: it reads what a migration would do to a table in use.
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
SECRET_KEY = "for the tests only: signs nothing that anybody keeps"
PUBLIC_URL = "http://testserver"
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": database_from(DATABASE_URL) if DATABASE_URL else sqlite_database(":memory:")
}
STRIPE_SECRET_KEY = "sk_test_suite"
STRIPE_WEBHOOK_SECRET = "whsec_suite"
STRIPE_API_BASE = "http://127.0.0.1:9"
STRIPE_CHECKOUT_ORIGINS = [STRIPE_API_BASE]
# A seed of the suite's own: 32 times "t".
LICENCE_SIGNING_KEYS = "test-1=dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ="
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAIL_KEEPS_SECRETS = DEMO
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Jobs wait in the broker only where the suite runs against a real worker.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_URL = REDIS_URL or "memory://"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
STAFF_SECOND_FACTOR = False
TEMPLATES[0]["OPTIONS"]["context_processors"].append("portal.kit.context_processors.demo")  # type: ignore[index]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# Nothing is collected for the suite: the finders serve what is in the source.
STATIC_ROOT = None
# A line for each request would drown what a failing test says.
LOGGING = configure(as_json=False, level="ERROR")
