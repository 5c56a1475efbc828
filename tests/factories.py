"""Rows that tests start from, by factory-boy; the catalogue is the one of the worked examples."""

from datetime import UTC, date, datetime, time

import factory
from factory.django import DjangoModelFactory

from billing.models import CreditTerms, Price, PriceTier, SupportPlan, TaxRule, TermsVersion
from licensing.models import Product
from portal.accounts.models import Membership, Organisation, TaxNumberCheck, User
from portal.vendor.models import BankAccount, VendorProfile

PASSWORD = "correct horse battery"
TIERS = ((5, 12000), (25, 10800), (100, 9600))


class VendorFactory(DjangoModelFactory[VendorProfile]):
    class Meta:
        model = VendorProfile
        django_get_or_create = ("id",)

    id = 1
    legal_name = "Northwind Software Ltd"
    address_lines = "1 Canal Street\nManchester M1 3HE"
    country = "GB"
    vat_number = "GB980780684"
    company_number = "01234567"
    website = "https://northwind.example"
    sales_email = "sales@northwind.example"
    support_email = "support@northwind.example"
    licence_desk_email = "desk@northwind.example"
    finance_email = "finance@northwind.example"
    currency = "GBP"
    time_zone = "Europe/London"
    opens_at = time(9, 0)
    closes_at = time(17, 30)
    holiday_country = "GB"
    holiday_subdivision = "ENG"


class BankAccountFactory(DjangoModelFactory[BankAccount]):
    class Meta:
        model = BankAccount
        django_get_or_create = ("currency",)

    vendor = factory.SubFactory(VendorFactory)
    currency = "GBP"
    account_name = "Northwind Software Ltd"
    bank_name = "Example Bank"
    iban = "GB33BUKB20201555555555"
    bic = "BUKBGB22"
    sort_code = "20-20-15"
    account_number = "55555555"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@customer.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    time_zone = "Europe/London"

    @factory.post_generation
    def password(obj, create, extracted, **kwargs):  # noqa: N805
        obj.set_password(extracted or PASSWORD)
        obj.save()


class StaffFactory(UserFactory):
    email = factory.Sequence(lambda n: f"staff{n}@northwind.example")
    is_staff = True
    is_superuser = True


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    kind = "business"
    legal_name = factory.Sequence(lambda n: f"Customer {n} Ltd")
    address_line_1 = "5 Market Square"
    city = "Leeds"
    postcode = "LS1 1AA"
    country = "GB"
    currency = "GBP"


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)
    role = "owner"


class TaxNumberCheckFactory(DjangoModelFactory[TaxNumberCheck]):
    class Meta:
        model = TaxNumberCheck

    organisation = factory.SubFactory(OrganisationFactory)
    number = "DE136695976"
    country = "DE"
    passed = True
    source = "format"
    checked_at = datetime(2026, 1, 1, tzinfo=UTC)


class SeatProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product
        django_get_or_create = ("slug",)

    slug = "distribution-engine"
    name = "Distribution Engine"
    summary = "Assigns leads and cases to the right person"
    metric = "seat"
    term_kind = "annual"
    minimum_quantity = 5
    businesses_only = True
    on_sale = True
    install_step = "Open Setup, then Licence, and paste the key."


class DeviceProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product
        django_get_or_create = ("slug",)

    slug = "amphis-customer"
    name = "Amphis Customer"
    summary = "Customer records on your own PC"
    metric = "user_device"
    term_kind = "perpetual"
    minimum_quantity = 1
    on_sale = False


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price
        skip_postgeneration_save = True

    product = factory.SubFactory(SeatProductFactory)
    currency = "GBP"
    effective_from = date(2026, 1, 1)
    tier_basis = "holding"

    @factory.post_generation
    def tiers(obj, create, extracted, **kwargs):  # noqa: N805
        for from_quantity, unit_amount in extracted or TIERS:
            PriceTier.objects.create(
                price=obj, from_quantity=from_quantity, unit_amount=unit_amount
            )


class SupportPlanFactory(DjangoModelFactory[SupportPlan]):
    class Meta:
        model = SupportPlan
        django_get_or_create = ("product", "code")

    product = factory.SubFactory(SeatProductFactory)
    code = "premier"
    name = "Premier support"
    basis_points = 2000


class TermsVersionFactory(DjangoModelFactory[TermsVersion]):
    class Meta:
        model = TermsVersion
        django_get_or_create = ("product", "version")

    product = factory.SubFactory(SeatProductFactory)
    version = "2026-01"
    text = "The standard terms."
    published_at = datetime(2026, 1, 1, tzinfo=UTC)


class TaxRuleFactory(DjangoModelFactory[TaxRule]):
    class Meta:
        model = TaxRule
        django_get_or_create = ("vendor_country", "customer_country", "customer_kind", "valid_from")

    vendor_country = "GB"
    customer_country = "GB"
    customer_kind = "business"
    rate_basis_points = 2000
    category = "S"
    valid_from = date(2011, 1, 4)


class CreditTermsFactory(DjangoModelFactory[CreditTerms]):
    class Meta:
        model = CreditTerms

    organisation = factory.SubFactory(OrganisationFactory)
    allowed = True
    currency = "GBP"
    limit_amount = 10_000_000
