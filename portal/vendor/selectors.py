"""Reads of the vendor's settings."""

from datetime import date, datetime

from django.core.exceptions import ImproperlyConfigured

from portal.kit.dates import local_today
from portal.vendor.models import VendorProfile


def get_vendor() -> VendorProfile:
    """Return the vendor's settings; one query. Raises ImproperlyConfigured where none are made."""
    vendor = VendorProfile.objects.filter(pk=1).first()
    if vendor is None:
        raise ImproperlyConfigured("No vendor yet: staff make it under Admin → Vendor.")
    return vendor


def vendor_today(at: datetime, vendor: VendorProfile | None = None) -> date:
    """Return the date in the vendor's zone at an aware moment."""
    return local_today(at, (vendor or get_vendor()).zone)
