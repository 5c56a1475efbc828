"""A document as data: everything a quote, pro forma, invoice or credit note says, and no model.

All amounts are integer minor units of the document's currency, unless a field names another.
Dates are days in the vendor's time zone. A document whose sums do not agree cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class DocumentKind(StrEnum):
    """What a document is; only an invoice and a credit note are numbered."""

    QUOTE = "quote"
    PRO_FORMA = "pro_forma"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


NUMBERED = frozenset({DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE})


class InconsistentDocument(ValueError):
    """A document's sums, or its number and its kind, contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a document, as it is printed: the country is a name, not a code."""

    name: str
    address_lines: tuple[str, ...] = ()
    country: str = ""
    vat_number: str = ""
    registration: str = ""
    attention: str = ""
    email: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the sum: net is what it adds to the document (see `prices_include_tax`)."""

    description: str
    net: int
    details: tuple[str, ...] = ()
    quantity: int | None = None
    unit_amount: int | None = None
    period_start: date | None = None
    period_last_day: date | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """Net and tax of one (rate, category) group; the category is EN 16931's code (S, Z, E, AE…)."""

    rate_basis_points: int
    category: str
    net: int
    tax: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorTax:
    """The tax again in the vendor's currency: `rate` vendor units for one document unit."""

    currency: str
    tax: int
    rate: Decimal
    rate_on: date
    rate_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """Where to transfer the money, and the reference that lets it be matched."""

    account_name: str
    reference: str
    bank_name: str = ""
    iban: str = ""
    bic: str = ""
    sort_code: str = ""
    account_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture of the vendor's mark: format is svg, png or jpg, alt what a screen reader says."""

    data: bytes
    format: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContent:
    """A whole document; raises InconsistentDocument where its parts do not add up.

    An empty title means the kind's own. `references` is the invoice number that a credit note
    corrects. `paid_stamp` says that nothing more is owed. `tax_point` is the date of supply.
    `locale` formats money and dates; `language` chooses the words and is the PDF's own.
    """

    kind: DocumentKind
    order_reference: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    tax_groups: tuple[TaxGroup, ...]
    net: int
    tax: int
    gross: int
    number: str | None = None
    title: str = ""
    due_on: date | None = None
    tax_point: date | None = None
    purchase_order: str = ""
    paid: int = 0
    paid_on: date | None = None
    paid_stamp: bool = False
    prices_include_tax: bool = False
    vendor_tax: VendorTax | None = None
    bank_details: BankDetails | None = None
    payment_url: str = ""
    notes: tuple[str, ...] = ()
    terms_line: str = ""
    references: str = ""
    logo: Logo | None = None
    language: str = "en"
    locale: str = "en_GB"

    @property
    def balance(self) -> int:
        """What is still owed, in minor units; negative where more was paid than asked."""
        return self.gross - self.paid

    def __post_init__(self) -> None:
        self._check_number()
        self._check_sums()

    def _check_number(self) -> None:
        if (self.kind in NUMBERED) != bool(self.number):
            raise InconsistentDocument(
                f"a {self.kind} with the number {self.number!r}: only invoices and "
                "credit notes are numbered, and they always are"
            )

    def _check_sums(self) -> None:
        lines_make = self.gross if self.prices_include_tax else self.net
        checks = {
            "lines": sum(line.net for line in self.lines) == lines_make,
            "net of tax groups": sum(group.net for group in self.tax_groups) == self.net,
            "tax of tax groups": sum(group.tax for group in self.tax_groups) == self.tax,
            "net and tax": self.net + self.tax == self.gross,
            "paid in full": self.balance <= 0 or not self.paid_stamp,
        }
        wrong = [name for name, agrees in checks.items() if not agrees]
        if wrong:
            raise InconsistentDocument(f"sums do not agree: {', '.join(wrong)}")
