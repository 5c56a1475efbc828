"""Billing contacts: addresses that get documents, shared mailboxes too."""

from django.db import transaction

from portal.accounts.errors import AlreadyContact, TooManyContacts
from portal.accounts.models import BillingContact, Organisation
from portal.accounts.services.validation import one_line, refuse_invalid
from portal.audit.services import Actor, record_event

MAXIMUM_CONTACTS = 20


@transaction.atomic
def add_billing_contact(
    *, organisation: Organisation, email: str, name: str, is_shared_mailbox: bool, actor: Actor
) -> BillingContact:
    """Send an organisation's documents to one more address; each address once.

    Raises Invalid, AlreadyContact and TooManyContacts.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    contact = BillingContact(
        organisation=organisation,
        email=email.strip(),
        name=one_line(name),
        is_shared_mailbox=is_shared_mailbox,
    )
    refuse_invalid(contact, fields=["email", "name"])
    if organisation.billing_contacts.filter(email__iexact=contact.email).exists():
        raise AlreadyContact(field="email", data={"email": contact.email})
    if organisation.billing_contacts.count() >= MAXIMUM_CONTACTS:
        raise TooManyContacts(data={"limit": MAXIMUM_CONTACTS})
    contact.save()
    _record("billing_contact.added", contact, actor)
    return contact


@transaction.atomic
def remove_billing_contact(*, contact: BillingContact, actor: Actor) -> None:
    """Stop sending documents to an address; without any, owners and billing members get them."""
    _record("billing_contact.removed", contact, actor)
    contact.delete()


def _record(action: str, contact: BillingContact, actor: Actor) -> None:
    record_event(
        action=action,
        subject_id=contact.public_id,
        actor=actor,
        organisation_id=contact.organisation.public_id,
        data={"email": contact.email, "is_shared_mailbox": contact.is_shared_mailbox},
    )
