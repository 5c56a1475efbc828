"""Errors of the domain: a code for machines, a sentence for people, a status for HTTP."""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def gettext_noop(text: str) -> str:
    """Mark `text` for translation without translating it.

    The name is one that `makemessages` extracts, so pure modules can mark their sentences
    without importing a framework; `DomainError.sentence` translates them when shown.
    """
    return text


class DomainError(Exception):
    """A rule said no. Pages show it as a sentence, the API as one JSON shape.

    `message` is a plain or a lazily translated string; `%(name)s` in it is filled from `data`,
    after translation. `field` names the input that is wrong, if one is. `data` holds plain JSON
    values that help a machine (for instance the minimum quantity).
    """

    code: str = "refused"
    status: int = 422
    default_message: ClassVar[object] = gettext_noop("This cannot be done.")

    def __init__(
        self,
        message: object = None,
        *,
        code: str | None = None,
        field: str | None = None,
        data: Mapping[str, object] | None = None,
        status: int | None = None,
    ) -> None:
        self.message: object = self.default_message if message is None else message
        self.field = field
        self.data: dict[str, object] = dict(data or {})
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status
        super().__init__(self.message)

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the message for people, run through `translate` and filled from `data`."""
        return _PLACEHOLDER.sub(self._fill, translate(str(self.message)))

    def _fill(self, match: re.Match[str]) -> str:
        name = match.group(1)
        return str(self.data[name]) if name in self.data else match.group(0)

    def __str__(self) -> str:
        return self.sentence()


class NotAllowed(DomainError):
    """The person is known, and may not do this."""

    code = "not_allowed"
    status = 403
    default_message: ClassVar[object] = gettext_noop("You are not allowed to do this.")


class NotFound(DomainError):
    """It does not exist, or not for this organisation (the answer is the same)."""

    code = "not_found"
    status = 404
    default_message: ClassVar[object] = gettext_noop("This page or object does not exist.")


class Conflict(DomainError):
    """The state has moved on, so the request no longer fits it."""

    code = "conflict"
    status = 409
    default_message: ClassVar[object] = gettext_noop(
        "This has changed in the meantime. Please reload and try again."
    )


class Invalid(DomainError):
    """The input breaks a rule."""

    code = "invalid"
    status = 422
    default_message: ClassVar[object] = gettext_noop("This input is not valid.")
