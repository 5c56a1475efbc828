"""Stripe's events and our payment attempts: read, and asked again when one looks stuck."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.admin.columns import CHECKOUT_TONES, ORDER
from billing.models import CheckoutAttempt, StripeEvent
from billing.services.checkout import sync_checkout
from billing.webhooks.retry import retry_event
from portal.accounts.access import actor_of
from portal.audit.services import record_event
from portal.kit.admin import ReadOnlyAdmin, choices_filter
from portal.kit.admin_columns import moment, money, status
from portal.kit.staff_actions import StaffActionsAdmin, staff_action

OUTCOME_TONES = {
    StripeEvent.Outcome.APPLIED: "success",
    StripeEvent.Outcome.UNKNOWN_OBJECT: "warning",
    StripeEvent.Outcome.FAILED: "danger",
}


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    list_display = (
        "public_id",
        ORDER,
        money("amount", _("Amount")),
        status(_("Status"), CHECKOUT_TONES),
        "failure_code",
        moment("created_at", _("Opened")),
        moment("checked_at", _("Last asked Stripe")),
    )
    list_filter = (choices_filter("status"), "currency")
    list_select_related = ("order",)
    search_fields = (
        "=public_id",
        "order__public_id",
        "=session_id",
        "=payment_intent_id",
        "order__organisation__legal_name",
    )
    fields = (
        "public_id",
        ORDER,
        money("amount", _("Amount")),
        status(_("Status"), CHECKOUT_TONES),
        "failure_code",
        moment("created_at", _("Opened")),
        moment("expires_at", _("Expires")),
        moment("checked_at", _("Last asked Stripe")),
        "session_id",
        "payment_intent_id",
    )
    staff_actions = ("ask_stripe",)

    @staff_action(label=_("Ask Stripe now"), permission="billing.ask_stripe", primary=True)
    def ask_stripe(
        self, request: HttpRequest, attempt: CheckoutAttempt, data: Mapping[str, Any]
    ) -> str:
        with transaction.atomic():
            record_event(
                action="checkout.asked_stripe",
                subject_id=attempt.public_id,
                actor=actor_of(request),
            )
        attempt = sync_checkout(attempt=attempt)
        return gettext("Stripe says: %(status)s.") % {"status": attempt.get_status_display()}


def is_unhandled(event: StripeEvent) -> bool:
    return event.handled_at is None


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    list_display = (
        "type",
        "object_id",
        status(_("Outcome"), OUTCOME_TONES, field="outcome"),
        "attempts",
        moment("received_at", _("Received")),
        moment("handled_at", _("Handled")),
    )
    list_filter = (choices_filter("outcome"), "type")
    search_fields = ("=event_id", "=object_id", "type")
    fields = (
        "event_id",
        "type",
        "object_id",
        "object_type",
        status(_("Outcome"), OUTCOME_TONES, field="outcome"),
        "attempts",
        "error",
        moment("created_at", _("Made by Stripe")),
        moment("received_at", _("Received")),
        moment("handled_at", _("Handled")),
        "api_version",
        "payload",
    )
    staff_actions = ("retry",)

    @staff_action(
        label=_("Try again"), permission="billing.ask_stripe", primary=True, when=is_unhandled
    )
    def retry(self, request: HttpRequest, event: StripeEvent, data: Mapping[str, Any]) -> str:
        retry_event(event=event, actor=actor_of(request))
        return gettext("The event is handled again.")
