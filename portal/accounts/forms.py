"""Forms of people and organisations."""

from django import forms


class SignUpForm(forms.Form):
    """Filled in by the accounts author."""

    def signup(self, request: object, user: object) -> None:
        return None
