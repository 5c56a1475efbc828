"""How to pay, as printed: the bank's details with the reference, and the link with its QR code."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno

from billing.documents import labels
from billing.documents.content import BankDetails, DocumentContent, DocumentKind

OWED = frozenset({DocumentKind.PRO_FORMA, DocumentKind.INVOICE})


def payment_parts(content: DocumentContent) -> dict[str, Any]:
    """The ways to pay, or none: a quote, a credit note and a settled document ask for no money."""
    if content.kind not in OWED or content.balance <= 0:
        return {"bank": None, "online": None}
    return {"bank": _bank(content.bank_details), "online": _online(content.payment_url)}


def _bank(details: BankDetails | None) -> dict[str, Any] | None:
    if details is None:
        return None
    shown = [
        (labels.ACCOUNT_NAME, details.account_name),
        (labels.BANK, details.bank_name),
        (labels.SORT_CODE, details.sort_code),
        (labels.ACCOUNT_NUMBER, details.account_number),
        ("IBAN", _in_fours(details.iban)),
        ("BIC", details.bic),
        (labels.REFERENCE, details.reference),
    ]
    return {
        "heading": str(labels.BANK_HEADING),
        "rows": [{"label": str(label), "value": value} for label, value in shown if value],
    }


def _online(url: str) -> dict[str, str] | None:
    if not url:
        return None
    return {
        "heading": str(labels.ONLINE_HEADING),
        "text": str(labels.ONLINE_TEXT),
        "url": url,
        "qr": _qr_svg(url),
        "alt": labels.QR_ALT % {"url": url},
    }


def _qr_svg(url: str) -> str:
    buffer = BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(buffer, kind="svg", border=0, xmldecl=False, omitsize=True, dark="#16201c")
    return buffer.getvalue().decode()


def _in_fours(iban: str) -> str:
    """An IBAN is printed in groups of four (ISO 13616)."""
    compact = iban.replace(" ", "")
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))
