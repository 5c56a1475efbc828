"""System checks of licensing: no portal starts that could not sign a key."""

from typing import Any

from django.core.checks import CheckMessage, Error

from licensing.domain.signing import InvalidSigningKeys, signer_of
from licensing.services.signing import keyring

_PROBE = b"the portal signs and verifies when it starts"


def check_signing_keys(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start unless every signing key can be read, signs, and verifies."""
    try:
        keys = keyring()
    except InvalidSigningKeys as error:
        return [
            Error(
                f"LICENCE_SIGNING_KEYS cannot be used: {error}.",
                hint="Run `manage.py rotate_signing_key` and set what it prints.",
                id="licensing.E001",
            )
        ]
    broken = [
        key.kid
        for key in keys.keys
        if signer_of(_PROBE, key.sign(_PROBE), {key.kid: key.public_key}) != key.kid
    ]
    return [
        Error(f"The signing key {kid!r} does not verify what it signs.", id="licensing.E002")
        for kid in broken
    ]
