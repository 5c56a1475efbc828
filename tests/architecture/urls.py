"""Every URL of the portal, each in one class; a new one that is in none fails the suite."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


class Kind(StrEnum):
    PUBLIC = "public"  # anybody, and nobody's data
    ENTRANCE = "entrance"  # the way in: visitors, who are nobody yet
    PERSON = "person"  # a signed-in person's own things
    TOKEN = "token"  # whoever holds a signed link or an invitation
    ORGANISATION = "organisation"  # members of one organisation
    STAFF = "staff"  # the admin
    MACHINE = "machine"  # other programs, each with its own proof


# The first prefix that fits decides. Everything under /o/<organisation>/ is an organisation's, and
# everything under /accounts/ a signed-in person's, except what is written here as an entrance.
PREFIXES: tuple[tuple[str, Kind], ...] = (
    ("o/<str:organisation>/", Kind.ORGANISATION),
    ("admin/", Kind.STAFF),
    ("hijack/", Kind.STAFF),
    ("accounts/login/", Kind.ENTRANCE),
    ("accounts/logout/", Kind.ENTRANCE),
    ("accounts/signup/", Kind.ENTRANCE),
    ("accounts/inactive/", Kind.ENTRANCE),
    ("accounts/confirm-email/", Kind.ENTRANCE),
    ("accounts/password/reset/", Kind.ENTRANCE),
    ("accounts/2fa/authenticate/", Kind.ENTRANCE),
    ("accounts/2fa/webauthn/login/", Kind.ENTRANCE),
    ("accounts/3rdparty/login/", Kind.ENTRANCE),
    ("accounts/3rdparty/signup/", Kind.ENTRANCE),
    ("accounts/social/", Kind.ENTRANCE),
    ("accounts/oidc/", Kind.ENTRANCE),
    ("accounts/", Kind.PERSON),
    ("o/", Kind.PERSON),
    ("profile/", Kind.PERSON),
    ("invitations/<str:token>/", Kind.TOKEN),
    ("pay/<str:token>/", Kind.TOKEN),
    ("webhooks/", Kind.MACHINE),
    ("healthz/", Kind.PUBLIC),
    ("readyz/", Kind.PUBLIC),
    ("help/", Kind.PUBLIC),
    ("buy/<slug:slug>/", Kind.PUBLIC),
    ("styleguide/", Kind.PUBLIC),
    ("favicon.ico", Kind.PUBLIC),
)

# What may stand in a URL of each class. A new name needs rows to try it with.
ARGUMENTS: dict[Kind, frozenset[str]] = {
    Kind.PUBLIC: frozenset({"slug"}),
    Kind.ENTRANCE: frozenset({"uidb36", "key", "provider_id"}),
    Kind.PERSON: frozenset({"pk"}),
    Kind.TOKEN: frozenset({"token", "document"}),
    Kind.ORGANISATION: frozenset(
        {
            "organisation",
            "agreement",
            "contact",
            "document",
            "invitation",
            "key_request",
            "licence",
            "order",
            "person",
            "slug",
        }
    ),
    Kind.STAFF: frozenset(
        {
            "app_label",
            "content_type_id",
            "name",
            "object_id",
            "organisation",
            "url",
        }
    ),
    Kind.MACHINE: frozenset(),
}
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")


@dataclass(frozen=True)
class Url:
    """One pattern: its route as text, its name, the arguments that it takes, its view."""

    route: str
    name: str
    arguments: tuple[str, ...] = ()
    view: Callable[..., Any] | None = None

    @property
    def kind(self) -> Kind | None:
        if self.route == "":
            return Kind.PUBLIC
        for prefix, kind in PREFIXES:
            if self.route.startswith(prefix):
                return kind
        return None

    @property
    def unknown_arguments(self) -> set[str]:
        """The arguments that no test knows how to fill."""
        return set(self.arguments) - ARGUMENTS[self.kind] if self.kind else set(self.arguments)

    @property
    def title(self) -> str:
        """The route as a part of a test's name."""
        return re.sub(r"\W+", "_", self.route).strip("_") or "root"

    def path(self, values: Mapping[str, object]) -> str:
        """Return an address of this pattern. Raises KeyError for an argument without a value."""
        route = _ARGUMENT.sub(lambda found: str(values[found[1] or found[2]]), self.route)
        return "/" + route.removesuffix("$")


def all_urls() -> list[Url]:
    """Walk the resolver and return every pattern."""
    return list(_walk(get_resolver().url_patterns, "", "", ()))


def urls_of(*kinds: Kind) -> list[Url]:
    return [url for url in all_urls() if url.kind in kinds]


def _walk(
    patterns: list[Any], route: str, namespace: str, arguments: tuple[str, ...]
) -> Iterator[Url]:
    for pattern in patterns:
        here = route + str(pattern.pattern).removeprefix("^")
        taken = (*arguments, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner, taken)
        elif isinstance(pattern, URLPattern):
            yield Url(here, f"{namespace}{pattern.name or ''}", taken, pattern.callback)
