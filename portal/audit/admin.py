"""The audit log as staff read it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.audit.models import AuditEvent
from portal.kit.admin import RangeDateFilter, ReadOnlyAdmin, choices_filter
from portal.kit.admin_columns import moment

AT = moment("at", _("At"))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Append-only: found by subject, organisation or actor."""

    list_display = (
        AT,
        "action",
        "actor_name",
        "actor_kind",
        "subject_id",
        "organisation_id",
    )
    list_filter = (choices_filter("actor_kind"), ("at", RangeDateFilter))
    search_fields = ("=subject_id", "=organisation_id", "=actor_id", "actor_name", "^action")
    search_help_text = _("An id, a person’s e-mail address, or the start of an action")
    fields = (
        AT,
        "action",
        "subject_id",
        "organisation_id",
        "actor_kind",
        "actor_name",
        "actor_id",
        "actor_address",
        "data",
    )
    readonly_fields = (AT,)
