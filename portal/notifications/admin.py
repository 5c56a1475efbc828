"""Mails as rows: what was written to whom, whether it went out, and how it looks."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from portal.audit.staff import acting_staff
from portal.kit.admin import ReadOnlyAdmin, choices_filter
from portal.kit.admin_columns import moment, status
from portal.kit.staff_actions import StaffActionsAdmin, staff_action
from portal.notifications.models import Mail, MailStatus
from portal.notifications.secrets import may_be_read
from portal.notifications.services import retry_mail

TONES = {
    MailStatus.QUEUED: "info",
    MailStatus.SENDING: "info",
    MailStatus.SENT: "success",
    MailStatus.FAILED: "danger",
}
# A mail is shown without scripts, forms or anything from elsewhere, in a frame of our own page.
PREVIEW_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "connect-src": ["'none'"],
    "font-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [
        "allow-popups",
        "allow-popups-to-escape-sandbox",
        "allow-top-navigation-by-user-activation",
    ],
}


def has_failed(mail: Mail) -> bool:
    return mail.status == MailStatus.FAILED


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    """Readable here even where no mail server exists, as in the demo."""

    list_display = (
        moment("created_at", _("Written")),
        "subject",
        "to",
        "kind",
        status(_("Status"), TONES),
    )
    list_display_links = ("subject",)
    list_filter = (choices_filter("status"), "kind")
    search_fields = ("subject", "recipients", "=subject_id", "=organisation_id", "=public_id")
    search_help_text = _("An address, a subject, or an id")
    fields = (
        "kind",
        "to",
        "reply_to",
        "attachments",
        status(_("Status"), TONES),
        "attempts",
        moment("created_at", _("Written")),
        moment("sent_at", _("Sent")),
        moment("next_attempt_at", _("Next attempt")),
        "error",
        "subject_id",
        "organisation_id",
    )
    readonly_fields = ("to",)
    staff_actions = ("resend",)
    summary_template = "desk/mail.html"

    @admin.display(description=_("To"))
    def to(self, mail: Mail) -> str:
        return ", ".join(mail.recipients)

    def get_urls(self) -> list[URLPattern]:
        preview = path(
            "<path:object_id>/preview/",
            self.admin_site.admin_view(self.preview),
            name="notifications_mail_preview",
        )
        return [preview, *super().get_urls()]

    def get_summary(self, request: HttpRequest, obj: Mail) -> dict[str, Any]:
        preview = reverse("admin:notifications_mail_preview", args=[obj.public_id])
        is_open = may_be_read(obj)
        return {
            "mail": obj,
            "text": obj.text if is_open else gettext("Only its recipient can read this mail."),
            "preview_url": preview if obj.html and is_open else "",
        }

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the mail's own HTML, locked in by its content security policy."""
        mail = self.get_object(request, object_id)
        if not self.has_view_permission(request, mail):
            raise PermissionDenied
        if mail is None or not may_be_read(mail):
            raise Http404
        response: HttpResponse = xframe_options_sameorigin(_as_written)(request, mail)
        return response

    @staff_action(
        label=_("Send again"),
        permission="notifications.resend_mail",
        primary=True,
        when=has_failed,
    )
    def resend(self, request: HttpRequest, mail: Mail, data: Mapping[str, Any]) -> str:
        retry_mail(mail=mail, actor=acting_staff(request))
        return gettext("The mail is on its way again.")


def _as_written(request: HttpRequest, mail: Mail) -> HttpResponse:
    # A link opens the portal itself, not a portal within a frame.
    response = HttpResponse(mail.html.replace("<head>", '<head><base target="_top">', 1))
    response._csp_replace = PREVIEW_POLICY  # type: ignore[attr-defined]  # noqa: SLF001 (django-csp's)
    return response
