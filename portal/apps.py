from django.apps import AppConfig
from django.core.checks import register


class PortalConfig(AppConfig):
    """The composition root: registers the checks of the whole."""

    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from portal.checks import TAG, check_settings

        register(check_settings, TAG)
