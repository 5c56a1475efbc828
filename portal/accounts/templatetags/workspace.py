"""What a page may offer to the member who looks at it."""

from django import template

from portal.accounts.models import Membership
from portal.accounts.permissions import Permission, role_allows

register = template.Library()


@register.filter
def may(membership: Membership | None, permission: str) -> bool:
    """`{% if membership|may:"pay" %}`; nobody may do anything without a membership.

    Raises ValueError for a permission that does not exist.
    """
    wanted = Permission(permission)
    return membership is not None and role_allows(membership.role, wanted)
