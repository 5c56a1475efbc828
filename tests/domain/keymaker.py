"""A payload and signing keys for tests of keys and files."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from licensing.domain.payload import KeyPayload
from licensing.domain.signing import SigningKey, public_keys
from licensing.domain.terms import expiry

LONDON = ZoneInfo("Europe/London")
SIGNING_KEY = SigningKey("2026a", bytes(range(32)))
OLD_KEY = SigningKey("2025a", bytes(32))
STRANGER = SigningKey("2026a", b"\x01" * 32)
PUBLIC_KEYS = public_keys((SIGNING_KEY, OLD_KEY))

PAYLOAD = KeyPayload(
    account_id="acc_vendor",
    product_id="prd_engine",
    policy_id="pol_annual",
    license_id="lic_0123456789abcdefghjkmnpqrs",
    created=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    organisation_id="org_acme",
    organisation_name="Ächme & Söhne 株式会社",
    kid="2026a",
    expiry=expiry(date(2027, 11, 24), 14, LONDON),
    ends_on=date(2027, 11, 24),
    seats=12,
    support="premier",
)
DEVICE_PAYLOAD = replace(
    PAYLOAD,
    user_id="usr_ann",
    user_email="ann@example.com",
    policy_duration=None,
    expiry=None,
    ends_on=None,
    seats=None,
    support=None,
    device="SN-0001",
)
