"""A licence as Keygen's API shows it: one JSON:API resource, in files and in answers."""

from collections.abc import Mapping
from typing import Any

from licensing.domain.keys import SCHEME
from licensing.domain.payload import KeyPayload, timestamp

Resource = Mapping[str, Any]


def licence_resource(
    payload: KeyPayload, *, key: str, name: str, status: str, suspended: bool = False
) -> Resource:
    """Return the `licenses` resource of a licence; `status` is Keygen's word, in capitals.

    Our own facts stand in `metadata`, in Keygen's camel case.
    """
    return {
        "id": payload.license_id,
        "type": "licenses",
        "attributes": {
            "name": name,
            "key": key,
            "expiry": timestamp(payload.expiry) if payload.expiry else None,
            "status": status,
            "suspended": suspended,
            "scheme": SCHEME,
            "maxMachines": 1 if payload.device is not None else None,
            "maxUsers": payload.seats,
            "metadata": _metadata(payload),
            "created": timestamp(payload.created),
            "updated": timestamp(payload.created),
        },
        "relationships": {
            "account": _link("accounts", payload.account_id),
            "product": _link("products", payload.product_id),
            "policy": _link("policies", payload.policy_id),
            "owner": _link("users", payload.user_id),
        },
    }


def _metadata(payload: KeyPayload) -> Resource:
    return {
        "seats": payload.seats,
        "support": payload.support,
        "organisation": payload.organisation_name,
        "device": payload.device,
        "endsOn": payload.ends_on.isoformat() if payload.ends_on else None,
        "kid": payload.kid,
    }


def _link(kind: str, public_id: str | None) -> Resource:
    return {"data": {"type": kind, "id": public_id} if public_id is not None else None}
