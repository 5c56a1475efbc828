"""One broken invariant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What is broken, on which row (a public id or a number), and how."""

    code: str
    subject: str
    detail: str
