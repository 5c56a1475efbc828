"""What a licence key says: Keygen's default members and ours, to and from JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

# Keygen's members and ours; a key with others was not made here.
_MEMBERS = frozenset(
    {"account", "product", "policy", "user", "license"}
    | {"seats", "support", "organisation", "device", "ends_on", "kid"}
)


class MalformedPayload(ValueError):
    """The JSON is not a payload of ours."""


@dataclass(frozen=True, slots=True)
class KeyPayload:
    """The statement that a key signs.

    Ids are public ids. `account_id` is the vendor's. `expiry` (UTC) is the end of use, grace
    included; `ends_on` the term's own exclusive end: both None for a perpetual licence. `seats`
    is set for seat products, `device` (its serial) for user and device products. `support` names
    the support plan. `kid` names the signing key.
    """

    account_id: str
    product_id: str
    policy_id: str
    license_id: str
    created: datetime
    organisation_id: str
    organisation_name: str
    kid: str
    policy_duration: int | None = None
    user_id: str | None = None
    user_email: str | None = None
    expiry: datetime | None = None
    ends_on: date | None = None
    seats: int | None = None
    support: str | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        for moment in (self.created, self.expiry):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError("times in a key need a time zone")
        if self.seats is not None and self.seats <= 0:
            raise ValueError("a key states at least one seat")

    def is_expired(self, at: datetime) -> bool:
        """Say whether use has ended at the moment `at`; the moment of expiry is already after."""
        return self.expiry is not None and at >= self.expiry


def to_json(payload: KeyPayload) -> bytes:
    """Return the payload as compact ASCII JSON, Keygen's default members first."""
    user = None
    if payload.user_id is not None:
        user = {"id": payload.user_id, "email": payload.user_email}
    document = {
        "account": {"id": payload.account_id},
        "product": {"id": payload.product_id},
        "policy": {"id": payload.policy_id, "duration": payload.policy_duration},
        "user": user,
        "license": {
            "id": payload.license_id,
            "created": timestamp(payload.created),
            "expiry": timestamp(payload.expiry) if payload.expiry else None,
        },
        "seats": payload.seats,
        "support": payload.support,
        "organisation": {"id": payload.organisation_id, "name": payload.organisation_name},
        "device": payload.device,
        "ends_on": payload.ends_on.isoformat() if payload.ends_on else None,
        "kid": payload.kid,
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def from_json(data: bytes) -> KeyPayload:
    """Read what `to_json` wrote. Raises MalformedPayload for anything else."""
    try:
        document = json.loads(data)
        return _payload(_object(document, _MEMBERS))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise MalformedPayload("the key's content cannot be read") from error


def timestamp(moment: datetime) -> str:
    """Return a moment as Keygen writes it: UTC, milliseconds, "Z"."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def parse_timestamp(text: str) -> datetime:
    """Read what `timestamp` wrote, in UTC. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None or timestamp(moment) != text:
        raise ValueError(f"not a timestamp: {text!r}")
    return moment.astimezone(UTC)


def _payload(document: Mapping[str, Any]) -> KeyPayload:
    policy = _object(document["policy"], {"id", "duration"})
    user = document["user"]
    user = {"id": None, "email": None} if user is None else _object(user, {"id", "email"})
    licence = _object(document["license"], {"id", "created", "expiry"})
    organisation = _object(document["organisation"], {"id", "name"})
    expiry, ends_on = _text_or_none(licence["expiry"]), _text_or_none(document["ends_on"])
    return KeyPayload(
        account_id=_text(_object(document["account"], {"id"})["id"]),
        product_id=_text(_object(document["product"], {"id"})["id"]),
        policy_id=_text(policy["id"]),
        policy_duration=_whole_or_none(policy["duration"]),
        user_id=_text_or_none(user["id"]),
        user_email=_text_or_none(user["email"]),
        license_id=_text(licence["id"]),
        created=parse_timestamp(_text(licence["created"])),
        expiry=parse_timestamp(expiry) if expiry is not None else None,
        ends_on=date.fromisoformat(ends_on) if ends_on is not None else None,
        seats=_whole_or_none(document["seats"]),
        support=_text_or_none(document["support"]),
        organisation_id=_text(organisation["id"]),
        organisation_name=_text(organisation["name"]),
        device=_text_or_none(document["device"]),
        kid=_text(document["kid"]),
    )


def _object(value: object, members: set[str] | frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != members:
        raise MalformedPayload(f"an object with {sorted(members)} is needed")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedPayload("a text is needed")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _whole_or_none(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedPayload("a whole number is needed")
    return value
