"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, bool]:
    """Say that this is the demo, so that its pages can say so too."""
    return {"is_demo": bool(settings.DEMO)}
