"""Status machines as data: which status may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from portal.kit.errors import Conflict, gettext_noop

Status = TypeVar("Status", bound=StrEnum)


class IllegalTransition(Conflict):
    """A status was asked to change in a way that the table does not know."""

    code = "illegal_transition"
    default_message = gettext_noop("This cannot change from “%(from)s” to “%(to)s”.")


@dataclass(frozen=True, slots=True)
class TransitionTable(Generic[Status]):
    """Every status of one kind of thing, with those that may follow it.

    A status without a follower is terminal. Staying in the same status is a transition too, and
    is refused unless listed, so that a change is never recorded twice.
    """

    name: str
    followers: Mapping[Status, frozenset[Status]]

    def __post_init__(self) -> None:
        named = {status for nexts in self.followers.values() for status in nexts}
        unknown = named - set(self.followers)
        if unknown:
            raise ValueError(f"{self.name}: no row for {sorted(unknown)}")

    @property
    def statuses(self) -> frozenset[Status]:
        """All statuses."""
        return frozenset(self.followers)

    @property
    def terminal(self) -> frozenset[Status]:
        """The statuses that nothing follows."""
        return frozenset(status for status, nexts in self.followers.items() if not nexts)

    def next_of(self, status: str) -> frozenset[Status]:
        """Return the statuses that may follow `status`; none for an unknown one."""
        for known, nexts in self.followers.items():
            if known == status:
                return nexts
        return frozenset()

    def allows(self, from_: str, to: str) -> bool:
        """Say whether `to` may follow `from_`."""
        return to in self.next_of(from_)

    def check(self, from_: str, to: str) -> None:
        """Raise IllegalTransition unless `to` may follow `from_`."""
        if not self.allows(from_, to):
            raise IllegalTransition(
                data={"from": str(from_), "to": str(to), "machine": self.name},
            )
