"""Mails that carry a secret: a code, a reset link, an invitation. Only their reader needs it."""

from typing import Final

from django.conf import settings

from portal.notifications.models import Mail

REMOVED: Final = "[removed after sending]"
_SECRET_KINDS: Final = ("invitation",)
# Everything that the sign-in writes: codes, reset links, links to confirm an address.
_SECRET_PREFIXES: Final = ("account.",)


def carries_secret(mail: Mail) -> bool:
    """Say whether whoever reads the mail could act as its recipient."""
    return mail.kind in _SECRET_KINDS or mail.kind.startswith(_SECRET_PREFIXES)


def may_be_read(mail: Mail) -> bool:
    """Say whether staff may see what the mail says: in the demo its page is the only reader."""
    return settings.MAIL_KEEPS_SECRETS or not carries_secret(mail)


def without_secret(mail: Mail) -> list[str]:
    """Take the words out of a sent mail that carries a secret; return the fields to save."""
    if may_be_read(mail):
        return []
    mail.text = mail.html = REMOVED
    return ["text", "html"]
