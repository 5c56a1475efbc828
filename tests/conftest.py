"""Fixtures for the whole suite."""

from dataclasses import dataclass

import pytest
from hypothesis import settings as hypothesis_settings

from licensing.models import Product
from portal.accounts.models import Organisation, User
from portal.vendor.models import VendorProfile
from tests import factories

# A slow machine is no reason for a property to fail.
hypothesis_settings.register_profile("any machine", deadline=None)
hypothesis_settings.load_profile("any machine")


@dataclass
class Shop:
    """A vendor with everything needed to sell its seat product to UK and foreign customers."""

    vendor: VendorProfile
    product: Product
    device_product: Product


@dataclass
class Customer:
    organisation: Organisation
    owner: User


@pytest.fixture
def vendor(db) -> VendorProfile:
    return factories.VendorFactory()


@pytest.fixture
def shop(vendor) -> Shop:
    """Given a catalogue as in the worked examples: GBP, EUR and USD, 20 % UK VAT."""
    return open_shop(vendor)


def open_shop(vendor: VendorProfile) -> Shop:
    """Make that catalogue; also for datasets that several tests share."""
    product = factories.SeatProductFactory()
    for currency in ("GBP", "EUR", "USD"):
        factories.BankAccountFactory(currency=currency, vendor=vendor)
        factories.PriceFactory(product=product, currency=currency)
    factories.SupportPlanFactory(product=product)
    factories.TermsVersionFactory(product=product)
    factories.TaxRuleFactory(customer_kind="business")
    factories.TaxRuleFactory(customer_kind="private")
    factories.TaxRuleFactory(
        customer_country="",
        customer_kind="business",
        rate_basis_points=0,
        category="O",
        needs_evidence=True,
        note="Outside the scope of UK VAT; the customer accounts for any tax.",
    )
    device_product = factories.DeviceProductFactory()
    factories.PriceFactory(
        product=device_product,
        tier_basis="order",
        tiers=((1, 19900), (5, 17900), (10, 15900)),
    )
    return Shop(vendor=vendor, product=product, device_product=device_product)


@pytest.fixture
def customer(db) -> Customer:
    """Given a UK company with an owner."""
    membership = factories.MembershipFactory()
    return Customer(organisation=membership.organisation, owner=membership.user)


@pytest.fixture
def stranger(db) -> Customer:
    """Given another company, which must never see the first one's things."""
    membership = factories.MembershipFactory()
    return Customer(organisation=membership.organisation, owner=membership.user)


@pytest.fixture
def staff(db) -> User:
    return factories.StaffFactory()


@pytest.fixture(autouse=True)
def _empty_cache():
    """Rate limits count in the cache; each test starts with none used."""
    from django.core.cache import cache

    cache.clear()
