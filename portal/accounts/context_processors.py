"""Where the reader is: the organisation of the page and the ones to switch to."""

from typing import Any

from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Give the header its organisation; set by the views under /o/<organisation>/."""
    return {"membership": getattr(request, "membership", None)}
