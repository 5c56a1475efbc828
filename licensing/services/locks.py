"""Row locks of licensing, always agreement before what hangs on it."""

from licensing.models import Agreement, KeyRequest, Licence


def lock_agreement(agreement: Agreement) -> Agreement:
    """Return the agreement as it is now, locked until the transaction ends."""
    return (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("product", "organisation")
        .get(pk=agreement.pk)
    )


def lock_key_request(key_request: KeyRequest) -> KeyRequest:
    """Return the request as it is now, locked, its agreement locked before it."""
    agreement = lock_agreement(key_request.agreement)
    locked = KeyRequest.objects.select_for_update().get(pk=key_request.pk)
    locked.agreement = agreement
    return locked


def lock_licence(licence: Licence) -> Licence:
    """Return the licence as it is now, locked, its agreement locked before it."""
    agreement = lock_agreement(licence.agreement)
    locked = Licence.objects.select_for_update().get(pk=licence.pk)
    locked.agreement = agreement
    return locked
