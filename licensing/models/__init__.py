"""Licensing's rows. An order is known here only by its public id, as text."""

from licensing.models.agreement import Agreement, SeatLedgerEntry, Term
from licensing.models.key_request import KeyRequest
from licensing.models.licence import Licence
from licensing.models.product import Product

__all__ = ["Agreement", "KeyRequest", "Licence", "Product", "SeatLedgerEntry", "Term"]
