"""The contact form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

TOPICS = {
    "buying": _("Buying or prices"),
    "key": _("A licence key"),
    "payment": _("A payment or an invoice"),
    "terms": _("A change of the terms"),
    "other": _("Something else"),
}


class ContactForm(forms.Form):
    """A question to the vendor. `website` is a trap: people do not see it, programs fill it in."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("Our answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    topic = forms.ChoiceField(label=_("What is it about?"), choices=list(TOPICS.items()))
    message = forms.CharField(
        label=_("Your message"),
        max_length=5000,
        help_text=_(
            "If it is about an order or an invoice, give its number. Please do not send a "
            "licence key or card details."
        ),
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    website = forms.CharField(required=False)

    def is_trapped(self) -> bool:
        """Say whether a program filled this in; only for a valid form."""
        return bool(self.cleaned_data["website"])

    def enquiry(self) -> dict[str, Any]:
        """Return what was typed, for the service."""
        cleaned = self.cleaned_data
        words = {name: cleaned[name] for name in ("name", "email", "message")}
        return {**words, "topic": str(TOPICS[cleaned["topic"]])}
