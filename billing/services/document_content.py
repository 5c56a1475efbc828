"""From an issued document's rows to the content that its PDF prints."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from billing.documents.content import (
    BankDetails,
    DocumentContent,
    Line,
    Logo,
    Party,
    TaxGroup,
    VendorTax,
)
from billing.documents.content import DocumentKind as ContentKind
from billing.domain.orders import RefundStatus
from billing.models import Document, DocumentLine, Refund
from billing.models.document import DocumentKind
from billing.services.links import pay_url
from portal.kit.dates import last_day_included, local_today
from portal.kit.formatting import format_date
from portal.vendor.models import VendorProfile
from portal.vendor.selectors import get_vendor


def content_of(document: Document) -> DocumentContent:
    """Return all that a document prints; the same at any later time, whatever happened since.

    What was paid counts up to the moment of issue. A way to pay is printed only on a document
    that asks for money.
    """
    vendor = get_vendor()
    order = document.order
    paid = _paid_at_issue(document)
    asks_for_money = document.kind != DocumentKind.CREDIT_NOTE and paid < document.gross_amount
    return DocumentContent(
        kind=ContentKind(document.kind),
        number=document.number or None,
        order_reference=order.reference,
        issued_on=document.issued_on,
        due_on=document.due_on,
        currency=document.currency,
        seller=_party(document.seller),
        buyer=_party(document.buyer),
        purchase_order=document.purchase_order,
        lines=tuple(_line(line) for line in document.lines.order_by("position")),
        tax_groups=tuple(_tax_group(group) for group in document.tax_groups),
        net=document.net_amount,
        tax=document.tax_amount,
        gross=document.gross_amount,
        paid=paid,
        paid_on=_paid_on(document) if document.paid_at_issue else None,
        paid_stamp=document.paid_at_issue,
        prices_include_tax=order.price.tax_inclusive,
        vendor_tax=_vendor_tax(document.vendor_tax),
        bank_details=BankDetails(**document.bank_details) if document.bank_details else None,
        payment_url=pay_url(order) if asks_for_money else "",
        notes=(document.reason,) if document.reason else (),
        terms_line=_terms_line(document, vendor),
        references=document.corrects.number if document.corrects else "",
        logo=_logo(vendor),
    )


def _paid_at_issue(document: Document) -> int:
    """Return what an invoice states as paid: never more than its total, nothing on others."""
    if document.paid_at_issue:
        return document.gross_amount
    if document.kind != DocumentKind.INVOICE:
        return 0
    earlier = document.order.payments.filter(recorded_at__lte=document.issued_at)
    came = int(earlier.aggregate(total=Sum("amount"))["total"] or 0)
    return came - _gone_at_issue(document)


def _gone_at_issue(document: Document) -> int:
    """Return what was going back by then; a refund that failed later still was."""
    by_then = document.issued_at
    refunds = Refund.objects.filter(payment__order=document.order, requested_at__lte=by_then)
    gone = refunds.exclude(status=RefundStatus.FAILED, settled_at__lte=by_then)
    return int(gone.aggregate(total=Sum("amount"))["total"] or 0)


def _paid_on(document: Document) -> date | None:
    earlier = document.order.payments.filter(recorded_at__lte=document.issued_at)
    day: date | None = earlier.aggregate(day=Max("received_on"))["day"]
    return day


def _party(snapshot: dict[str, Any]) -> Party:
    return Party(
        name=snapshot["name"],
        address_lines=tuple(snapshot["address_lines"]),
        country=snapshot["country"],
        vat_number=snapshot["vat_number"],
        registration=snapshot.get("registration", ""),
        email=snapshot.get("email", ""),
        website=snapshot.get("website", ""),
    )


def _line(line: DocumentLine) -> Line:
    return Line(
        description=line.description,
        details=(line.detail,) if line.detail else (),
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        months=line.months,
        period_start=line.period_start,
        period_last_day=last_day_included(line.period_end) if line.period_end else None,
        net=line.amount,
    )


def _tax_group(group: dict[str, Any]) -> TaxGroup:
    return TaxGroup(
        rate_basis_points=group["rate_basis_points"],
        category=group["category"],
        net=group["net"],
        tax=group["tax"],
        note=group["note"],
    )


def _vendor_tax(snapshot: dict[str, Any]) -> VendorTax | None:
    if not snapshot:
        return None
    return VendorTax(
        currency=snapshot["currency"],
        tax=snapshot["tax"],
        rate=Decimal(snapshot["rate"]),
        rate_on=date.fromisoformat(snapshot["rate_on"]),
        rate_source=snapshot["rate_source"],
    )


def _terms_line(document: Document, vendor: VendorProfile) -> str:
    order = document.order
    if order.terms_version is None or order.terms_accepted_at is None:
        return ""
    return _("Standard terms, version %(version)s, accepted on %(day)s.") % {
        "version": order.terms_version.version,
        "day": format_date(local_today(order.terms_accepted_at, vendor.zone)),
    }


def _logo(vendor: VendorProfile) -> Logo | None:
    if not vendor.logo_svg:
        return None
    return Logo(data=vendor.logo_svg.encode(), format="svg", alt=vendor.legal_name)
