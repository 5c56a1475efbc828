from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class LicensingConfig(AppConfig):
    name = "licensing"
    label = "licensing"
    verbose_name = _("Licensing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from licensing.checks import check_signing_keys

        register(check_signing_keys)
