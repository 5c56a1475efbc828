"""Billing's rows: what is sold at which price, ordered, owed and paid."""

from billing.models.catalogue import (
    ExchangeRate,
    Price,
    PriceTier,
    SupportPlan,
    TaxRule,
    TermsVersion,
)
from billing.models.credit import CreditTerms
from billing.models.document import Document, DocumentFile, DocumentLine, NumberSeries
from billing.models.order import Order, OrderLine
from billing.models.payment import CheckoutAttempt, LedgerEntry, Payment, Refund
from billing.models.task import FinanceTask
from billing.models.webhook import StripeEvent

__all__ = [
    "CheckoutAttempt",
    "CreditTerms",
    "Document",
    "DocumentFile",
    "DocumentLine",
    "ExchangeRate",
    "FinanceTask",
    "LedgerEntry",
    "NumberSeries",
    "Order",
    "OrderLine",
    "Payment",
    "Price",
    "PriceTier",
    "Refund",
    "StripeEvent",
    "SupportPlan",
    "TaxRule",
    "TermsVersion",
]
