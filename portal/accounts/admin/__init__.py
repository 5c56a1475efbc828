"""People, groups and organisations in the admin."""

from portal.accounts.admin.organisations import OrganisationAdmin
from portal.accounts.admin.people import GroupAdmin, PersonAdmin

__all__ = ["GroupAdmin", "OrganisationAdmin", "PersonAdmin"]
