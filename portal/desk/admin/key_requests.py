"""The licence desk's queue, and the page on which a key is decided."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import CreditTerms, Order
from billing.selectors import amount_due, invoice_of, owed_by, paid_amount
from billing.services.keys import (
    DeclineOutcome,
    answer_return,
    decline_request,
    issue_key_for_request,
)
from licensing.domain.statuses import PENDING_KEY_REQUESTS, KeyRequestStatus
from licensing.models import KeyRequest
from licensing.models.key_request import KeyRequestKind
from licensing.services.key_requests import take_request, wait_for_customer
from portal.accounts.access import actor_of
from portal.accounts.selectors import latest_passed_check
from portal.desk.labels import due_label, explain_promise, money_label, status_text
from portal.desk.selectors import with_money
from portal.kit import clock
from portal.kit.admin import RadioSelect, ReadOnlyAdmin, Textarea, choices_filter
from portal.kit.admin_columns import badge, customer, moment
from portal.kit.staff_actions import StaffActionsAdmin, StaffForm, staff_action
from portal.vendor.selectors import get_vendor

PERMISSION = "licensing.issue_key"
STATUS_TONES: dict[str, str] = {
    KeyRequestStatus.OPEN: "info",
    KeyRequestStatus.WAITING_FOR_CUSTOMER: "warning",
    KeyRequestStatus.ISSUED: "success",
    KeyRequestStatus.DECLINED: "danger",
}


class QuestionForm(StaffForm):
    question = forms.CharField(
        label=_("Question to the customer"), max_length=500, widget=Textarea({"rows": 4})
    )


class AnswerForm(StaffForm):
    answer = forms.CharField(
        label=_("What the customer said"), max_length=500, widget=Textarea({"rows": 4})
    )


class DeclineForm(StaffForm):
    """Why, and what becomes of the money; a key that was only asked for again has none."""

    outcome = forms.TypedChoiceField(
        label=_("What becomes of the order"),
        choices=[
            (
                DeclineOutcome.RETURN,
                _("Return it for correction: the money stays, the clock waits"),
            ),
            (DeclineOutcome.REFUND, _("Close it: everything that was paid goes back")),
        ],
        coerce=DeclineOutcome,
        widget=RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The customer reads it."),
        widget=Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subject.kind == KeyRequestKind.REISSUE:
            del self.fields["outcome"]


class QueueFilter(admin.SimpleListFilter):
    """The queue is what is pending, unless another list is asked for."""

    title = _("list")
    parameter_name = "list"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Taken by me")), ("closed", _("Closed")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("Pending")}
        yield from rest

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        if self.value() == "closed":
            return queryset.exclude(status__in=PENDING_KEY_REQUESTS)
        pending = queryset.filter(status__in=PENDING_KEY_REQUESTS)
        return pending.filter(taken_by=request.user) if self.value() == "mine" else pending


def is_pending(key_request: KeyRequest) -> bool:
    return key_request.status in PENDING_KEY_REQUESTS


def is_open(key_request: KeyRequest) -> bool:
    return key_request.status == KeyRequestStatus.OPEN


def is_waiting(key_request: KeyRequest) -> bool:
    return key_request.status == KeyRequestStatus.WAITING_FOR_CUSTOMER


@admin.register(KeyRequest)
class KeyRequestAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    list_display = (
        "due",
        customer("agreement__organisation", _("Customer")),
        "product",
        "kind",
        "seats",
        "money",
        "taken_by",
        "standing",
    )
    list_filter = (QueueFilter, choices_filter("kind"), "agreement__product")
    search_fields = (
        "=public_id",
        "=order_id",
        "agreement__organisation__legal_name",
        "requested_by",
    )
    search_help_text = _("A customer, a person’s address or an id")
    ordering = (F("due_at").asc(nulls_last=True), "pk")
    sortable_by = ("kind",)
    fields = (
        "public_id",
        "standing",
        moment("taken_at", _("Taken")),
        moment("decided_at", _("Decided")),
        "decided_by",
        "decline_reason",
    )
    staff_actions = ("issue", "take", "ask", "record_answer", "decline")
    summary_template = "desk/key_request.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyRequest]:
        return with_money(super().get_queryset(request))

    @admin.display(description=_("Due"), ordering="due_at")
    def due(self, key_request: KeyRequest) -> str:
        label = due_label(key_request, clock.now())
        at = moment("due_at", "")(key_request)
        return format_html("{} {}", at, badge(label.text, label.tone))

    @admin.display(description=_("Status"), ordering="status")
    def standing(self, key_request: KeyRequest) -> str:
        return badge(status_text(key_request), STATUS_TONES.get(key_request.status, "neutral"))

    @admin.display(description=_("Product"))
    def product(self, key_request: KeyRequest) -> str:
        return str(key_request.agreement.product)

    @admin.display(description=_("Seats"))
    def seats(self, key_request: KeyRequest) -> str:
        counts = f"{key_request.quantity_before} → {key_request.quantity_after}"
        return format_html('<span class="desk-nowrap">{}</span>', counts)

    @admin.display(description=_("Money"))
    def money(self, key_request: KeyRequest) -> str:
        label = money_label(key_request)
        return badge(label.text, label.tone)

    def get_summary(self, request: HttpRequest, obj: KeyRequest) -> dict[str, Any]:
        calendar = get_vendor().calendar()
        organisation = obj.agreement.organisation
        return {
            "key_request": obj,
            "organisation": organisation,
            "due": due_label(obj, clock.now()),
            "shown_due": calendar.shown_due(obj.due_at) if obj.due_at else None,
            "money": money_label(obj),
            "promise": explain_promise(obj, calendar),
            "licences": obj.agreement.licences.all(),
            "tax_check": latest_passed_check(organisation),
            **order_summary(obj),
        }

    @staff_action(label=_("Issue the key"), permission=PERMISSION, primary=True, when=is_open)
    def issue(self, request: HttpRequest, key_request: KeyRequest, data: Mapping[str, Any]) -> str:
        licence = issue_key_for_request(
            key_request=key_request,
            staff=request.user,  # type: ignore[arg-type]
            actor=actor_of(request),
        )
        return gettext("The key for %(seats)s seats is issued, and the customer has mail.") % {
            "seats": licence.seats
        }

    @staff_action(label=_("Take"), permission=PERMISSION, when=is_pending)
    def take(self, request: HttpRequest, key_request: KeyRequest, data: Mapping[str, Any]) -> str:
        take_request(
            key_request=key_request,
            staff=request.user,  # type: ignore[arg-type]
            actor=actor_of(request),
        )
        return gettext("The request is yours.")

    @staff_action(
        label=_("Ask the customer"),
        permission=PERMISSION,
        form=QuestionForm,
        explain=_("The clock stands still until the customer answers, and the customer sees that."),
        when=is_open,
    )
    def ask(self, request: HttpRequest, key_request: KeyRequest, data: Mapping[str, Any]) -> str:
        wait_for_customer(
            key_request=key_request, question=data["question"], actor=actor_of(request)
        )
        return gettext("The customer was asked, and the clock stands.")

    @staff_action(
        label=_("Record the answer"),
        permission=PERMISSION,
        form=AnswerForm,
        explain=_("For an answer by telephone: the clock runs on."),
        when=is_waiting,
    )
    def record_answer(
        self, request: HttpRequest, key_request: KeyRequest, data: Mapping[str, Any]
    ) -> str:
        answer_return(key_request=key_request, answer=data["answer"], actor=actor_of(request))
        return gettext("The answer is noted, and the clock runs.")

    @staff_action(
        label=_("Decline"),
        permission=PERMISSION,
        form=DeclineForm,
        explain=_("No key is issued. The customer gets the reason by mail."),
        danger=True,
        when=is_pending,
    )
    def decline(
        self, request: HttpRequest, key_request: KeyRequest, data: Mapping[str, Any]
    ) -> str:
        outcome = data.get("outcome", DeclineOutcome.REFUND)
        decline_request(
            key_request=key_request,
            outcome=outcome,
            reason=data["reason"],
            actor=actor_of(request),
        )
        if outcome == DeclineOutcome.RETURN:
            return gettext("The order is returned to the customer for correction.")
        return gettext("The request is declined.")


def order_summary(key_request: KeyRequest) -> dict[str, Any]:
    """Return the order with its money, and the customer's credit; nothing where there is none."""
    orders = Order.objects.select_related("support_plan", "approved_by", "terms_version")
    order = orders.filter(public_id=key_request.order_id).first()
    if order is None:
        return {"order": None}
    organisation = key_request.agreement.organisation
    return {
        "order": order,
        "lines": order.lines.all(),
        "payments": order.payments.all(),
        "paid": paid_amount(order),
        "amount_due": amount_due(order),
        "invoice": invoice_of(order),
        "credit": CreditTerms.objects.filter(organisation=organisation).first(),
        "owed": owed_by(organisation, order.currency),
    }
