"""Who may do what in an organisation: the table of the product's rules, in one place."""

from enum import StrEnum

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from portal.accounts.models import ROLE_LABELS, Role, User


class Permission(StrEnum):
    SEE_AGREEMENTS = "see_agreements"
    SEE_KEYS = "see_keys"
    REQUEST_KEYS = "request_keys"
    PREPARE_QUOTE = "prepare_quote"
    ORDER = "order"
    PAY = "pay"
    SEE_DOCUMENTS = "see_documents"
    # Name, address, tax number and billing contacts: what a bill needs to be right.
    EDIT_PROFILE = "edit_profile"
    MANAGE_ORGANISATION = "manage_organisation"


_EVERYBODY = frozenset({Permission.SEE_AGREEMENTS})
_LICENCES = frozenset({Permission.SEE_KEYS, Permission.REQUEST_KEYS})
_MONEY = frozenset(
    {Permission.ORDER, Permission.PAY, Permission.SEE_DOCUMENTS, Permission.EDIT_PROFILE}
)
_QUOTES = frozenset({Permission.PREPARE_QUOTE})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.LICENCE_MANAGER: _EVERYBODY | _LICENCES | _QUOTES,
    Role.BILLING: _EVERYBODY | _MONEY | _QUOTES,
    Role.MEMBER: _EVERYBODY,
}


def role_allows(role: str, permission: Permission) -> bool:
    """Say whether a role carries a permission; an unknown role carries none."""
    return any(
        known == role and permission in granted for known, granted in ROLE_PERMISSIONS.items()
    )


def roles_with(permission: Permission) -> str:
    """Return the roles that carry a permission, for people: “Owner, Licence manager”."""
    granted = [role for role, carried in ROLE_PERMISSIONS.items() if permission in carried]
    return ", ".join(str(ROLE_LABELS[role]) for role in granted)


def may_act_as(*, hijacker: User, hijacked: User) -> bool:
    """Staff with the permission may see the portal as a customer; never as other staff."""
    return (
        hijacker.is_active
        and hijacker.is_staff
        and hijacker.has_perm("accounts.act_as_customer")
        and hijacked.is_active
        and not hijacked.is_staff
        and not hijacked.is_superuser
    )


def client_address(request: HttpRequest) -> str | None:
    """Return the network address that logs keep, None where there is none.

    A proxy's header is believed only as far as ALLAUTH_TRUSTED_PROXY_COUNT says.
    """
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None
