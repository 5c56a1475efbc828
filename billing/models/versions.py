"""Rows of the catalogue that orders refer to: once used, they can only be ended, not changed."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.kit import clock
from portal.kit.errors import Conflict, DomainError, Invalid
from portal.vendor.selectors import vendor_today


class AlreadySold(Conflict):
    """A placed order refers to this row, so what it says can no longer change."""

    code = "already_sold"
    default_message = _(
        "This was sold already, so it can no longer change. End it and write the next version."
    )


class EndsInThePast(Invalid):
    """The end of something that was sold would move a day that is over."""

    code = "ends_in_the_past"
    default_message = _("It was sold already, so it can only end today or later.")


class OverlappingVersions(Conflict):
    """Two versions for the same customers would be in force on the same day."""

    code = "overlapping_versions"
    default_message = _("This overlaps the version from %(from)s. End that one first.")


class FrozenOnceUsed(models.Model):
    """Base of a row that never changes once it is used, but for `FREE_FIELDS`."""

    FREE_FIELDS: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.check_rules()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self._is_incomplete():
            # A form's own message for the missing field says enough.
            return
        try:
            self.check_rules()
        except DomainError as error:
            raise ValidationError(error.sentence(gettext), code=error.code) from error

    def is_used(self) -> bool:
        """Say whether somebody relies on what the row says."""
        raise NotImplementedError

    def check_rules(self) -> None:
        """Raise a DomainError where the row as it stands must not be saved."""
        if self.pk is not None and self.changed_fields() - self.FREE_FIELDS and self.is_used():
            raise AlreadySold

    def changed_fields(self) -> set[str]:
        """Return the names of the fields that differ from the stored row; one query."""
        return {name for name, value in self._stored().items() if getattr(self, name) != value}

    def _is_incomplete(self) -> bool:
        required = [field for field in self._meta.concrete_fields if not field.null]
        names = [field.attname for field in required if not field.primary_key]
        return any(getattr(self, name) is None for name in names)

    def _stored(self) -> dict[str, Any]:
        rows = type(self)._base_manager.filter(pk=self.pk)  # noqa: SLF001 (Django's own name)
        stored: Any = rows.values().first()
        return stored or {}


class Version(FrozenOnceUsed):
    """Base of a version in force in `[START_FIELD, END_FIELD)`; at most one on a day."""

    START_FIELD: ClassVar[str]
    END_FIELD: ClassVar[str]
    # What two versions have in common where only one of them may be in force.
    SAME_FIELDS: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    def check_rules(self) -> None:
        super().check_rules()
        self._check_end()
        other = self.overlapping().first()
        if other is not None:
            raise OverlappingVersions(data={"from": str(getattr(other, self.START_FIELD))})

    def overlapping(self) -> "models.QuerySet[Self]":
        """Return the versions that share a day with this one."""
        starts_on, ends_on = getattr(self, self.START_FIELD), getattr(self, self.END_FIELD)
        same = {name: getattr(self, name) for name in self.SAME_FIELDS}
        others = type(self)._default_manager.filter(  # noqa: SLF001 (Django's own name)
            Q(**{self.END_FIELD: None}) | Q(**{f"{self.END_FIELD}__gt": starts_on}), **same
        )
        if ends_on is not None:
            others = others.filter(**{f"{self.START_FIELD}__lt": ends_on})
        return others.exclude(pk=self.pk)

    def _check_end(self) -> None:
        """A used version's end moves only among days that are not over."""
        if self.pk is None or self.END_FIELD not in self.changed_fields() or not self.is_used():
            return
        days: list[date | None] = [self._stored()[self.END_FIELD], getattr(self, self.END_FIELD)]
        today = vendor_today(clock.now())
        if any(day is not None and day < today for day in days):
            raise EndsInThePast(field=self.END_FIELD)
