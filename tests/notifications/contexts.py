"""A complete context for each kind of mail, as the services that queue it give it."""

from datetime import UTC, date, datetime
from typing import Any

from portal.kit.dates import DueKind, ShownDue

DUE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "organisation_name": "Baker & Sons Ltd",
    "order_id": "ORD-2026-7",
    "order_url": "http://testserver/o/org_1/orders/ord_1/",
    "product_name": "Distribution Engine",
    "quantity": 12,
    "currency": "GBP",
    "gross_amount": 207360,
}
REQUEST: dict[str, Any] = {
    "organisation_name": "Baker & Sons Ltd",
    "product_name": "Distribution Engine",
    "request_kind": "First key",
    "request_id": "req_1",
}
DESK: dict[str, Any] = {
    **REQUEST,
    "due_at": DUE,
    "seats_before": 0,
    "seats_after": 12,
    "taken_by": "",
    "desk_url": "http://testserver/admin/licensing/keyrequest/?q=req_1",
}
PAY_URL = "http://testserver/pay/token/"
DOCUMENT_URL = "http://testserver/o/org_1/documents/inv_1/pdf/"
REQUEST_URL = "http://testserver/o/org_1/requests/req_1/"

CONTEXTS: dict[str, dict[str, Any]] = {
    "order_placed": {
        **ORDER,
        "pay_by": "card",
        "pay_url": PAY_URL,
        "good_until": date(2026, 12, 21),
    },
    "pro_forma": {
        **ORDER,
        "pay_url": PAY_URL,
        "good_until": date(2026, 12, 21),
        "bank_reference": "ORD-2026-7",
    },
    "order_accepted": {
        **ORDER,
        "starts_on": date(2026, 11, 21),
        "ends_on": date(2027, 11, 21),
        "key_due_at": DUE,
        "key_due": ShownDue(DueKind.BY_CLOSE, date(2026, 11, 23), DUE),
    },
    "invoice": {
        **ORDER,
        "number": "INV-2026-00001",
        "balance_amount": 207360,
        "is_paid": False,
        "due_on": date(2026, 12, 21),
        "document_url": DOCUMENT_URL,
        "pay_url": PAY_URL,
    },
    "paid": {
        **ORDER,
        "number": "INV-2026-00001",
        "amount": 207360,
        "document_url": DOCUMENT_URL,
    },
    "credit_note": {
        **ORDER,
        "number": "CRN-2026-00001",
        "invoice_number": "INV-2026-00001",
        "document_url": DOCUMENT_URL,
        "reason": "The order was declined.",
    },
    "payment_failed": {
        **ORDER,
        "amount": 207360,
        "pay_url": PAY_URL,
        "reason": "The bank declined the card.",
    },
    "payment_processing": {**ORDER, "amount": 207360},
    "payment_partial": {
        **ORDER,
        "received_amount": 200000,
        "balance_amount": 7360,
        "pay_url": PAY_URL,
    },
    "order_cancelled": {**ORDER, "reason": "Ordered twice."},
    "order_expired": {**ORDER, "good_until": date(2026, 12, 21)},
    "refund_sent": {**ORDER, "amount": 207360, "reason": "The order was declined."},
    "key_issued": {
        **REQUEST,
        "seats": 12,
        "starts_on": date(2026, 11, 21),
        "ends_on": date(2027, 11, 21),
        "licence_url": "http://testserver/o/org_1/licences/lic_1/",
        "install_step": "Open Setup, then Licence, and paste the key.",
        "key": "",
        "replaced_seats": 5,
        "replaced_stops_at": DUE,
    },
    "request_declined": {
        **REQUEST,
        "reason": "The company does not exist.",
        "was_ordered": True,
        "request_url": REQUEST_URL,
    },
    "request_question": {
        **REQUEST,
        "question": "Which legal name goes on the key?",
        "request_url": REQUEST_URL,
    },
    "desk_due_soon": DESK,
    "desk_overdue": {**DESK, "taken_by": "desk@northwind.example"},
    "contact_message": {
        "name": "Ann <b>Other</b>",
        "email": "ann@customer.example",
        "topic": "Custom terms",
        "message": "May we change clause 3?\n\nYours, Ann",
        "organisation_name": "Baker & Sons Ltd",
    },
    "tax_number_to_check": {
        "organisation_name": "Baker & Sons Ltd",
        "country_name": "Hong Kong",
        "number": "1234567",
        "desk_url": "http://testserver/admin/accounts/organisation/?q=org_1",
    },
    "tax_number_checked": {"organisation_name": "Baker & Sons Ltd", "number": "1234567"},
    "invitation": {
        "organisation_name": "Baker & Sons Ltd",
        "inviter_name": "Ann Other",
        "role_name": "Owner",
        "accept_url": "http://testserver/invitations/token/",
        "expires_at": DUE,
    },
}
