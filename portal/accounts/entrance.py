"""The forms of the sign-in pages, in the portal's words."""

from typing import Any, Final

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext_lazy as _

EMAIL_FIELDS: Final = ("login", "email")


class PlainFields:
    """Name an e-mail address as every other page does, and drop placeholders.

    A placeholder that repeats the label reads like a value.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = getattr(self, "fields", {})
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in EMAIL_FIELDS:
                field.label = _("E-mail address")


class LoginForm(PlainFields, allauth_forms.LoginForm):  # type: ignore[misc]
    """E-mail address and password."""


class RequestLoginCodeForm(PlainFields, allauth_forms.RequestLoginCodeForm):  # type: ignore[misc]
    """The address that a code to sign in goes to."""


class ConfirmLoginCodeForm(PlainFields, allauth_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    """That code."""


class ResetPasswordForm(PlainFields, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """The address whose password is forgotten."""


class AddEmailForm(PlainFields, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """One more address of one's own."""
