"""What staff change in the admin's own forms is in the audit log, like everything else."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.utils.module_loading import import_string

from portal.audit.services import Actor, record_event
from portal.kit.admin import PortalAdmin, subject_id

VALUE_LENGTH = 200


def acting_staff(request: HttpRequest) -> Actor:
    """Return who acts; STAFF_ACTOR names the function, as people are known in a higher layer."""
    actor: Actor = import_string(settings.STAFF_ACTOR)(request)
    return actor


class AuditedAdmin(PortalAdmin):
    """Base of admins with forms: each addition, change and deletion is recorded with its values."""

    def save_model(
        self, request: HttpRequest, obj: Model, form: "BaseModelForm[Any]", change: Any
    ) -> None:
        request.staff_changes = changed_values(form)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._record(request, obj, "added", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        if message:
            self._record(request, obj, "changed", message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        for obj in queryset:
            self._record(request, obj, "deleted", str(obj))
        return super().log_deletions(request, queryset)

    def _record(self, request: HttpRequest, obj: Model, what: str, message: Any) -> None:
        organisation = getattr(obj, "organisation", None)
        record_event(
            action=f"{self.opts.model_name}.{what}",
            subject_id=subject_id(obj),
            actor=acting_staff(request),
            organisation_id=organisation.public_id if organisation else "",
            data={"message": message, "values": getattr(request, "staff_changes", {})},
        )


def changed_values(form: "BaseModelForm[Any]") -> dict[str, list[str]]:
    """Return each changed field with its value before and after, as text."""
    return {
        name: [_text(form.initial.get(name)), _text(form.cleaned_data.get(name))]
        for name in form.changed_data
        if name in form.cleaned_data and "password" not in name
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:VALUE_LENGTH]
