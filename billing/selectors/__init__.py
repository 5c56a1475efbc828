"""Reads for pages, services and reports; each says how many queries it makes."""

from billing.selectors.catalogue import (
    currencies_of,
    exchange_rate_on,
    price_in_force,
    prices_in_force,
    support_plans_of,
    tax_rules,
    terms_in_force,
)
from billing.selectors.documents import (
    document_for_page,
    documents_of,
    invoice_of,
    pro_forma_of,
)
from billing.selectors.money import (
    OrderMoney,
    amount_due,
    balance_of,
    not_yet_invoiced,
    order_money,
    owed_by,
    owes_overdue,
    paid_amount,
)
from billing.selectors.orders import order_for_page, order_on_its_way, orders_of

__all__ = [
    "OrderMoney",
    "amount_due",
    "balance_of",
    "currencies_of",
    "document_for_page",
    "documents_of",
    "exchange_rate_on",
    "invoice_of",
    "not_yet_invoiced",
    "order_for_page",
    "order_money",
    "order_on_its_way",
    "orders_of",
    "owed_by",
    "owes_overdue",
    "paid_amount",
    "price_in_force",
    "prices_in_force",
    "pro_forma_of",
    "support_plans_of",
    "tax_rules",
    "terms_in_force",
]
