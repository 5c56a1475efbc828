"""People, the organisations they act for, and who may come in."""

from enum import StrEnum
from functools import partial
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.accounts.places import place_lines
from portal.kit.ids import new_public_id
from portal.vendor.models import check_time_zone


class Role(StrEnum):
    OWNER = "owner"
    LICENCE_MANAGER = "licence_manager"
    BILLING = "billing"
    MEMBER = "member"


ROLE_LABELS = {
    Role.OWNER: _("Owner"),
    Role.LICENCE_MANAGER: _("Licence manager"),
    Role.BILLING: _("Billing"),
    Role.MEMBER: _("Member"),
}


class OrganisationKind(StrEnum):
    BUSINESS = "business"
    PRIVATE = "private"


ORGANISATION_KIND_LABELS = {
    OrganisationKind.BUSINESS: _("Business"),
    OrganisationKind.PRIVATE: _("Private person"),
}


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person who signs in by e-mail; the address is kept in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a customer's member, a member of staff, or both."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "usr")
    )
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[check_time_zone]
    )
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [("act_as_customer", _("May see the portal as a customer"))]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """A customer: a company or a private person, whose members buy and use licences."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "org")
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=list(ORGANISATION_KIND_LABELS.items())
    )
    legal_name = models.CharField(_("legal name"), max_length=200)
    address_line_1 = models.CharField(_("address"), max_length=200, blank=True)
    address_line_2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    city = models.CharField(_("town or city"), max_length=100, blank=True)
    region = models.CharField(_("county, state or region"), max_length=100, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = CountryField(_("country"))
    vat_number = models.CharField(_("VAT or tax number"), max_length=30, blank=True)
    default_purchase_order = models.CharField(
        _("usual purchase order number"), max_length=60, blank=True
    )
    purchase_order_required = models.BooleanField(
        _("a purchase order number is mandatory"), default=False
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/London", validators=[check_time_zone]
    )
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    second_factor_required = models.BooleanField(
        _("members need a second factor to sign in"), default=False
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        permissions = [("check_tax_number", _("May record a tax number check"))]
        ordering = ["legal_name", "pk"]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def is_business(self) -> bool:
        return self.kind == OrganisationKind.BUSINESS

    @property
    def has_address(self) -> bool:
        return bool(self.address_line_1 and self.city)

    def address_lines(self) -> list[str]:
        """Return the postal address as printed on documents, without the country."""
        street = [line for line in (self.address_line_1, self.address_line_2) if line]
        return street + place_lines(
            country=str(self.country),
            city=self.city,
            region=self.region,
            postcode=self.postcode,
        )


class TaxNumberCheck(models.Model):
    """Evidence: one check of a VAT or tax number, kept with its time and source."""

    class Source(models.TextChoices):
        FORMAT = "format", _("Format and check digit, offline")
        STAFF = "staff", _("Checked by staff")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="tax_number_checks")
    number = models.CharField(_("number"), max_length=30)
    country = models.CharField(_("country"), max_length=2)
    passed = models.BooleanField(_("passed"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("tax number check")
        verbose_name_plural = _("tax number checks")
        ordering = ["-checked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.checked_at:%Y-%m-%d}"


class BillingContact(models.Model):
    """An address that gets documents: a person's or a shared mailbox; it need not be a member."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "ctc")
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="billing_contacts")
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"))
    is_shared_mailbox = models.BooleanField(_("shared mailbox"), default=False)

    class Meta:
        verbose_name = _("billing contact")
        verbose_name_plural = _("billing contacts")
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint("organisation", Lower("email"), name="billing_contact_once")
        ]

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """A person's one role in one organisation."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=list(ROLE_LABELS.items()))
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"


class Invitation(models.Model):
    """An offer of a role to one e-mail address. Only a hash of its token is kept."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "ivt")
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=20, choices=list(ROLE_LABELS.items()))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.organisation}"
