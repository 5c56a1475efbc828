"""What documents keep of the vendor and the customer, as they were on the day."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.domain.tax import tax_in_currency
from billing.models import Order
from billing.selectors.catalogue import exchange_rate_on, latest_exchange_rate
from portal.accounts.models import Organisation
from portal.kit.errors import Conflict
from portal.vendor.models import VendorProfile


class NoExchangeRate(Conflict):
    """VAT in another currency must be stated in the vendor's too, and no recent rate is known."""

    code = "no_exchange_rate"
    default_message = _(
        "We cannot take orders in %(currency)s today, because an exchange rate is missing. "
        "Please contact us."
    )


def buyer_snapshot(organisation: Organisation) -> dict[str, Any]:
    """Return the buyer as printed: legal name, address, country and tax number."""
    return {
        "name": organisation.legal_name,
        "kind": organisation.kind,
        "address_lines": organisation.address_lines(),
        "country": str(organisation.country.name),
        "country_code": str(organisation.country),
        "vat_number": organisation.vat_number,
    }


def seller_snapshot(vendor: VendorProfile) -> dict[str, Any]:
    """Return the vendor as printed."""
    return {
        "name": vendor.legal_name,
        "address_lines": vendor.address_lines.splitlines(),
        "country": str(vendor.country.name),
        "country_code": str(vendor.country),
        "vat_number": vendor.vat_number,
        "registration": vendor.company_number,
        "email": vendor.finance_email,
        "website": vendor.website,
    }


def bank_snapshot(vendor: VendorProfile, order: Order) -> dict[str, str]:
    """Return the account for transfers in the order's currency, nothing where there is none."""
    account = vendor.bank_accounts.filter(currency=order.currency).first()
    if account is None:
        return {}
    return {
        "account_name": account.account_name,
        "bank_name": account.bank_name,
        "iban": account.iban,
        "bic": account.bic,
        "sort_code": account.sort_code,
        "account_number": account.account_number,
        "reference": order.reference,
    }


def needs_vendor_tax(order: Order, vendor: VendorProfile) -> bool:
    """Say whether a document of the order carries VAT in a currency that is not the vendor's."""
    return order.tax_amount > 0 and order.currency != vendor.currency


def require_exchange_rate(order: Order, vendor: VendorProfile, today: date) -> None:
    """Raise NoExchangeRate before the order binds anybody; an invoice is never stopped later."""
    if not needs_vendor_tax(order, vendor):
        return
    if exchange_rate_on(order.currency, vendor.currency, today) is None:
        raise NoExchangeRate(data={"currency": order.currency})


def vendor_tax_snapshot(order: Order, vendor: VendorProfile, on: date) -> dict[str, Any]:
    """Return the order's VAT in the vendor's currency with the rate of the day, or nothing.

    Where no rate of that week came, the latest one known counts, and its day is stated.
    """
    if not needs_vendor_tax(order, vendor):
        return {}
    rate = latest_exchange_rate(order.currency, vendor.currency, on)
    if rate is None:
        raise NoExchangeRate(data={"currency": order.currency})
    amount = tax_in_currency(
        order.tax_amount,
        from_currency=order.currency,
        to_currency=vendor.currency,
        rate=rate.rate,
    )
    return {
        "currency": vendor.currency,
        "tax": amount,
        "rate": f"{rate.rate.normalize():f}",
        "rate_on": rate.day.isoformat(),
        "rate_source": rate.source,
    }


def transfer_is_offered(vendor: VendorProfile, currency: str) -> bool:
    """Say whether the vendor has an account for transfers in this currency."""
    return vendor.bank_accounts.filter(currency=currency).exists()
