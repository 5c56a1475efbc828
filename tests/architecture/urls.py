"""Every URL of the portal, each in one class; a new one that is in none fails the suite."""

from dataclasses import dataclass
from enum import StrEnum

from django.urls import URLPattern, URLResolver, get_resolver


class Kind(StrEnum):
    PUBLIC = "public"  # anybody, and nobody's data
    PERSON = "person"  # a signed-in person's own things
    TOKEN = "token"  # whoever holds a signed link or an invitation
    ORGANISATION = "organisation"  # members of one organisation
    STAFF = "staff"  # the admin
    MACHINE = "machine"  # other programs, each with its own proof


# The first prefix that fits decides. Everything under /o/<organisation>/ is an organisation's.
PREFIXES: tuple[tuple[str, Kind], ...] = (
    ("o/<str:organisation>/", Kind.ORGANISATION),
    ("admin/", Kind.STAFF),
    ("accounts/", Kind.PERSON),
    ("o/", Kind.PERSON),
    ("profile/", Kind.PERSON),
    ("hijack/", Kind.STAFF),
    ("invitations/<str:token>/", Kind.TOKEN),
    ("pay/<str:token>/", Kind.TOKEN),
    ("webhooks/", Kind.MACHINE),
    ("healthz/", Kind.PUBLIC),
    ("readyz/", Kind.PUBLIC),
    ("help/", Kind.PUBLIC),
    ("buy/<slug:slug>/", Kind.PUBLIC),
    ("styleguide/", Kind.PUBLIC),
    ("robots.txt", Kind.PUBLIC),
    ("favicon.ico", Kind.PUBLIC),
    (".well-known/", Kind.PUBLIC),
)


@dataclass(frozen=True)
class Url:
    """One pattern: its route as text, its names, the arguments that it takes."""

    route: str
    name: str
    arguments: tuple[str, ...]
    methods: tuple[str, ...] = ("get", "post")

    @property
    def kind(self) -> Kind | None:
        if self.route == "":
            return Kind.PUBLIC
        for prefix, kind in PREFIXES:
            if self.route.startswith(prefix):
                return kind
        return None


def all_urls() -> list[Url]:
    """Walk the resolver and return every pattern."""
    return list(_walk(get_resolver().url_patterns, "", "", ()))


def _walk(patterns, route, namespace, arguments):  # type: ignore[no-untyped-def]
    for pattern in patterns:
        here = route + str(pattern.pattern).removeprefix("^")
        taken = (*arguments, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner, taken)
        elif isinstance(pattern, URLPattern):
            yield Url(route=here, name=f"{namespace}{pattern.name or ''}", arguments=taken)
