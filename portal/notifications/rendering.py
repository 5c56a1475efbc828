"""Words of a mail: three templates of one kind, read in the zone of its readers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone, translation

from portal.kit.urls import absolute

SUBJECT_LENGTH = 200
_GAP = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail as it will be read."""

    subject: str
    text: str
    html: str


def one_line(text: str) -> str:
    """Return a subject: one line, so that no header can be smuggled in, and not too long."""
    return " ".join(text.split())[:SUBJECT_LENGTH]


def without_gaps(text: str) -> str:
    """Return a text with at most one empty line in a row, where a template left something out."""
    return _GAP.sub("\n\n", text).strip() + "\n"


def render_mail(kind: str, context: Mapping[str, Any], time_zone: ZoneInfo) -> RenderedMail:
    """Render `email/<kind>.{subject.txt,txt,html}`, times in `time_zone`.

    Raises TemplateDoesNotExist for an unknown kind.
    """
    values = {**_common(), **context}
    with timezone.override(time_zone), translation.override(settings.LANGUAGE_CODE):
        subject = one_line(_render(f"email/{kind}.subject.txt", values, escape=False))
        text = without_gaps(_render(f"email/{kind}.txt", values, escape=False))
        html = _render(f"email/{kind}.html", {**values, "subject": subject}, escape=True)
    return RenderedMail(subject=subject, text=text, html=html)


def _render(name: str, values: Mapping[str, Any], *, escape: bool) -> str:
    template = Engine.get_default().get_template(name)
    return template.render(Context(dict(values), autoescape=escape))


def _common() -> dict[str, str]:
    """Return what every mail knows: who sends it, and where the portal is."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return {"sender_name": name or address, "portal_url": absolute("/")}
