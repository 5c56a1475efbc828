"""Documents for the tests: one ordinary invoice, and ways to change it."""

from dataclasses import replace
from datetime import date

from billing.documents.content import (
    BankDetails,
    DocumentContent,
    DocumentKind,
    Line,
    Party,
    TaxGroup,
)

PAY_URL = "https://licences.northgate.example/pay/Zk3Q9fWm2xTt8sVb1LdR5yHc/"
SELLER = Party(
    name="Northgate Software Ltd",
    address_lines=("14 Harbour Street", "Bristol BS1 4QD"),
    country="United Kingdom",
    vat_number="GB 980 7806 84",
    registration="09876543",
    email="accounts@northgate.example",
)
BUYER = Party(
    name="Meridian Distribution Ltd",
    address_lines=("22 Foundry Lane", "Leeds LS10 1DL"),
    country="United Kingdom",
    vat_number="GB 123 4567 82",
    attention="Priya Raman",
)
LICENCES = Line(
    description="Distribution Engine",
    quantity=12,
    unit_amount=12000,
    period_start=date(2027, 1, 1),
    period_last_day=date(2027, 12, 31),
    months=12,
    net=144000,
)
SUPPORT = Line(description="Premier support", details=("20% of the licence fee",), net=28800)
BANK = BankDetails(
    account_name="Northgate Software Ltd",
    iban="GB29NWBK60161331926819",
    bic="NWBKGB2L",
    sort_code="60-16-13",
    account_number="31926819",
    reference="INV-2026-00042",
)
INVOICE = DocumentContent(
    kind=DocumentKind.INVOICE,
    number="INV-2026-00042",
    order_reference="ord_3k7h9m2p5q8r4t6v",
    issued_on=date(2026, 11, 23),
    due_on=date(2026, 12, 23),
    tax_point=date(2026, 11, 23),
    currency="GBP",
    seller=SELLER,
    buyer=BUYER,
    purchase_order="PO-77812",
    lines=(LICENCES, SUPPORT),
    tax_groups=(TaxGroup(rate_basis_points=2000, category="S", net=172800, tax=34560),),
    net=172800,
    tax=34560,
    gross=207360,
    bank_details=BANK,
    payment_url=PAY_URL,
    terms_line="Sold under the Standard Terms, version 2026-01.",
)
PRO_FORMA = replace(INVOICE, kind=DocumentKind.PRO_FORMA, number=None, tax_point=None)
QUOTE = replace(PRO_FORMA, kind=DocumentKind.QUOTE)
CREDIT_NOTE = replace(
    INVOICE,
    kind=DocumentKind.CREDIT_NOTE,
    number="CRN-2026-00003",
    references="INV-2026-00042",
    due_on=None,
)


def billed_to(name: str) -> DocumentContent:
    """The invoice, for a buyer of that name."""
    return replace(INVOICE, buyer=replace(BUYER, name=name))


def with_lines(number: int) -> DocumentContent:
    """The invoice with that many numbered lines of 600.00, at 20 % VAT."""
    lines = tuple(
        Line(description=f"Distribution Engine, site {site}", quantity=5, net=60000)
        for site in range(1, number + 1)
    )
    net, tax = 60000 * number, 12000 * number
    group = TaxGroup(rate_basis_points=2000, category="S", net=net, tax=tax)
    return replace(INVOICE, lines=lines, tax_groups=(group,), net=net, tax=tax, gross=net + tax)
