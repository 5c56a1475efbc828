"""Spreadsheets for finance: what is exported is safe to open, and written to the audit log."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export import fields, resources
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX

from portal.accounts.access import actor_of
from portal.audit.services import record_event
from portal.kit.admin import ExportForm, options_of
from portal.kit.money import Money

# What a spreadsheet would run when it opens the file (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula; numbers and dates stay."""
    if value is None or isinstance(value, int | Decimal | date):
        return "" if value is None else value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class AmountField(fields.Field):  # type: ignore[misc]
    """Minor units as a decimal number of major units; the currency has a column of its own."""

    def get_value(self, instance: Any) -> Any:
        minor = super().get_value(instance)
        return None if minor is None else Money(minor, instance.currency).to_decimal()


class SafeResource(resources.Resource):  # type: ignore[misc]
    """Base of what finance exports."""

    @classmethod
    def get_display_name(cls) -> str:
        """The library asks for it where a list has several spreadsheets; ours have one."""
        return cls.__name__

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        value = field.get_value(instance)
        if isinstance(value, datetime):
            # A spreadsheet knows no zones: the moment in UTC, which the column's name says.
            return value.strftime("%Y-%m-%d %H:%M:%S")
        return safe_cell(value)


class FinanceExport(ExportMixin):  # type: ignore[misc]
    """Adds the export of a list as filtered, for those who may take the books out."""

    export_form_class = ExportForm
    formats: ClassVar[list[Any]] = [kind for kind in (CSV, XLSX) if kind.is_available()]
    skip_admin_log = True

    model: type[models.Model]

    def get_export_formats(self) -> list[Any]:
        return self.formats

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.export_books")

    def get_export_data(
        self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any
    ) -> Any:
        data = super().get_export_data(file_format, request, queryset, **kwargs)
        meta = options_of(self.model)
        with transaction.atomic():
            record_event(
                action=f"{meta.model_name}.exported",
                subject_id=meta.label_lower,
                actor=actor_of(request),
                data={"rows": queryset.count(), "format": file_format.get_title()},
            )
        return data
