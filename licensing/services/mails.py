"""Mails about keys: who gets them, and what the templates need."""

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from licensing import links
from licensing.models import KeyRequest, Licence
from portal.accounts.models import Membership, Organisation, User
from portal.accounts.permissions import ROLE_PERMISSIONS, Permission
from portal.notifications.models import Mail
from portal.notifications.services import queue_mail
from portal.vendor.models import VendorProfile


def addresses_with(organisation: Organisation, permission: Permission) -> list[str]:
    """Return the addresses of the active members whose role carries `permission`."""
    roles = [role for role, granted in ROLE_PERMISSIONS.items() if permission in granted]
    members = Membership.objects.filter(
        organisation=organisation, role__in=roles, user__is_active=True
    )
    return list(members.order_by("pk").values_list("user__email", flat=True))


def requester_address(key_request: KeyRequest) -> list[str]:
    """Return the requester's address while that person is still an active member, else nothing."""
    members = User.objects.filter(
        memberships__organisation=key_request.agreement.organisation,
        email=key_request.requested_by.lower(),
        is_active=True,
    )
    return list(members.values_list("email", flat=True))


def mail_key_issued(licence: Licence, replaced: Licence | None) -> None:
    """Tell who may see keys, and the requester; the key itself goes only to those who may."""
    product = licence.agreement.product
    readers = addresses_with(licence.agreement.organisation, Permission.SEE_KEYS)
    asker = requester_address(licence.key_request)
    context = {
        "seats": licence.seats,
        "starts_on": licence.starts_on,
        "ends_on": licence.ends_on,
        "licence_url": links.licence_url(licence),
        "install_step": product.install_step,
        "replaced_seats": replaced.seats if replaced else None,
        "replaced_stops_at": replaced.overlap_ends_at if replaced else None,
    }
    if not product.key_in_mail:
        _queue("key_issued", licence.key_request, [*readers, *asker], {**context, "key": ""})
        return
    _queue("key_issued", licence.key_request, readers, {**context, "key": licence.key})
    others = [address for address in asker if address not in readers]
    if others:
        _queue("key_issued", licence.key_request, others, {**context, "key": ""})


def mail_question(key_request: KeyRequest) -> None:
    """Ask the customer; the promise stands still until the answer."""
    context = {
        "question": key_request.question,
        "request_url": links.key_request_url(key_request),
    }
    _queue("request_question", key_request, _answerers(key_request), context)


def mail_declined(key_request: KeyRequest) -> None:
    """Tell the customer that no key comes, and why."""
    context = {
        "reason": key_request.decline_reason,
        "was_ordered": bool(key_request.order_id),
        "request_url": links.key_request_url(key_request),
    }
    _queue("request_declined", key_request, _answerers(key_request), context)


def mail_desk_alert(kind: str, key_request: KeyRequest, vendor: VendorProfile) -> Mail | None:
    """Alert the licence desk once for each kind (`desk_due_soon`, `desk_overdue`) and request."""
    agreement = key_request.agreement
    return queue_mail(
        kind=kind,
        recipients=[vendor.licence_desk_email],
        context={
            **_about(key_request),
            "due_at": key_request.due_at,
            "seats_before": key_request.quantity_before,
            "seats_after": key_request.quantity_after,
            "taken_by": str(key_request.taken_by or ""),
            "desk_url": links.desk_url(key_request),
        },
        time_zone=vendor.zone,
        organisation_id=agreement.organisation.public_id,
        subject_id=key_request.public_id,
        once_key=f"{kind}:{key_request.public_id}",
    )


def _answerers(key_request: KeyRequest) -> list[str]:
    organisation = key_request.agreement.organisation
    return [
        *addresses_with(organisation, Permission.REQUEST_KEYS),
        *requester_address(key_request),
    ]


def _queue(
    kind: str, key_request: KeyRequest, recipients: Collection[str], context: dict[str, Any]
) -> None:
    organisation = key_request.agreement.organisation
    queue_mail(
        kind=kind,
        recipients=list(recipients),
        context={**_about(key_request), **context},
        time_zone=ZoneInfo(organisation.time_zone),
        organisation_id=organisation.public_id,
        subject_id=key_request.public_id,
    )


def _about(key_request: KeyRequest) -> dict[str, Any]:
    agreement = key_request.agreement
    return {
        "organisation_name": agreement.organisation.legal_name,
        "product_name": agreement.product.name,
        "request_kind": key_request.get_kind_display(),
        "request_id": key_request.public_id,
    }
