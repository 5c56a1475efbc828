"""The licence desk's queue and the admin site itself; found by Django when it looks for admins."""

from django.contrib import admin

from portal.desk.admin.key_requests import KeyRequestAdmin
from portal.desk.admin.site import furnish

__all__ = ["KeyRequestAdmin"]

furnish(admin.site)
