"""The entry point of gunicorn. It refuses to start half-configured."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
application = get_wsgi_application()

from portal.checks import refuse_half_made_settings  # noqa: E402 (needs the settings)

refuse_half_made_settings()
