from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    label = "billing"
    verbose_name = _("Billing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Services load models, which are there only now.
        from billing.dashboard import register_providers
        from billing.services.document_files import document_attachment
        from billing.services.keys import answer_return
        from licensing.answers import answer_through
        from portal.notifications.attachments import register

        register("inv", document_attachment)
        register_providers()
        answer_through(answer_return)
