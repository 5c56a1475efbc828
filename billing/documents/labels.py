"""The words printed on documents, marked for translation; a document's language chooses them."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.documents.content import DocumentKind

TITLES: Final[dict[DocumentKind, Promise]] = {
    DocumentKind.QUOTE: _("Quote"),
    DocumentKind.PRO_FORMA: _("Pro forma"),
    DocumentKind.INVOICE: _("Invoice"),
    DocumentKind.CREDIT_NOTE: _("Credit note"),
}
ISSUED_ON: Final[dict[DocumentKind, Promise]] = {
    DocumentKind.QUOTE: _("Quote date"),
    DocumentKind.PRO_FORMA: _("Date"),
    DocumentKind.INVOICE: _("Invoice date"),
    DocumentKind.CREDIT_NOTE: _("Date"),
}
DUE_ON: Final[dict[DocumentKind, Promise]] = {
    DocumentKind.QUOTE: _("Valid until"),
    DocumentKind.PRO_FORMA: _("Pay by"),
    DocumentKind.INVOICE: _("Pay by"),
    DocumentKind.CREDIT_NOTE: _("Refund by"),
}
NUMBER: Final[dict[DocumentKind, Promise]] = {
    DocumentKind.INVOICE: _("Invoice number"),
    DocumentKind.CREDIT_NOTE: _("Credit note number"),
}
NOTICES: Final[dict[DocumentKind, Promise]] = {
    DocumentKind.QUOTE: _("This is a quote, not a tax invoice. Nothing is owed until you order."),
    DocumentKind.PRO_FORMA: _(
        "This is a pro forma, not a tax invoice. The tax invoice follows your payment."
    ),
}

FROM = _("From")
TO = _("Billed to")
ATTENTION = _("For the attention of %(name)s")
VAT_NUMBER = _("VAT number %(number)s")
REGISTRATION = _("Company number %(number)s")
PURCHASE_ORDER = _("Your purchase order")
ORDER = _("Our order")
TAX_POINT = _("Tax point")
CORRECTS = _("Corrects invoice")

DESCRIPTION = _("Description")
QUANTITY = _("Quantity")
UNIT_PRICE = _("Unit price")
MONTHS = _("Months")
AMOUNT = _("Amount, %(currency)s")
AMOUNT_WITH_TAX = _("Amount with VAT, %(currency)s")

TAX_RATE = _("VAT rate")
TAX_NET = _("Net")
TAX_AMOUNT = _("VAT")
CATEGORIES: Final[dict[str, Promise]] = {
    "Z": _("%(rate)s, zero-rated"),
    "E": _("Exempt"),
    "AE": _("%(rate)s, reverse charge"),
    "G": _("%(rate)s, export"),
    "O": _("Outside the scope of VAT"),
}

NET = _("Net")
TAX = _("VAT")
TOTAL = _("Total")
TOTAL_CREDIT = _("Total credited")
PAID = _("Paid")
BALANCE = _("Balance to pay")
OVERPAID = _("Paid above the total")
VENDOR_TAX = _(
    "VAT in %(currency)s: %(amount)s, at 1 %(document_currency)s = %(rate)s %(currency)s"
)
VENDOR_TAX_SOURCE = _("(%(source)s, %(date)s)")

STAMP_PAID = _("PAID")
PAID_REMARK = _("on %(date)s, nothing more to pay")
TO_PAY = _("To pay")
CREDITED = _("Credited to you")
BY_DATE = _("by %(date)s")
VALID_UNTIL = _("valid until %(date)s")
NOTHING_TO_PAY = _("nothing more to pay")

BANK_HEADING = _("Pay by bank transfer")
BANK = _("Bank")
ACCOUNT_NAME = _("Account name")
SORT_CODE = _("Sort code")
ACCOUNT_NUMBER = _("Account number")
REFERENCE = _("Reference")
ONLINE_HEADING = _("Pay online")
ONLINE_TEXT = _("By card or bank debit, without signing in: open this link or scan the code.")
QR_ALT = _("QR code that opens the payment page %(url)s")
NOTES_HEADING = _("Notes")
PAGE = _("Page {page} of {pages}")
