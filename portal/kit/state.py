"""The single setter of a status."""

from typing import Any, ClassVar

from portal.kit.transitions import TransitionTable


class HasStatus:
    """Give a model `move_to`, the only way its status changes."""

    TRANSITIONS: ClassVar[TransitionTable[Any]]
    status: str

    def move_to(self, status: str) -> None:
        """Set the status if the table allows it; raises IllegalTransition. Saves nothing."""
        self.TRANSITIONS.check(self.status, status)
        self.status = status
