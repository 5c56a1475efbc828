"""How an online payment stands, in words for the payer."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.domain.orders import PaymentStatus
from billing.models import CheckoutAttempt
from billing.services.checkout_news import AMOUNT_DIFFERS

# Stripe's error and decline codes that a payer can do something about
# (https://docs.stripe.com/error-codes, https://docs.stripe.com/declines/codes).
REASONS: Final = {
    "card_declined": gettext_lazy("The card was declined. Its bank can say why."),
    "insufficient_funds": gettext_lazy("There was not enough money for it on the card."),
    "expired_card": gettext_lazy("The card has expired."),
    "incorrect_cvc": gettext_lazy("The card’s security code was not right."),
    "incorrect_number": gettext_lazy("The card’s number was not right."),
    "processing_error": gettext_lazy("The bank had a problem at that moment."),
    "authentication_required": gettext_lazy("The bank’s check of the payer was not completed."),
    "payment_intent_authentication_failure": gettext_lazy(
        "The bank’s check of the payer was not completed."
    ),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What to tell about an attempt; `tone` is a notice's."""

    tone: str
    title: str
    text: str


def explain(attempt: CheckoutAttempt) -> Explanation | None:
    """Return what became of a payment, None where there is nothing to say beyond the order."""
    if attempt.failure_code == AMOUNT_DIFFERS:
        return Explanation(
            "warning",
            _("A payment came that does not match this order"),
            _("Our finance team looks at it and will contact you. Please do not pay again."),
        )
    if attempt.status == PaymentStatus.PROCESSING:
        return Explanation(
            "info",
            _("Your payment is on its way"),
            _(
                "A bank debit takes a few days to arrive. We tell you by mail as soon as it has, "
                "or if it fails. You need not do anything now."
            ),
        )
    if attempt.status == PaymentStatus.FAILED:
        return Explanation("danger", _("The payment failed"), _why(attempt))
    if attempt.status == PaymentStatus.EXPIRED:
        return Explanation(
            "info",
            _("The payment page was not used in time"),
            _("Nothing was charged. You can open a new one whenever you like."),
        )
    if attempt.status == PaymentStatus.OPEN and attempt.failure_code:
        return Explanation("warning", _("The last try to pay did not work"), _why(attempt))
    return None


def _why(attempt: CheckoutAttempt) -> str:
    reason = REASONS.get(attempt.failure_code)
    nothing = _("Nothing was charged. You can try again, or pay another way.")
    return f"{reason} {nothing}" if reason else nothing
