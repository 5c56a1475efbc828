"""What customers write to the licence desk; the services hold the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.services.key_requests import REASON_LENGTH, TEXT_LENGTH


class ReissueForm(forms.Form):
    """Why a key is asked for again."""

    reason = forms.CharField(
        label=_("Why do you need it again?"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For instance: the key may have come into the wrong hands."),
        error_messages={"required": _("Please say in a sentence why you need it again.")},
    )


class AnswerForm(forms.Form):
    """The answer to a question of the licence desk."""

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write your answer here.")},
    )
