"""Stripe's test cards and bank debits (https://docs.stripe.com/testing)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Failure:
    """Why a payment fails: Stripe's code, the issuer's code, the sentence for the payer."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Card:
    """What happens when a test card pays."""

    brand: str
    needs_authentication: bool = False
    failure: Failure | None = None
    refund: str = "succeeded"


DECLINED: Final = Failure("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS: Final = Failure(
    "card_declined", "insufficient_funds", "Your card has insufficient funds."
)
EXPIRED: Final = Failure("expired_card", "expired_card", "Your card has expired.")
WRONG_CVC: Final = Failure(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."
)
PROCESSING: Final = Failure(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
REAL_CARD: Final = Failure(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. This page is in test mode, and takes only Stripe's test cards.",
)
NOT_AUTHENTICATED: Final = Failure(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
)
DEBIT_RETURNED: Final = Failure(
    "payment_intent_payment_attempt_failed",
    "insufficient_funds",
    "The bank returned the debit: there was not enough money in the account.",
)

CARDS: Final = {
    "4242424242424242": Card("visa"),
    "4000056655665556": Card("visa"),
    "5555555555554444": Card("mastercard"),
    "378282246310005": Card("amex"),
    "4000000000003220": Card("visa", needs_authentication=True),
    "4000002500003155": Card("visa", needs_authentication=True),
    "4000002760003184": Card("visa", needs_authentication=True),
    "4000008260003178": Card("visa", needs_authentication=True, failure=NO_FUNDS),
    "4000008400001629": Card("visa", needs_authentication=True, failure=DECLINED),
    "4000000000000002": Card("visa", failure=DECLINED),
    "4000000000009995": Card("visa", failure=NO_FUNDS),
    "4000000000000069": Card("visa", failure=EXPIRED),
    "4000000000000127": Card("visa", failure=WRONG_CVC),
    "4000000000000119": Card("visa", failure=PROCESSING),
    "4000000000007726": Card("visa", refund="pending"),
    "4000000000005126": Card("visa"),
}

BANK_DEBITS: Final = {"gbp": "bacs_debit", "eur": "sepa_debit", "usd": "us_bank_account"}


def digits_of(text: str) -> str:
    """A card number without its spaces and dashes."""
    return "".join(text.split()).replace("-", "")


def passes_luhn(number: str) -> bool:
    """Whether the check digit is right."""
    if not (number.isascii() and number.isdecimal() and 12 <= len(number) <= 19):
        return False
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def card_of(number: str) -> Card:
    """How this number behaves; a number that is no test card is declined."""
    return CARDS.get(number, Card("unknown", failure=REAL_CARD))
