"""Documents as PDF: what they say, that they are accessible, and that nothing stops them."""

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from billing.documents.content import (
    DocumentContent,
    DocumentKind,
    InconsistentDocument,
    Logo,
    TaxGroup,
    VendorTax,
)
from billing.documents.presentation import present
from billing.documents.render import RenderedPdf, render_pdf
from tests.billing.document_samples import (
    CREDIT_NOTE,
    INVOICE,
    PAY_URL,
    PRO_FORMA,
    QUOTE,
    billed_to,
    with_lines,
)

ROOT = Path(__file__).resolve().parents[2]


def read(rendered: RenderedPdf) -> PdfReader:
    return PdfReader(BytesIO(rendered.pdf))


def words(content: DocumentContent) -> str:
    """All text of all pages, with every run of white space as one space."""
    pages = read(render_pdf(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def structure(node: Any) -> list[tuple[str, str]]:
    """(type, alternative text) of every element of the structure tree, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        return [found for child in node for found in structure(child)]
    if not isinstance(node, dict):
        return []
    own = [(str(node["/S"]), str(node.get("/Alt", "")))] if "/S" in node else []
    return own + (structure(node["/K"]) if "/K" in node else [])


# What each kind says


def test_given_an_invoice_when_rendered_then_it_says_all_that_a_tax_invoice_must() -> None:
    text = words(INVOICE)
    for expected in (
        "Invoice number INV-2026-00042",
        "Invoice date 23 Nov 2026",
        "Tax point 23 Nov 2026",
        "Pay by 23 Dec 2026",
        "Our order ord_3k7h9m2p5q8r4t6v",
        "Your purchase order PO-77812",
        "Northgate Software Ltd 14 Harbour Street Bristol BS1 4QD United Kingdom",
        "VAT number GB 980 7806 84",
        "Company number 09876543",
        "Meridian Distribution Ltd For the attention of Priya Raman 22 Foundry Lane",
        "VAT number GB 123 4567 82",
        "Description Quantity Unit price Months Amount, GBP",
        "Distribution Engine 1 Jan 2027 – 31 Dec 2027 12 120.00 12 1,440.00",
        "Premier support 20% of the licence fee 288.00",
        "VAT rate Net VAT 20% 1,728.00 345.60",
        "Net 1,728.00 VAT 345.60 Total £2,073.60",
        "To pay £2,073.60 by 23 Dec 2026",
        "IBAN GB29 NWBK 6016 1331 9268 19",
        "Sort code 60-16-13",
        "Reference INV-2026-00042",
        "Sold under the Standard Terms, version 2026-01.",
        "Page 1 of 1",
    ):
        assert expected in text
    assert "not a tax invoice" not in text


@pytest.mark.parametrize("content", [PRO_FORMA, QUOTE])
def test_given_an_unnumbered_kind_when_rendered_then_it_says_it_is_no_tax_invoice(
    content: DocumentContent,
) -> None:
    text = words(content)
    assert "not a tax invoice" in text
    assert "Invoice number" not in text
    assert "Tax point" not in text


def test_given_a_quote_or_a_credit_note_when_rendered_then_it_asks_for_no_money() -> None:
    for content in (QUOTE, CREDIT_NOTE):
        text = words(content)
        assert "Pay by bank transfer" not in text
        assert "Pay online" not in text
        assert "To pay" not in text
    assert "Total £2,073.60 valid until 23 Dec 2026" in words(QUOTE)


def test_given_a_credit_note_when_rendered_then_it_names_the_invoice_it_corrects() -> None:
    text = words(CREDIT_NOTE)
    assert "Credit note number CRN-2026-00003" in text
    assert "Corrects invoice INV-2026-00042" in text
    assert "Total credited £2,073.60" in text


def test_given_a_paid_invoice_when_rendered_then_it_says_paid_and_asks_for_nothing() -> None:
    paid = replace(INVOICE, paid=207360, paid_on=date(2026, 11, 24), paid_stamp=True)
    text = words(paid)
    assert "PAID £2,073.60 on 24 Nov 2026, nothing more to pay" in text
    assert "Paid −2,073.60 Balance to pay £0.00" in text
    assert "Pay by" not in text
    assert PAY_URL not in text


def test_given_a_part_payment_when_rendered_then_the_balance_is_what_is_asked() -> None:
    text = words(replace(INVOICE, paid=100000))
    assert "To pay £1,073.60 by 23 Dec 2026" in text
    assert "Paid −1,000.00 Balance to pay £1,073.60" in text


def test_given_more_paid_than_asked_when_rendered_then_the_surplus_is_stated() -> None:
    text = words(replace(INVOICE, paid=210000, paid_stamp=True))
    assert "Paid above the total £26.40" in text
    assert "Balance to pay" not in text


def test_given_a_reverse_charge_when_rendered_then_the_rate_and_the_reason_are_stated() -> None:
    note = "Reverse charge: the customer accounts for the VAT."
    group = TaxGroup(rate_basis_points=0, category="AE", net=172800, tax=0, note=note)
    text = words(replace(INVOICE, tax_groups=(group,), tax=0, gross=172800))
    assert "0%, reverse charge 1,728.00 0.00" in text
    assert note in text


def test_given_another_currency_with_vat_when_rendered_then_vat_is_also_in_the_vendors() -> None:
    vendor_tax = VendorTax(
        currency="GBP",
        tax=29981,
        rate=Decimal("0.86750"),
        rate_on=date(2026, 11, 20),
        rate_source="HMRC",
    )
    text = words(replace(INVOICE, currency="EUR", vendor_tax=vendor_tax))
    assert "Total €2,073.60" in text
    assert "VAT in GBP: £299.81, at 1 EUR = 0.86750 GBP (HMRC, 20 Nov 2026)" in text


def test_given_prices_with_tax_when_rendered_then_the_lines_add_up_to_the_total() -> None:
    content = replace(
        INVOICE,
        prices_include_tax=True,
        tax_groups=(TaxGroup(rate_basis_points=2000, category="S", net=144000, tax=28800),),
        net=144000,
        tax=28800,
        gross=172800,
    )
    text = words(content)
    assert "Amount with VAT, GBP" in text
    assert "Total £1,728.00" in text


# Accessible, archivable, the same each time


def test_given_an_invoice_when_rendered_then_it_is_tagged_titled_and_in_a_language() -> None:
    rendered = render_pdf(INVOICE)
    reader = read(rendered)
    catalogue = reader.root_object
    assert rendered.tagged
    assert rendered.missing_characters == ()
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/Lang"] == "en"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == "Invoice INV-2026-00042"
    assert reader.metadata.author == "Northgate Software Ltd"
    types = [kind for kind, _ in structure(catalogue["/StructTreeRoot"])]
    assert types.count("/H1") == 1
    assert types.count("/Table") == 2
    assert types.count("/TH") == 5 + 3


def test_given_an_invoice_when_rendered_then_it_declares_both_standards() -> None:
    metadata = read(render_pdf(INVOICE)).root_object["/Metadata"].get_object().get_data()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata


def test_given_a_payment_link_when_rendered_then_it_is_a_link_and_a_described_qr_code() -> None:
    reader = read(render_pdf(INVOICE))
    links = {
        annotation.get_object()["/A"]["/URI"]
        for page in reader.pages
        for annotation in page.get("/Annots", [])
    }
    figures = [
        alt for kind, alt in structure(reader.root_object["/StructTreeRoot"]) if kind == "/Figure"
    ]
    assert links == {PAY_URL}
    assert figures == [
        "Northgate Software Ltd",
        f"QR code that opens the payment page {PAY_URL}",
    ]


def test_given_a_payment_link_without_a_break_when_rendered_then_it_stays_beside_the_code() -> None:
    token = "ord_kqdfjfn9tdxwv5arv4by5xp28m-1.NwNBu6akVIet1ASFPccC4aElQ3ikvFGiej5yet9js1U"
    url = f"http://127.0.0.1:9411/pay/{token}/"
    page = read(render_pdf(replace(PRO_FORMA, payment_url=url))).pages[0]
    rights = [float(annotation.get_object()["/Rect"][2]) for annotation in page["/Annots"]]
    # The code of 25 mm (71 points) stands before a margin of 56 points.
    assert float(page.mediabox.right) - max(rights) > 71 + 56
    assert url in "".join(page.extract_text().split())


def test_given_the_same_content_when_rendered_in_another_process_then_the_bytes_are_equal() -> None:
    rendered = render_pdf(PRO_FORMA)
    script = (
        "import django\n"
        "from django.conf import settings\n"
        "settings.configure()\n"
        "django.setup()\n"
        "from billing.documents.render import render_pdf\n"
        "from tests.billing.document_samples import PRO_FORMA\n"
        "print(render_pdf(PRO_FORMA).sha256)"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert elsewhere.stdout.strip() == rendered.sha256
    assert rendered.sha256 == hashlib.sha256(rendered.pdf).hexdigest()


def test_given_several_threads_when_they_render_then_each_gets_its_own_document() -> None:
    contents = [replace(INVOICE, number=f"INV-2026-{number:05}") for number in range(8)]
    alone = [render_pdf(content).sha256 for content in contents]
    with ThreadPoolExecutor(max_workers=4) as pool:
        together = [rendered.sha256 for rendered in pool.map(render_pdf, contents)]
    assert together == alone
    assert len(set(together)) == 8


def test_given_a_process_that_rendered_when_it_forks_then_the_child_is_refused_and_not_hung(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    render_pdf(INVOICE)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(RuntimeError, match="before it forked"):
        render_pdf(INVOICE)


# Names from all over the world, and from people who try things


@pytest.mark.parametrize(
    "name",
    [
        "Φαρμακευτική Εταιρεία Α.Ε.",
        "ООО «Северный ветер»",
        "株式会社サンプル",
        "주식회사 예시",
        "上海示例有限公司",
        "Žluťoučký kůň, a.s.",
        "Nguyễn Văn Ánh",
    ],
)
def test_given_a_name_in_another_script_when_rendered_then_it_is_shown_and_tagged(
    name: str,
) -> None:
    rendered = render_pdf(billed_to(name))
    assert rendered.tagged
    assert name in words(billed_to(name))


def test_given_an_arabic_name_when_rendered_then_it_has_shapes_and_is_tagged() -> None:
    rendered = render_pdf(billed_to("العربية للتجارة"))
    assert rendered.tagged
    assert rendered.missing_characters == ()


def test_given_characters_without_a_shape_when_rendered_then_a_plain_pdf_names_them() -> None:
    rendered = render_pdf(billed_to('Rocket 🚀 "ไทย" Ltd'))
    assert not rendered.tagged
    assert rendered.missing_characters == ("🚀", "ไ", "ท", "ย")
    assert "/StructTreeRoot" not in read(rendered).root_object
    assert "INV-2026-00042" in read(rendered).pages[0].extract_text()


def test_given_a_private_character_when_rendered_then_a_plain_pdf_names_it() -> None:
    rendered = render_pdf(billed_to("Mark \ue000"))
    assert (rendered.tagged, rendered.missing_characters) == (False, ("\ue000",))


def test_given_controls_and_broken_text_when_rendered_then_they_are_left_out() -> None:
    rendered = render_pdf(billed_to("Bell\x07 and \ud800 half"))
    assert rendered.tagged


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x") Ltd',
        "$x$ \\ * _ @ref <label>",
        '#import "/etc/passwd"',
        "= Heading [a] `raw` // and /* more */",
        '"); #eval("1+1") ("',
        "{page} ~ -- ... 'quoted'",
    ],
)
def test_given_typst_syntax_in_a_name_when_rendered_then_it_is_only_text(name: str) -> None:
    content = billed_to(name)
    assert render_pdf(content).tagged
    assert name in words(content)


def test_given_very_long_words_when_rendered_then_they_wrap_and_copy_whole() -> None:
    email = "accounts.payable.department.for.northern.europe@averylongcompanyname.example"
    content = replace(INVOICE, buyer=replace(INVOICE.buyer, name="W" * 120, email=email))
    page = read(render_pdf(content)).pages[0]
    rows = [row for row in page.extract_text().splitlines() if row.startswith("WW")]
    assert len(rows) > 3
    assert "".join(rows) == "W" * 120
    assert email in "".join(page.extract_text().split())


def test_given_two_hundred_lines_when_rendered_then_every_page_has_the_headings() -> None:
    pages = read(render_pdf(with_lines(200))).pages
    texts = [page.extract_text() for page in pages]
    everything = " ".join(" ".join(texts).split())
    with_rows = [text for text in texts if "Distribution Engine, site" in text]
    assert len(with_rows) > 3
    assert all("Amount, GBP" in text for text in with_rows)
    assert re.findall(r"Distribution Engine, site (\d+) 5 600\.00", everything) == [
        str(site) for site in range(1, 201)
    ]
    assert f"Page {len(pages)} of {len(pages)}" in texts[-1]
    assert "£144,000.00" in everything


def test_given_a_logo_of_the_vendors_own_when_rendered_then_it_replaces_ours() -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    )
    content = replace(INVOICE, logo=Logo(data=svg, format="svg", alt="Northgate's gate"))
    tree = structure(read(render_pdf(content)).root_object["/StructTreeRoot"])
    assert ("/Figure", "Northgate's gate") in tree
    assert ("/Figure", "Northgate Software Ltd") not in tree


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("株式会社サンプル", "Noto Sans CJK JP"),
        ("주식회사 예시", "Noto Sans CJK KR"),
        ("上海示例有限公司", "Noto Sans CJK SC"),
    ],
)
def test_given_han_characters_when_presented_then_the_buyers_script_chooses_their_shapes(
    name: str, family: str
) -> None:
    assert present(billed_to(name))["cjk"] == family


# Documents that cannot be


@pytest.mark.parametrize(
    "change",
    [
        {"number": None},
        {"net": 172801},
        {"tax": 34561},
        {"gross": 207361},
        {"lines": INVOICE.lines[:1]},
        {"tax_groups": ()},
        {"kind": DocumentKind.PRO_FORMA},
        {"paid_stamp": True},
        {"paid_stamp": True, "paid": 207359},
    ],
)
def test_given_parts_that_contradict_when_made_then_there_is_no_document(
    change: dict[str, Any],
) -> None:
    with pytest.raises(InconsistentDocument):
        replace(INVOICE, **change)
