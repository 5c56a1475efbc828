"""Refusals of licensing, each with its own code and sentence."""

from django.utils.translation import gettext_lazy as _

from portal.kit.errors import Conflict, DomainError, Invalid


class AgreementExists(Conflict):
    """`data["agreement"]` is the public id of the one in the way."""

    code = "agreement_exists"
    default_message = _("There is already an agreement for this product. Add seats to it instead.")


class AgreementNotActive(Conflict):
    code = "agreement_not_active"
    default_message = _("This agreement is not active, so no key can be issued for it.")


class KeyAlreadyIssued(Conflict):
    """`data["licence"]` is the public id of the licence."""

    code = "key_already_issued"
    default_message = _("The key for this request has already been issued.")


class RequestClosed(Conflict):
    code = "request_closed"
    default_message = _("This request is closed.")


class NotWaiting(Conflict):
    code = "request_not_waiting"
    default_message = _("This request is not waiting for an answer.")


class NeedsDevice(Conflict):
    code = "needs_device"
    default_message = _(
        "A key for this product is made for one device: its serial is needed first."
    )


class NoKeyYet(Conflict):
    code = "no_key_yet"
    default_message = _("There is no active key that could be issued again.")


class KeyOnItsWay(Conflict):
    """`data["key_request"]` is the public id of the open request."""

    code = "key_on_its_way"
    default_message = _("A new key is already on its way.")


class TooManyReissues(DomainError):
    """`data`: `limit`, `days`."""

    code = "too_many_reissues"
    status = 429
    default_message = _(
        "A key can be asked for again %(limit)s times in %(days)s days. Please contact support."
    )


class LicenceRevoked(Conflict):
    code = "licence_revoked"
    default_message = _("This licence was revoked; there is no file for it.")


class TextMissing(Invalid):
    code = "text_missing"
    default_message = _("Please write a sentence here.")


class TextTooLong(Invalid):
    """`data["limit"]` is the number of characters allowed."""

    code = "text_too_long"
    default_message = _("Please use at most %(limit)s characters.")


def checked_text(text: str, *, field: str, limit: int) -> str:
    """Return a text without white space around it. Raises TextMissing and TextTooLong."""
    stripped = text.strip()
    if not stripped:
        raise TextMissing(field=field)
    if len(stripped) > limit:
        raise TextTooLong(field=field, data={"limit": limit})
    return stripped
