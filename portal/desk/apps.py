from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "portal.desk"
    label = "desk"
    verbose_name = _("Staff desk")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The web process enqueues by name too, so every task must be known to it.
        from celery import current_app

        current_app.autodiscover_tasks(force=True)
