"""The vendor: one row that says who sells, when it works and where money goes."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from portal.kit.dates import BusinessCalendar, public_holidays


def check_time_zone(name: str) -> None:
    """Refuse a time zone that the IANA database does not know."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Public holidays, which reach into any year, and the vendor's own days."""

    public: Container[date]
    own: frozenset[date]

    def __contains__(self, day: object) -> bool:
        return day in self.own or day in self.public


class VendorProfile(models.Model):
    """The vendor's own settings. There is exactly one row, with the primary key 1."""

    legal_name = models.CharField(_("legal name"), max_length=200)
    address_lines = models.TextField(_("address"), help_text=_("One line of the address a line."))
    country = CountryField(_("country"))
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    company_number = models.CharField(_("company number"), max_length=40, blank=True)
    website = models.URLField(_("website"), blank=True)
    sales_email = models.EmailField(_("sales e-mail"))
    support_email = models.EmailField(_("support e-mail"))
    licence_desk_email = models.EmailField(_("licence desk e-mail"))
    finance_email = models.EmailField(_("finance e-mail"))
    currency = models.CharField(_("currency of its VAT return"), max_length=3, default="GBP")

    time_zone = models.CharField(_("time zone"), max_length=64, validators=[check_time_zone])
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"))
    holiday_country = models.CharField(_("holiday calendar: country"), max_length=2)
    holiday_subdivision = models.CharField(
        _("holiday calendar: part of the country"), max_length=10, blank=True
    )
    extra_holidays = models.JSONField(
        _("further days closed"),
        default=list,
        blank=True,
        help_text=_("Dates such as “2026-12-24”, in a list."),
    )

    payment_days = models.PositiveSmallIntegerField(_("days to pay an invoice"), default=30)
    pro_forma_days = models.PositiveSmallIntegerField(_("days a pro forma is good for"), default=30)
    due_soon_hours = models.PositiveSmallIntegerField(
        _("hours before a key is due at which staff are alerted"), default=2
    )
    logo_svg = models.TextField(_("logo as SVG"), blank=True)

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendor")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="vendor_one_row"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")), name="vendor_opens_first"
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    def clean(self) -> None:
        try:
            self.extra_holiday_dates()
        except (TypeError, ValueError) as error:
            raise ValidationError(
                {"extra_holidays": _("Write a list of dates such as “2026-12-24”.")}
            ) from error

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def extra_holiday_dates(self) -> frozenset[date]:
        return frozenset(date.fromisoformat(day) for day in self.extra_holidays)

    def closed_days(self) -> Container[date]:
        """Return every day closed by law or by the vendor's own list."""
        public = public_holidays(self.holiday_country, self.holiday_subdivision or None)
        return ClosedDays(public, self.extra_holiday_dates())

    def calendar(self) -> BusinessCalendar:
        """Return the working hours and holidays in which a promised business day is counted."""
        return BusinessCalendar(
            time_zone=self.zone,
            opens=self.opens_at,
            closes=self.closes_at,
            holidays=self.closed_days(),
        )


class BankAccount(models.Model):
    """Where customers send transfers in one currency; printed on pro formas and invoices."""

    vendor = models.ForeignKey(VendorProfile, models.CASCADE, related_name="bank_accounts")
    currency = models.CharField(_("currency"), max_length=3, unique=True)
    account_name = models.CharField(_("account name"), max_length=100)
    bank_name = models.CharField(_("bank"), max_length=100)
    iban = models.CharField(_("IBAN"), max_length=42, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    sort_code = models.CharField(_("sort code"), max_length=8, blank=True)
    account_number = models.CharField(_("account number"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")

    def __str__(self) -> str:
        return f"{self.currency} · {self.bank_name}"
