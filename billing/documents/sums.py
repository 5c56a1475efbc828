"""The tables of a document: its lines, its tax groups and its totals, as formatted strings."""

from __future__ import annotations

from typing import Any

from billing.documents import labels
from billing.documents.content import DocumentContent, DocumentKind, Line, TaxGroup
from portal.kit.formatting import (
    format_amount,
    format_money,
    format_number,
    format_percent,
    format_period,
)


def line_table(content: DocumentContent) -> dict[str, Any]:
    """Headings and rows of the lines; a column that no line fills is left out."""
    columns = [
        (labels.QUANTITY, [_number(line.quantity, content) for line in content.lines]),
        (labels.UNIT_PRICE, [_amount(line.unit_amount, content) for line in content.lines]),
        (labels.MONTHS, [_number(line.months, content) for line in content.lines]),
    ]
    filled = [(heading, cells) for heading, cells in columns if any(cells)]
    amount = labels.AMOUNT_WITH_TAX if content.prices_include_tax else labels.AMOUNT
    return {
        "headings": [
            str(labels.DESCRIPTION),
            *(str(heading) for heading, _ in filled),
            amount % {"currency": content.currency},
        ],
        "rows": [
            {
                "description": line.description,
                "details": _details(line, content),
                "cells": [*(cells[row] for _, cells in filled), _amount(line.net, content)],
            }
            for row, line in enumerate(content.lines)
        ],
    }


def tax_table(content: DocumentContent) -> dict[str, Any]:
    """One row for each (rate, category) group, and the sentence that a zero rate owes."""
    return {
        "headings": [str(labels.TAX_RATE), str(labels.TAX_NET), str(labels.TAX_AMOUNT)],
        "rows": [
            [_rate(group, content), _amount(group.net, content), _amount(group.tax, content)]
            for group in content.tax_groups
        ],
        "notes": list(dict.fromkeys(group.note for group in content.tax_groups if group.note)),
    }


def totals(content: DocumentContent) -> list[dict[str, Any]]:
    """Net, tax and total; then what was paid and what is left, once anything was paid."""
    credit = content.kind is DocumentKind.CREDIT_NOTE
    rows = [
        _total(labels.NET, content.net, content),
        _total(labels.TAX, content.tax, content),
        _total(
            labels.TOTAL_CREDIT if credit else labels.TOTAL, content.gross, content, strong=True
        ),
    ]
    if content.paid:
        overpaid = content.balance < 0
        rest = labels.OVERPAID if overpaid else labels.BALANCE
        rows += [
            _total(labels.PAID, -content.paid, content),
            _total(rest, abs(content.balance), content, strong=True),
        ]
    return rows


def _total(
    label: object, minor: int, content: DocumentContent, *, strong: bool = False
) -> dict[str, Any]:
    shown = format_money if strong else format_amount
    value = shown(minor, content.currency, content.locale)
    return {"label": str(label), "value": value, "strong": strong}


def _details(line: Line, content: DocumentContent) -> list[str]:
    details = list(line.details)
    if line.period_start and line.period_last_day:
        details.append(format_period(line.period_start, line.period_last_day, content.locale))
    return details


def _rate(group: TaxGroup, content: DocumentContent) -> str:
    rate = format_percent(group.rate_basis_points, content.locale)
    category = labels.CATEGORIES.get(group.category)
    return category % {"rate": rate} if category else rate


def _amount(minor: int | None, content: DocumentContent) -> str:
    return "" if minor is None else format_amount(minor, content.currency, content.locale)


def _number(number: int | None, content: DocumentContent) -> str:
    return "" if number is None else format_number(number, content.locale)
