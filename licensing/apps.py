from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class LicensingConfig(AppConfig):
    name = "licensing"
    label = "licensing"
    verbose_name = _("Licensing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are there only now.
        from licensing.checks import check_signing_keys
        from licensing.due import register_providers

        # "portal" is the tag of what the web server and the worker check when they start.
        register(check_signing_keys, "portal")
        register_providers()
