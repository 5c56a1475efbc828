"""What is broken here is paid for like in billing's tests, and the books must hold as well."""

from tests.billing.conftest import books_hold, payer, running_standin, standin

__all__ = ["books_hold", "payer", "running_standin", "standin"]
