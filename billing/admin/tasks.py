"""Questions about money that a person settles."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.columns import CUSTOMER
from billing.models import FinanceTask
from billing.services.tasks import settle_task
from portal.accounts.access import actor_of
from portal.kit.admin import ReadOnlyAdmin, Textarea, choices_filter
from portal.kit.admin_columns import badge, link, moment, page_of
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action

# What a task can be about, by the prefix of its public id → its staff page.
PAGES = {
    "ord": "billing_order",
    "inv": "billing_document",
    "pay": "billing_payment",
    "rfd": "billing_refund",
}


class OutcomeForm(StaffForm):
    outcome = forms.CharField(
        label=_("How it was settled"), max_length=1000, widget=Textarea({"rows": 3})
    )


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("done", _("Settled"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "open":
            return queryset.filter(done_at=None)
        if self.value() == "done":
            return queryset.exclude(done_at=None)
        return queryset


def is_open(task: FinanceTask) -> bool:
    return task.done_at is None


@admin.register(FinanceTask)
class FinanceTaskAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    list_display = ("kind", CUSTOMER, "note", "state", moment("opened_at", _("Opened")))
    list_filter = (OpenFilter, choices_filter("kind"))
    list_select_related = ("organisation",)
    search_fields = ("note", "=subject_id", "organisation__legal_name", "=public_id")
    fields = (
        "kind",
        CUSTOMER,
        "note",
        "about",
        moment("opened_at", _("Opened")),
        "state",
        moment("done_at", _("Settled")),
        "done_by",
        "outcome",
    )
    staff_actions = ("settle",)

    @admin.display(description=_("About"))
    def about(self, task: FinanceTask) -> str:
        """Lead to what the task is about, where that has a staff page."""
        model = PAGES.get(task.subject_id.partition("_")[0])
        return link(page_of(model, task.subject_id), task.subject_id) if model else task.subject_id

    @admin.display(description=_("State"), ordering="done_at")
    def state(self, task: FinanceTask) -> str:
        if is_open(task):
            return badge(gettext("Open"), "warning")
        return badge(gettext("Settled"), "success")

    @staff_action(
        label=_("Mark as settled"),
        permission="billing.settle_task",
        form=OutcomeForm,
        primary=True,
        when=is_open,
    )
    def settle(self, request: HttpRequest, task: FinanceTask, data: Mapping[str, Any]) -> str:
        settle_task(
            task=task,
            outcome=data["outcome"],
            staff=request.user,  # type: ignore[arg-type]
            actor=actor_of(request),
        )
        return gettext("The task is settled.")
