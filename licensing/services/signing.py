"""The vendor's signing keys, as the settings give them."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from licensing.domain.signing import SigningKey, parse_signing_keys, public_keys


class UnknownSigningKey(LookupError):
    """A licence was signed with a key that the settings no longer hold."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """All signing keys; the first one signs, the others prove what was signed before."""

    keys: tuple[SigningKey, ...]

    @property
    def current(self) -> SigningKey:
        """The key that signs new licences."""
        return self.keys[0]

    @property
    def public_keys(self) -> dict[str, bytes]:
        """Every key's 32 public bytes by its name."""
        return public_keys(self.keys)

    def by_kid(self, kid: str) -> SigningKey:
        """Return the key of this name. Raises UnknownSigningKey."""
        for key in self.keys:
            if key.kid == kid:
                return key
        raise UnknownSigningKey(f"LICENCE_SIGNING_KEYS no longer holds {kid!r}")


def keyring() -> Keyring:
    """Return the keys of LICENCE_SIGNING_KEYS. Raises InvalidSigningKeys."""
    return _keyring(settings.LICENCE_SIGNING_KEYS)


@lru_cache(maxsize=4)
def _keyring(text: str) -> Keyring:
    return Keyring(parse_signing_keys(text))
