"""What can go wrong when we talk to Stripe, or Stripe to us."""

from enum import StrEnum
from typing import ClassVar

from portal.kit.errors import DomainError, gettext_noop


class StripeUnavailable(DomainError):
    """Stripe did not answer, or asked us to come later: repeat with the same idempotency key.

    `detail` is for the log, `http_status` Stripe's answer, None where there was none.
    """

    code = "payment_provider_unavailable"
    status = 503
    default_message = gettext_noop(
        "The payment service does not answer at the moment. Nothing was charged. "
        "Please try again in a minute."
    )

    def __init__(self, detail: str, *, http_status: int | None = None) -> None:
        super().__init__()
        self.detail = detail
        self.http_status = http_status


class StripeRefused(DomainError):
    """Stripe understood and said no: the same request again gets the same answer.

    `reason` is Stripe's error code (https://docs.stripe.com/error-codes) or, where it gives
    none, the kind of error; `param` the parameter it names; `decline_code` the card issuer's
    reason; `detail` Stripe's own sentence, for the log and for staff.
    """

    code = "payment_provider_refused"
    status = 502
    default_message = gettext_noop("The payment service refused this. Our staff have been told.")

    def __init__(
        self,
        detail: str,
        *,
        reason: str,
        param: str | None = None,
        decline_code: str | None = None,
        http_status: int | None = None,
    ) -> None:
        super().__init__(data={"reason": reason})
        self.detail = detail
        self.reason = reason
        self.param = param
        self.decline_code = decline_code
        self.http_status = http_status

    @property
    def is_missing(self) -> bool:
        """Stripe knows no such object under our key."""
        return self.reason == "resource_missing"


class WebhookFault(StrEnum):
    """Why a webhook is not believed."""

    NO_SECRET = "no_secret"  # noqa: S105 - the name of a fault
    NO_SIGNATURE = "no_signature"
    BAD_SIGNATURE = "bad_signature"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    BAD_BODY = "bad_body"
    WRONG_API_VERSION = "wrong_api_version"
    WRONG_MODE = "wrong_mode"


class BadWebhook(DomainError):
    """A webhook that is answered 400 and not stored; `code` is the `WebhookFault`."""

    status = 400
    default_message: ClassVar[str] = gettext_noop("This webhook was not accepted.")

    def __init__(self, fault: WebhookFault, detail: str = "") -> None:
        super().__init__(code=fault.value)
        self.fault = fault
        self.detail = detail


class AmountNotChargeable(DomainError):
    """The amount cannot be expressed in the units that Stripe takes for the currency."""

    code = "amount_not_chargeable"
    status = 422
    default_message = gettext_noop("This amount cannot be paid online in %(currency)s.")

    def __init__(self, reason: str, *, amount: int, currency: str) -> None:
        super().__init__(data={"reason": reason, "amount": amount, "currency": currency})
        self.reason = reason
