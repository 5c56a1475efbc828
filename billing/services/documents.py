"""Issuing pro formas, invoices and credit notes: immutable, and gapless where numbered."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.domain.totals import LineKind, Period
from billing.models import Document, DocumentLine, FinanceTask, LedgerEntry, Order, OrderLine
from billing.models.document import DocumentKind
from billing.models.payment import LedgerKind
from billing.selectors.catalogue import EXCHANGE_RATE_DAYS
from billing.selectors.documents import invoice_of, pro_forma_of
from billing.selectors.money import amount_due, paid_amount
from billing.services.document_content import content_of
from billing.services.document_files import (
    document_attachment,
    document_filename,
    document_pdf,
)
from billing.services.numbering import take_number
from billing.services.order_mails import mail_credit_note, mail_invoice
from billing.services.snapshots import bank_snapshot, seller_snapshot, vendor_tax_snapshot
from billing.services.tasks import open_task
from licensing.models import Term
from portal.audit.services import SYSTEM, Actor, record_event
from portal.kit.dates import local_today
from portal.kit.formatting import format_date, format_percent
from portal.vendor.models import VendorProfile
from portal.vendor.selectors import get_vendor

__all__ = [
    "content_of",
    "document_attachment",
    "document_filename",
    "document_pdf",
    "issue_credit_note",
    "issue_invoice",
    "issue_pro_forma",
]


@transaction.atomic
def issue_pro_forma(*, order: Order, actor: Actor = SYSTEM) -> Document:
    """Issue the order's one pro forma: no number, no tax invoice, good until the order expires.

    Its lines state the provisional periods of the day of placing. The order is locked by the
    caller; a second call returns the first document.
    """
    existing = pro_forma_of(order)
    if existing is not None:
        return existing
    if order.placed_at is None or order.good_until is None:
        raise ValueError("only a placed order that waits for money has a pro forma")
    vendor = get_vendor()
    issue = _Issue(order, vendor, DocumentKind.PRO_FORMA, order.placed_at, actor)
    return issue.write(due_on=local_today(order.good_until, vendor.zone), period=None)


@transaction.atomic
def issue_invoice(*, order: Order, at: datetime, actor: Actor = SYSTEM) -> Document:
    """Number and issue the order's one invoice, book what it claims and mail it.

    Its lines state the real term, fixed when the order was accepted. Paid in full it says so;
    else it is due after the vendor's days to pay. The order is locked by the caller and has its
    agreement; a second call returns the first document.
    """
    existing = invoice_of(order)
    if existing is not None:
        return existing
    vendor = get_vendor()
    is_paid = paid_amount(order) >= order.gross_amount
    issue = _Issue(order, vendor, DocumentKind.INVOICE, at, actor)
    due_on = None if is_paid else issue.day + timedelta(days=vendor.payment_days)
    invoice = issue.write(due_on=due_on, period=_real_period(order), paid_at_issue=is_paid)
    issue.book(invoice, LedgerKind.INVOICE, invoice.gross_amount)
    _tell_of_old_rate(invoice)
    mail_invoice(order, invoice, balance=amount_due(order))
    return invoice


@transaction.atomic
def issue_credit_note(
    *, invoice: Document, reason: str, at: datetime, actor: Actor = SYSTEM
) -> Document:
    """Credit an invoice in full, in its own currency; nothing else ever corrects it.

    Amounts on the note are positive; the ledger books them as negative. The order is locked by
    the caller; a second call returns the first note.
    """
    existing = invoice.corrections.filter(kind=DocumentKind.CREDIT_NOTE).first()
    if existing is not None:
        return existing
    order = invoice.order
    issue = _Issue(order, get_vendor(), DocumentKind.CREDIT_NOTE, at, actor)
    note = issue.write_correction(invoice, reason)
    issue.book(note, LedgerKind.CREDIT_NOTE, -note.gross_amount)
    mail_credit_note(order, note, invoice)
    return note


class _Issue:
    """One document on its way: numbered last, so that the series is locked for a moment only."""

    def __init__(
        self, order: Order, vendor: VendorProfile, kind: DocumentKind, at: datetime, actor: Actor
    ) -> None:
        self.order, self.vendor, self.kind, self.at, self.actor = order, vendor, kind, at, actor
        self.day = local_today(at, vendor.zone)

    def write(
        self, *, due_on: date | None, period: Period | None, paid_at_issue: bool = False
    ) -> Document:
        """Write the document of the order's own lines; `period` None keeps the lines' own."""
        document = self._create(
            due_on=due_on,
            paid_at_issue=paid_at_issue,
            net_amount=self.order.net_amount,
            tax_amount=self.order.tax_amount,
            gross_amount=self.order.gross_amount,
            tax_groups=self.order.tax_groups,
            seller=seller_snapshot(self.vendor),
            buyer=self.order.bill_to,
            bank_details=bank_snapshot(self.vendor, self.order),
            vendor_tax=vendor_tax_snapshot(self.order, self.vendor, self.day),
        )
        for line in self.order.lines.order_by("position"):
            DocumentLine.objects.create(document=document, **_printed(line, self.order, period))
        return document

    def write_correction(self, invoice: Document, reason: str) -> Document:
        """Write the document that takes an invoice back, line by line."""
        document = self._create(
            corrects=invoice,
            reason=reason,
            net_amount=invoice.net_amount,
            tax_amount=invoice.tax_amount,
            gross_amount=invoice.gross_amount,
            tax_groups=invoice.tax_groups,
            seller=invoice.seller,
            buyer=invoice.buyer,
            # A correction keeps what the original stated, the rate of its day included.
            vendor_tax=invoice.vendor_tax,
        )
        for values in invoice.lines.order_by("position").values(*_LINE_FIELDS):
            DocumentLine.objects.create(document=document, **values)
        return document

    def book(self, document: Document, kind: LedgerKind, amount: int) -> None:
        """Write the receivables entry: + what is owed, − what is taken back, in minor units."""
        LedgerEntry.objects.create(
            organisation=self.order.organisation,
            order=self.order,
            kind=kind,
            currency=document.currency,
            amount=amount,
            document=document,
            at=self.at,
        )

    def _create(self, **values: Any) -> Document:
        document = Document.objects.create(
            kind=self.kind,
            organisation=self.order.organisation,
            order=self.order,
            issued_at=self.at,
            issued_on=self.day,
            currency=self.order.currency,
            purchase_order=self.order.purchase_order,
            **self._number(),
            **values,
        )
        record_event(
            action=f"{self.kind}.issued",
            subject_id=document.public_id,
            actor=self.actor,
            organisation_id=self.order.organisation.public_id,
            data={"order": self.order.public_id, "number": document.number},
        )
        return document

    def _number(self) -> dict[str, Any]:
        if self.kind is DocumentKind.PRO_FORMA:
            return {}
        number = take_number(kind=self.kind, on=self.day)
        return {"year": number.year, "sequence": number.sequence, "number": str(number)}


_LINE_FIELDS = (
    "position",
    "description",
    "detail",
    "quantity",
    "unit_amount",
    "months",
    "period_start",
    "period_end",
    "amount",
)


def _printed(line: OrderLine, order: Order, period: Period | None) -> dict[str, Any]:
    """Return a line as a document prints it; a percentage has no unit price, but says of what."""
    values = {name: getattr(line, name) for name in _LINE_FIELDS if name != "detail"}
    if period is not None and line.period_start is not None:
        values.update(period_start=period.starts_on, period_end=period.ends_on)
    if line.kind != LineKind.LICENCE:
        values.update(quantity=None, unit_amount=None)
    return values | {"detail": _detail(line, order)}


def _detail(line: OrderLine, order: Order) -> str:
    if line.kind == LineKind.SUPPORT:
        return _("%(percent)s of the licence fee") % {
            "percent": format_percent(line.basis_points or 0)
        }
    if line.kind == LineKind.LICENCE and order.label:
        return _("Separate agreement “%(label)s”") % {"label": order.label}
    return ""


def _tell_of_old_rate(invoice: Document) -> None:
    """Ask finance where no rate of the week was there; the invoice is issued all the same."""
    if not invoice.vendor_tax:
        return
    rate_on = date.fromisoformat(invoice.vendor_tax["rate_on"])
    if invoice.issued_on - rate_on <= timedelta(days=EXCHANGE_RATE_DAYS):
        return
    open_task(
        kind=FinanceTask.Kind.OLD_EXCHANGE_RATE,
        once_key=f"old-rate:{invoice.public_id}",
        organisation=invoice.organisation,
        subject_id=invoice.public_id,
        note=_("Invoice %(number)s states the VAT at the rate of %(day)s: no later one is known.")
        % {"number": invoice.number, "day": format_date(rate_on)},
    )


def _real_period(order: Order) -> Period | None:
    """Return the term that acceptance fixed, None for a perpetual licence."""
    term = Term.objects.get(agreement=order.agreement, order_id=order.public_id)
    return Period(term.starts_on, term.ends_on) if term.ends_on else None
