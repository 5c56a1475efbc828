"""Pro formas, invoices and credit notes: immutable once issued, gapless where numbered."""

from enum import StrEnum
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.order import Order
from portal.accounts.models import Organisation
from portal.kit.append_only import AppendOnly, AppendOnlyError
from portal.kit.ids import new_public_id


class DocumentKind(StrEnum):
    PRO_FORMA = "pro_forma"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


DOCUMENT_KIND_LABELS = {
    DocumentKind.PRO_FORMA: _("Pro forma"),
    DocumentKind.INVOICE: _("Invoice"),
    DocumentKind.CREDIT_NOTE: _("Credit note"),
}


class NumberSeries(models.Model):
    """The last number given in one kind's year; locked while the next one is taken."""

    kind = models.CharField(max_length=12, choices=list(DOCUMENT_KIND_LABELS.items()))
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """What a customer was sent. Only its PDF is added later; its content never changes."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "inv")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=list(DOCUMENT_KIND_LABELS.items()))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="documents")
    order = models.ForeignKey(Order, models.PROTECT, related_name="documents")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    sequence = models.PositiveIntegerField(null=True, blank=True)
    number = models.CharField(_("number"), max_length=20, blank=True)
    issued_at = models.DateTimeField(_("issued"))
    issued_on = models.DateField(_("date"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    net_amount = models.BigIntegerField(_("net"))
    tax_amount = models.BigIntegerField(_("tax"))
    gross_amount = models.BigIntegerField(_("total"))
    tax_groups = models.JSONField(default=list)
    seller = models.JSONField(_("seller"), default=dict)
    buyer = models.JSONField(_("buyer"), default=dict)
    bank_details = models.JSONField(_("bank details"), default=dict, blank=True)
    purchase_order = models.CharField(_("purchase order number"), max_length=60, blank=True)
    # VAT in the vendor's currency and the rate used, where the currency is another one.
    vendor_tax = models.JSONField(default=dict, blank=True)
    # Why a credit note corrects its invoice; printed on it.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # The invoice was paid in full at its issue (it then says so).
    paid_at_issue = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "year", "sequence"],
                condition=models.Q(sequence__isnull=False),
                name="document_number_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="pro_forma", sequence=None, number="")
                | (
                    ~models.Q(kind="pro_forma")
                    & models.Q(sequence__isnull=False, year__isnull=False)
                    & ~models.Q(number="")
                ),
                name="document_numbered_unless_pro_forma",
            ),
            models.CheckConstraint(
                condition=models.Q(gross_amount=models.F("net_amount") + models.F("tax_amount")),
                name="document_sums",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(kind="pro_forma"),
                name="document_one_pro_forma",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_kind_display()} {self.order.reference}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("An issued document is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("An issued document is never deleted")


class DocumentLine(AppendOnly):
    """One line as printed; amounts in minor units of the document's currency."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=200)
    detail = models.CharField(max_length=300, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    unit_amount = models.BigIntegerField(null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    amount = models.BigIntegerField()

    class Meta:
        verbose_name = _("document line")
        verbose_name_plural = _("document lines")
        ordering = ["document", "position"]

    def __str__(self) -> str:
        return self.description


class DocumentFile(models.Model):
    """The PDF of a document, made once; the same content makes the same bytes."""

    document = models.OneToOneField(Document, models.PROTECT, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    tagged = models.BooleanField(_("accessible"), default=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("PDF")
        verbose_name_plural = _("PDFs")

    def __str__(self) -> str:
        return self.sha256
