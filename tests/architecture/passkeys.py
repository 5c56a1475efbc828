"""A passkey as a browser's authenticator makes it, without a browser."""

import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from portal.accounts.models import User


def add_passkey(user: User, name: str) -> Authenticator:
    """Give somebody a passkey under a name."""
    WebAuthn.add(user, name, _credential(f"{user.pk}-{name}".encode()))
    return Authenticator.objects.filter(user=user).latest("pk")


def _credential(credential_id: bytes) -> dict[str, Any]:
    public_key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(Aaguid.NONE, credential_id, public_key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    proof = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, made)
    return {
        "type": "public-key",
        "id": websafe_encode(credential_id),
        "rawId": websafe_encode(credential_id),
        "response": {
            "clientDataJSON": websafe_encode(
                b'{"type":"webauthn.create","challenge":"AAAA","origin":"http://testserver"}'
            ),
            "attestationObject": websafe_encode(AttestationObject.create("none", proof, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
