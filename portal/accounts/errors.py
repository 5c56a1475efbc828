"""What people and organisations may not do, each with its own code."""

from django.utils.translation import gettext_lazy as _

from portal.kit.errors import Conflict, Invalid, NotAllowed, NotFound


class TaxNumberInvalid(Invalid):
    """A VAT or tax number fails the check of its country."""

    code = "tax_number_invalid"
    default_message = _(
        "“%(number)s” is not a VAT or tax number of %(country)s. Look for a missing or swapped "
        "character, or leave it empty."
    )


class TaxNumberOfPrivatePerson(Invalid):
    """Only businesses have a tax number here."""

    code = "tax_number_of_private_person"
    default_message = _(
        "A private person needs no VAT or tax number. Choose “Business”, or leave it empty."
    )


class UnknownCurrency(Invalid):
    """A currency that no price list of ours knows."""

    code = "unknown_currency"
    default_message = _("We do not sell in “%(currency)s”.")


class UnknownRole(Invalid):
    """A role that the table of permissions does not know."""

    code = "unknown_role"
    default_message = _("“%(role)s” is not a role.")


class RoleLacks(NotAllowed):
    """The member's role does not carry the permission; `data["roles"]` names the ones that do."""

    default_message = _("Your role does not include this. Ask somebody whose role is: %(roles)s.")


class LastOwner(Conflict):
    """An organisation always keeps an owner."""

    code = "last_owner"
    default_message = _("An organisation always keeps an owner: make somebody else an owner first.")


class AlreadyMember(Conflict):
    """The person has a role in this organisation already."""

    code = "already_member"
    default_message = _("%(email)s is a member of this organisation already.")


class AlreadyInvited(Conflict):
    """An invitation to this address is open."""

    code = "already_invited"
    default_message = _("%(email)s has an open invitation. Send it again, or withdraw it first.")


class TooManyInvitations(Conflict):
    """An organisation invites so many a day and no more, so that it cannot send mail in bulk."""

    code = "too_many_invitations"
    status = 429
    default_message = _("That is enough invitations for one day. Please go on tomorrow.")


class AlreadyContact(Conflict):
    """The address gets this organisation's documents already."""

    code = "already_contact"
    default_message = _("%(email)s is a billing contact already.")


class TooManyContacts(Conflict):
    """Documents go to so many addresses and no more."""

    code = "too_many_contacts"
    default_message = _("An organisation has at most %(limit)s billing contacts.")


class InvitationUnknown(NotFound):
    """No invitation has this token."""

    code = "invitation_unknown"


class InvitationExpired(Conflict):
    """An invitation is good for 14 days."""

    code = "invitation_expired"
    status = 410
    default_message = _("This invitation has expired. Ask for a new one.")


class InvitationWithdrawn(Conflict):
    """The organisation has taken its invitation back."""

    code = "invitation_withdrawn"
    status = 410
    default_message = _("This invitation was withdrawn. Ask the organisation if that is a mistake.")


class InvitationUsed(Conflict):
    """An invitation brings in one person, once."""

    code = "invitation_used"
    status = 410
    default_message = _("This invitation was used already.")


class InvitationForAnother(NotAllowed):
    """Only the person who reads the mail at the invited address may accept."""

    code = "invitation_for_another"
    default_message = _(
        "This invitation is for another e-mail address. Sign in with the address that it was sent "
        "to, or add that address to your account and confirm it."
    )


class SecondFactorMissing(NotAllowed):
    """The organisation asks its members for a second factor."""

    code = "second_factor_missing"
    default_message = _("%(organisation)s asks its members for a second factor. Set one up first.")


class ReadOnlyVisit(NotAllowed):
    """Staff who look at the portal as a customer change nothing there."""

    code = "read_only_visit"
    default_message = _(
        "You are looking at the portal as a customer, and cannot change anything there. "
        "Stop first, and use the admin."
    )
