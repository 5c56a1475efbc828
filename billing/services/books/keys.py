"""Keys state what the ledger of seats says, and prove themselves."""

from collections.abc import Iterator

from django.db.models import Count

from billing.services.books.finding import Finding
from licensing.domain.keys import InvalidKey, read_key
from licensing.domain.payload import KeyPayload
from licensing.domain.statuses import CURRENT_LICENCES
from licensing.models import Licence, SeatLedgerEntry
from licensing.models.product import Metric
from licensing.services.signing import keyring

CANCELLED = "cancelled"


def seats_match_ledger() -> Iterator[Finding]:
    """A seat key states the sum of the seat ledger as it stood when the key was issued."""
    entries: dict[int, list[SeatLedgerEntry]] = {}
    # Seats are given back when an agreement is cancelled; no key is issued after that.
    for entry in SeatLedgerEntry.objects.exclude(reason=CANCELLED):
        entries.setdefault(entry.agreement_id, []).append(entry)
    licences = Licence.objects.filter(agreement__product__metric=Metric.SEAT).order_by("pk")
    for licence in licences.iterator(500):
        booked = entries.get(licence.agreement_id, [])
        held = sum(entry.quantity for entry in booked if entry.at <= licence.issued_at)
        if held != licence.seats:
            yield Finding("seats_differ", licence.public_id, f"{licence.seats}, ledger {held}")


def one_licence_in_force() -> Iterator[Finding]:
    """A seat agreement has at most one licence in force."""
    in_force = Licence.objects.filter(
        status__in=CURRENT_LICENCES, agreement__product__metric=Metric.SEAT
    )
    several = in_force.order_by().values("agreement__public_id").annotate(count=Count("pk"))
    for row in several.filter(count__gt=1):
        yield Finding("several_in_force", row["agreement__public_id"], f"{row['count']}")


def keys_verify() -> Iterator[Finding]:
    """Each key verifies with the signing key that its row names, and states what its row says."""
    public_keys = keyring().public_keys
    for licence in Licence.objects.order_by("pk").iterator(500):
        own = {kid: key for kid, key in public_keys.items() if kid == licence.kid}
        try:
            payload = read_key(licence.key, own)
        except InvalidKey as error:
            yield Finding("key_not_genuine", licence.public_id, f"{licence.kid}: {error.reason}")
            continue
        if _stated(payload) != _of_row(licence):
            yield Finding("key_states_other", licence.public_id, f"{_stated(payload)}")


def _stated(payload: KeyPayload) -> tuple[object, ...]:
    return (payload.license_id, payload.seats, payload.ends_on, payload.expiry, payload.kid)


def _of_row(licence: Licence) -> tuple[object, ...]:
    return (
        licence.public_id,
        licence.seats,
        licence.ends_on,
        licence.expires_at,
        licence.kid,
    )
