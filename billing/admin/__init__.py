"""Billing in the admin: the price list is edited, what was sold and paid is read and acted on."""

from billing.admin import catalogue, credit, documents, money, orders, stripe, tasks, taxes

__all__ = ["catalogue", "credit", "documents", "money", "orders", "stripe", "tasks", "taxes"]
