"""Where tests of ordering start: a moment, a person who acts, drafts and placed orders."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from billing.models import Document, ExchangeRate, Order, Payment, PriceTier
from billing.selectors import terms_in_force
from billing.services.ordering import place_order, prepare_order
from billing.services.payments import record_transfer
from licensing.models import Agreement
from portal.audit.models import AuditEvent
from portal.audit.services import Actor
from portal.kit import clock
from portal.kit.errors import DomainError
from portal.notifications.models import Mail
from portal.vendor.selectors import vendor_today

# A Monday morning in working hours: a key asked for now is due on Tuesday at the same time.
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def person(customer) -> Actor:
    return Actor(
        kind="person",
        id=customer.owner.public_id,
        name=customer.owner.email,
        address="192.0.2.7",
    )


def staff_actor(user) -> Actor:
    return Actor(kind="staff", id=user.public_id, name=user.email)


def draft(shop, customer, **wishes) -> Order:
    """Twelve seats with premier support in GBP, unless the wishes say otherwise."""
    return prepare_order(
        **{
            "organisation": customer.organisation,
            "person": customer.owner,
            "product": shop.product,
            "quantity": 12,
            "support_plan": shop.product.support_plans.get(code="premier"),
            "currency": "GBP",
            "wanted_start": None,
            "label": "",
            "form_token": uuid4().hex,
            "actor": person(customer),
            **wishes,
        }
    )


def place(order, customer, **choices) -> Order:
    """Place a draft at the sum it shows, by card and with the terms in force."""
    terms = terms_in_force(order.product, clock.now())
    return place_order(
        **{
            "order": order,
            "seen_gross": order.gross_amount,
            "seen_net": order.net_amount,
            "terms_version": terms.version if terms else "2026-01",
            "pay_by": "card",
            "purchase_order": "",
            "person": customer.owner,
            "actor": person(customer),
            **choices,
        }
    )


def placed(shop, customer, *, pay_by: str = "card", purchase_order: str = "", **wishes) -> Order:
    order = draft(shop, customer, **wishes)
    return place(order, customer, pay_by=pay_by, purchase_order=purchase_order)


def exchange_rate(currency: str, day: date, rate: str) -> ExchangeRate:
    """Store what one unit of a currency is worth in pounds on a day."""
    return ExchangeRate.objects.create(
        currency=currency,
        vendor_currency="GBP",
        day=day,
        rate=Decimal(rate),
        source="HM Revenue & Customs",
    )


def pay(order: Order, staff, amount: str) -> Payment:
    """Record a transfer of so many major units, as staff do."""
    return record_transfer(
        order=order,
        amount_text=amount,
        currency=order.currency,
        received_on=vendor_today(clock.now()),
        reference=order.reference,
        staff=staff,
        form_token=f"{order.public_id}-{amount}",
        actor=staff_actor(staff),
    )


def processing(order: Order) -> None:
    """Give the order an online payment that its buyer confirmed and that is not settled."""
    order.checkout_attempts.create(
        status="processing",
        amount=order.gross_amount,
        currency=order.currency,
        return_url="http://testserver/",
        session_id=f"cs_{order.pk}",
        expires_at=MONDAY + timedelta(hours=3),
        created_at=MONDAY,
    )


def refused(call: Callable[..., Any], *args, **kwargs) -> DomainError:
    """Return the error with which a call is refused; fails where it is not."""
    with pytest.raises(DomainError) as refusal:
        call(*args, **kwargs)
    return refusal.value


def nothing_happened(order: Order) -> bool:
    """Say whether the order is the draft that it was, and nothing hangs on it."""
    order.refresh_from_db()
    return (
        order.status == "draft"
        and order.placed_at is None
        and not Document.objects.exists()
        and not Agreement.objects.exists()
        and not Mail.objects.exists()
        and not AuditEvent.objects.filter(action="order.placed").exists()
    )


def raise_prices(shop) -> None:
    """Change the price list under a draft, which freezes nothing: 130.00 instead of 120.00."""
    tier = PriceTier.objects.get(
        price__product=shop.product, price__currency="GBP", from_quantity=5
    )
    tier.unit_amount = 13000
    tier.save()
