"""The vendor's name and addresses for the frame of every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.vendor.models import VendorProfile


def vendor(request: HttpRequest) -> dict[str, Any]:
    """Give pages `vendor`: read when first shown, one query; None before staff made the row."""
    return {"vendor": SimpleLazyObject(lambda: VendorProfile.objects.filter(pk=1).first())}
