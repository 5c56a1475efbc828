"""Fields that a service got from anywhere, held to what their model says."""

from collections.abc import Collection

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from portal.kit.errors import Invalid


def refuse_invalid(instance: Model, *, fields: Collection[str]) -> None:
    """Raise Invalid, with the field's name, for the first of `fields` that its model refuses."""
    others = {field.name for field in instance._meta.fields} - set(fields)  # noqa: SLF001
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        named = None if field == NON_FIELD_ERRORS else field
        raise Invalid(messages[0], field=named) from error


def one_line(text: str) -> str:
    """Return a name as one line, so that it cannot smuggle a header into a mail."""
    return " ".join(text.split())
