"""From a document's content to the strings that the template lays out; nothing is computed here.

The template receives them as JSON and sets them as text, never as markup, so that no name or
note from a customer can act as typst source.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from billing.documents import labels
from billing.documents.content import DocumentContent, DocumentKind, Party, VendorTax
from billing.documents.payment import payment_parts
from billing.documents.sums import line_table, tax_table, totals
from portal.kit.formatting import format_date, format_money

JAPANESE_SYLLABLES = ("HIRAGANA", "KATAKANA")
KOREAN_SYLLABLES = ("HANGUL",)


def present(content: DocumentContent) -> dict[str, Any]:
    """Everything printed, as JSON-able strings in the document's language and locale."""
    with translation.override(content.language):
        data = {
            "language": content.language,
            "title": title(content),
            "heading": content.title or str(labels.TITLES[content.kind]),
            "number": _number(content),
            "logo": _logo(content),
            "seller": _party(content.seller, labels.FROM),
            "buyer": _party(content.buyer, labels.TO),
            "purchase_order": _purchase_order(content),
            "facts": _facts(content),
            "summary": _summary(content),
            "notice": str(labels.NOTICES.get(content.kind, "")),
            "lines": line_table(content),
            "taxes": tax_table(content),
            "totals": totals(content),
            "vendor_tax": _vendor_tax(content.vendor_tax, content),
            **payment_parts(content),
            "notes": {"heading": str(labels.NOTES_HEADING), "lines": list(content.notes)},
            "terms": content.terms_line,
            "footer": _footer(content),
            "page": str(labels.PAGE),
        }
    return {name: _clean(part) for name, part in data.items()} | {"cjk": _cjk_family(content)}


def title(content: DocumentContent) -> str:
    """The PDF's own title: the kind with its number, or with the order where it has none."""
    with translation.override(content.language):
        heading = content.title or str(labels.TITLES[content.kind])
    return f"{heading} {content.number or content.order_reference}"


def _logo(content: DocumentContent) -> dict[str, Any] | None:
    if content.logo is None:
        return None
    logo = content.logo
    return {"bytes": list(logo.data), "format": logo.format, "alt": logo.alt}


def _party(party: Party, heading: Promise) -> dict[str, Any]:
    lines = [
        labels.ATTENTION % {"name": party.attention} if party.attention else "",
        *party.address_lines,
        party.country,
        labels.VAT_NUMBER % {"number": party.vat_number} if party.vat_number else "",
        labels.REGISTRATION % {"number": party.registration} if party.registration else "",
        party.email,
        party.website,
    ]
    return {
        "heading": str(heading),
        "name": party.name,
        "lines": [str(line) for line in lines if line],
    }


def _purchase_order(content: DocumentContent) -> dict[str, str] | None:
    if not content.purchase_order:
        return None
    return {"label": str(labels.PURCHASE_ORDER), "value": content.purchase_order}


def _number(content: DocumentContent) -> dict[str, str] | None:
    if content.number is None:
        return None
    return {"label": str(labels.NUMBER[content.kind]), "value": content.number}


def _facts(content: DocumentContent) -> list[dict[str, str]]:
    shown = [
        (labels.ISSUED_ON[content.kind], content.issued_on),
        (labels.TAX_POINT, content.tax_point),
        (labels.DUE_ON[content.kind], None if content.paid_stamp else content.due_on),
        (labels.CORRECTS, content.references),
        (labels.ORDER, content.order_reference),
    ]
    return [
        {
            "label": str(label),
            "value": value if isinstance(value, str) else format_date(value, content.locale),
        }
        for label, value in shown
        if value
    ]


def _summary(content: DocumentContent) -> dict[str, Any]:
    """The one figure that a reader comes for, and what is to be done about it."""
    label, minor, remark = _figure(content)
    return {
        "label": label,
        "amount": format_money(minor, content.currency, content.locale),
        "remark": remark,
        "settled": content.paid_stamp,
    }


def _figure(content: DocumentContent) -> tuple[str, int, str]:
    by_date = _day(content, content.due_on)
    if content.kind is DocumentKind.CREDIT_NOTE:
        return str(labels.CREDITED), content.gross, ""
    if content.kind is DocumentKind.QUOTE:
        remark = labels.VALID_UNTIL % {"date": by_date} if by_date else ""
        return str(labels.TOTAL), content.gross, remark
    if content.paid_stamp:
        paid_on = _day(content, content.paid_on)
        remark = labels.PAID_REMARK % {"date": paid_on} if paid_on else str(labels.NOTHING_TO_PAY)
        return str(labels.STAMP_PAID), content.paid, remark
    return (
        str(labels.TO_PAY),
        content.balance,
        labels.BY_DATE % {"date": by_date} if by_date else "",
    )


def _day(content: DocumentContent, day: date | None) -> str:
    return format_date(day, content.locale) if day else ""


def _vendor_tax(vendor_tax: VendorTax | None, content: DocumentContent) -> str:
    if vendor_tax is None:
        return ""
    text = labels.VENDOR_TAX % {
        "currency": vendor_tax.currency,
        "amount": format_money(vendor_tax.tax, vendor_tax.currency, content.locale),
        "document_currency": content.currency,
        "rate": f"{vendor_tax.rate:f}",
    }
    day = format_date(vendor_tax.rate_on, content.locale)
    if not vendor_tax.rate_source:
        return f"{text} ({day})"
    source = labels.VENDOR_TAX_SOURCE % {"source": vendor_tax.rate_source, "date": day}
    return f"{text} {source}"


def _footer(content: DocumentContent) -> str:
    seller = content.seller
    parts = [
        seller.name,
        labels.REGISTRATION % {"number": seller.registration} if seller.registration else "",
        labels.VAT_NUMBER % {"number": seller.vat_number} if seller.vat_number else "",
    ]
    return " · ".join(str(part) for part in parts if part)


def _clean(value: Any) -> Any:
    """Control characters and halves of surrogate pairs have no shape and no place in a PDF."""
    if isinstance(value, str):
        return "".join(_clean_character(character) for character in value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list) and not (value and isinstance(value[0], int)):
        return [_clean(item) for item in value]
    return value


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return " " if category == "Cc" else character


def _cjk_family(content: DocumentContent) -> str:
    """Han characters take the shapes of the language that the buyer's own script shows."""
    names = {unicodedata.name(character, "") for character in repr(content.buyer)}
    if any(name.startswith(JAPANESE_SYLLABLES) for name in names):
        return "Noto Sans CJK JP"
    if any(name.startswith(KOREAN_SYLLABLES) for name in names):
        return "Noto Sans CJK KR"
    return "Noto Sans CJK SC"
