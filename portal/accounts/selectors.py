"""Reads of people and organisations, each with a fixed number of queries."""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Case, Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from portal.accounts.errors import InvitationUnknown
from portal.accounts.models import (
    BillingContact,
    Invitation,
    Membership,
    Organisation,
    Role,
    TaxNumberCheck,
    User,
)
from portal.accounts.tokens import hash_token


def memberships_of(user: User) -> QuerySet[Membership]:
    """Return a person's memberships with their organisations, by name."""
    return (
        Membership.objects.filter(user=user)
        .select_related("organisation")
        .order_by("organisation__legal_name", "pk")
    )


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return the members with their people, owners first, then by e-mail."""
    owners_first = Case(When(role=Role.OWNER, then=Value(0)), default=Value(1))
    return organisation.memberships.select_related("user").order_by(owners_first, "user__email")


def member_count() -> Coalesce:
    """Return how many members an organisation has, as a column that no search multiplies."""
    members = Membership.objects.filter(organisation=OuterRef("pk")).order_by()
    counted = members.values("organisation").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def get_member(organisation: Organisation, person_id: str) -> Membership:
    """Return one member by the person's public id; raises Membership.DoesNotExist."""
    return organisation.memberships.select_related("user", "organisation").get(
        user__public_id=person_id
    )


def unanswered_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Return the invitations that nobody has accepted or withdrawn, expired ones too."""
    return organisation.invitations.filter(accepted_at=None, withdrawn_at=None)


def invitation_of_token(token: str) -> Invitation:
    """Return the invitation of a link, in whatever state; raises InvitationUnknown."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(token_hash=hash_token(token))
        .first()
    )
    if invitation is None:
        raise InvitationUnknown
    return invitation


def latest_passed_check(organisation: Organisation) -> TaxNumberCheck | None:
    """Return the latest evidence for the number that the organisation has now, if there is any.

    A check of an earlier number, or made for another country, is evidence of nothing today. What
    staff found out last about a number outweighs its format, which says nothing of whose it is.
    """
    if not organisation.vat_number:
        return None
    checks = organisation.tax_number_checks.filter(
        number=organisation.vat_number, country=str(organisation.country)
    )
    staff_first = Case(When(source=TaxNumberCheck.Source.STAFF, then=Value(0)), default=Value(1))
    latest = checks.order_by(staff_first, "-checked_at", "-pk").first()
    return latest if latest is not None and latest.passed else None


def contacts_of(organisation: Organisation) -> QuerySet[BillingContact]:
    """Return the addresses that get documents."""
    return organisation.billing_contacts.order_by("email")


def emails_of(organisation: Organisation, roles: Iterable[Role]) -> list[str]:
    """Return the e-mail addresses of the active members with one of these roles."""
    members = organisation.memberships.filter(role__in=list(roles), user__is_active=True)
    return list(members.order_by("user__email").values_list("user__email", flat=True))


def is_active_member(organisation: Organisation, person: User) -> bool:
    """Say whether a person who can sign in acts for the organisation still."""
    members = organisation.memberships.filter(user=person, user__is_active=True)
    return bool(members.exists())


def billing_emails(organisation: Organisation) -> list[str]:
    """Return who gets documents: the billing contacts, else the owners and billing members."""
    contacts = list(contacts_of(organisation).values_list("email", flat=True))
    return contacts or emails_of(organisation, (Role.OWNER, Role.BILLING))


def has_verified_email(user: User, email: str) -> bool:
    """Say whether the person has shown that mail to this address reaches them."""
    addresses = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    return bool(addresses.exists())


def has_second_factor(user: User) -> bool:
    """Say whether the person has an authenticator app or a passkey; recovery codes do not count."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def invitations_since(organisation: Organisation, since: datetime) -> int:
    """Return how many invitations were made at or after a moment."""
    return organisation.invitations.filter(created_at__gte=since).count()


def invitations_of_since(person: User, since: datetime) -> int:
    """Return how many invitations a person made at or after a moment, for whatever organisation."""
    return Invitation.objects.filter(invited_by=person, created_at__gte=since).count()
