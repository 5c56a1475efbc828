"""Prices, orders, payments, documents: the money side of the portal."""
