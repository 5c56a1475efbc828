"""Paying in tests: through the stand-in's page, with Stripe's own signed events."""

import json
from dataclasses import dataclass
from typing import Any

import stripe
from django.test import Client

from billing.models import CheckoutAttempt, Order, Payment
from billing.services.checkout import start_checkout
from billing.services.payments import record_transfer
from portal.audit.services import SYSTEM
from portal.kit import clock
from portal.vendor.selectors import vendor_today
from tests.billing.given import staff_actor
from tests.stripe_standin.process import StandinProcess

SECRET = "whsec_billing_tests"
RETURN_PATH = "/pay/of-this-test/"


@dataclass
class Payer:
    """Opens the payment page of an order, pays on it, and lets Stripe's events arrive."""

    standin: StandinProcess
    client: Client

    def open_page(self, order: Order) -> CheckoutAttempt:
        url = start_checkout(order=order, return_path=RETURN_PATH, actor=SYSTEM)
        return CheckoutAttempt.objects.get(url=url)

    def pay(self, order: Order, **how: Any) -> CheckoutAttempt:
        """Open the page and pay on it; Stripe's events wait to be delivered."""
        attempt = self.open_page(order)
        self.standin.pay(attempt.session_id or "", **how)
        return attempt

    def deliver(self, *types: str) -> list[int]:
        """Deliver the events of these types in this order, all of them without types."""
        events = self.standin.events()
        if types:
            events = [event for wanted in types for event in events if event["type"] == wanted]
        return [self.post(event).status_code for event in events]

    def post(self, event: dict[str, Any]) -> Any:
        return post_event(self.client, json.dumps(event).encode())


def post_event(client: Client, body: bytes, secret: str = SECRET, **headers: str) -> Any:
    """Post a webhook as Stripe does, signed with the library's own code."""
    signature = stripe.WebhookSignature.generate_signature_header(body.decode(), secret)
    return client.post(
        "/webhooks/stripe/",
        data=body,
        content_type="application/json",
        headers={"Stripe-Signature": signature, **headers},
    )


def transfer(order: Order, amount: str, staff: Any, **changes: Any) -> Payment:
    """Record a transfer that staff saw today; each call is another form unless told otherwise."""
    line = Payment.objects.count()
    return record_transfer(
        **{
            "order": order,
            "amount_text": amount,
            "currency": order.currency,
            "received_on": vendor_today(clock.now()),
            "reference": f"statement 17, line {line}",
            "staff": staff,
            "form_token": f"form-{order.public_id}-{line}",
            "actor": staff_actor(staff),
            **changes,
        }
    )
