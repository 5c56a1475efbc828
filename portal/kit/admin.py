"""The admin's base classes and form widgets: the one module that imports Unfold."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import FieldListFilter
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.contrib.import_export.forms import ExportForm
from unfold.views import ChangeList as UnfoldChangeList
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget as RadioSelect,
)
from unfold.widgets import (
    UnfoldAdminSelectWidget as Select,
)
from unfold.widgets import (
    UnfoldAdminSingleDateWidget as DateInput,
)
from unfold.widgets import (
    UnfoldAdminTextareaWidget as Textarea,
)
from unfold.widgets import (
    UnfoldAdminTextInputWidget as TextInput,
)

from portal.kit.errors import DomainError
from portal.kit.ids import is_public_id

__all__ = [
    "ChoicesDropdownFilter",
    "DateInput",
    "ExportForm",
    "PortalAdmin",
    "RadioSelect",
    "RangeDateFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "Select",
    "StackedInline",
    "TabularInline",
    "TextInput",
    "Textarea",
    "choices_filter",
]


def choices_filter(field: str) -> tuple[str, type[FieldListFilter]]:
    """Return a list filter with a drop-down of a field's choices."""
    return field, ChoicesDropdownFilter


class PublicIdChangeList(UnfoldChangeList):  # type: ignore[misc]
    """A list whose links carry public ids, never a database's."""

    def url_for_result(self, result: Any) -> str:
        if not has_public_id(self.model):
            return str(super().url_for_result(result))
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[result.public_id])


class PortalAdmin(ModelAdmin):  # type: ignore[misc]
    """Base of all admins: public ids in URLs, refusals as sentences, nothing is ever deleted."""

    list_per_page = 50
    list_filter_submit = True
    may_delete: ClassVar[bool] = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        changelist: type[ChangeList] = PublicIdChangeList
        return changelist

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        if from_field is None and has_public_id(self.model) and is_public_id(object_id):
            from_field = "public_id"
        return super().get_object(request, object_id, from_field)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A related row is made on its own page, not in a window of its own."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for name in ("can_add_related", "can_change_related", "can_view_related"):
            if field is not None and hasattr(field.widget, name):
                setattr(field.widget, name, False)
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and bool(super().has_delete_permission(request, obj))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what a rule said no to as a sentence; the transaction was taken back."""
        # Django unquotes what stands after an underscore, which a public id has too.
        quoted = quote(object_id) if object_id and is_public_id(object_id) else object_id
        try:
            response: HttpResponse = super().changeform_view(
                request, quoted, form_url, extra_context
            )
        except DomainError as error:
            if request.method != "POST":
                raise
            messages.error(request, error.sentence(gettext))
            return redirect(request.get_full_path())
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of a thing is what the audit log says of it."""
        # Where it leads names the object, so it is for those who may see that.
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        events = reverse("admin:audit_auditevent_changelist")
        return redirect(f"{events}?{urlencode({'q': self.audit_subject(request, object_id)})}")

    def audit_subject(self, request: HttpRequest, object_id: str) -> str:
        """Return the id under which the audit log knows this object."""
        return subject_id(self.get_object(request, object_id)) or object_id


class ReadOnlyMixin:
    """Staff may look, and act through buttons, but not edit."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnlyMixin, PortalAdmin):
    """Base of what services write: its rows can be read, searched and acted on."""


class ReadOnlyInline(ReadOnlyMixin, TabularInline):  # type: ignore[misc]
    """Rows shown with the object that they belong to."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    hide_title = True


def options_of(model: models.Model | type[models.Model]) -> Any:
    """Return what Django knows of a model; the underscore is Django's, its use is documented."""
    return model._meta  # noqa: SLF001


def has_public_id(model: type[models.Model]) -> bool:
    """Say whether a model's rows have a public id."""
    return any(field.name == "public_id" for field in options_of(model).get_fields())


def subject_id(obj: models.Model | None) -> str:
    """Return how the audit log names an object: its public id, else its kind and key."""
    if obj is None:
        return ""
    known: str | None = getattr(obj, "public_id", None)
    return known or f"{options_of(obj).model_name}:{obj.pk}"
