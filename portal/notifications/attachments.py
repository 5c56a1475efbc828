"""What a mail carries: named by a public id when it is written, made when it goes out."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a mail."""

    filename: str
    content_type: str
    content: bytes


Resolver = Callable[[str], Attachment]
_resolvers: dict[str, Resolver] = {}


class UnknownAttachment(LookupError):
    """No app said what public ids with this prefix stand for."""


def register(prefix: str, resolver: Resolver) -> None:
    """Let `resolver` make the files of public ids such as `<prefix>_…`; called when apps start."""
    _resolvers[prefix] = resolver


def resolver_of(public_id: str) -> Resolver:
    """Return what makes this file. Raises UnknownAttachment."""
    prefix = public_id.partition("_")[0]
    try:
        return _resolvers[prefix]
    except KeyError:
        raise UnknownAttachment(f"nothing makes attachments for {prefix!r}") from None


def resolve(public_id: str) -> Attachment:
    """Make the file now. Raises UnknownAttachment, and whatever its maker raises."""
    return resolver_of(public_id)(public_id)
