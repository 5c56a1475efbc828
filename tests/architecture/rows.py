"""Many rows of every kind that a page lists, to see that no page asks once for each of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import models
from django.utils import timezone

from billing.models import (
    CheckoutAttempt,
    CreditTerms,
    DocumentLine,
    ExchangeRate,
    FinanceTask,
    LedgerEntry,
    Order,
    OrderLine,
    Price,
    PriceTier,
    Refund,
    StripeEvent,
    SupportPlan,
    TaxRule,
    TermsVersion,
)
from licensing.models import Agreement, KeyRequest, Licence, Product
from portal.accounts.models import (
    BillingContact,
    Invitation,
    Membership,
    Organisation,
    TaxNumberCheck,
    User,
)
from portal.audit.models import AuditEvent
from portal.kit import clock
from portal.notifications.models import Mail
from tests.architecture.company import session_of
from tests.architecture.passkeys import add_passkey

Change = Callable[[int], Any]


def grow(organisation: Organisation, owner: User, first: int, last: int) -> None:
    """Add rows `first` to `last` of each kind, as copies of what the company has already."""
    numbers = range(first, last + 1)
    _people(organisation, owner, numbers)
    _agreements(organisation, numbers)
    _orders(organisation, numbers)
    _of_one_agreement(organisation, numbers)
    _of_one_order(organisation, numbers)
    _catalogue(numbers)
    _of_staff(organisation, numbers)


def copies(row: models.Model, numbers: range, **changes: Change) -> list[Any]:
    """Store copies of a row with these changes, each made from its number; ids are made anew."""
    return type(row)._base_manager.bulk_create(_copies(row, numbers, changes))


def _copies(row: Any, numbers: range, changes: dict[str, Change]) -> Iterator[Any]:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    kept = {
        field.attname: getattr(row, field.attname)
        for field in fields
        if field.name != "public_id" and field.name not in changes
    }
    for number in numbers:
        yield type(row)(**kept, **{name: change(number) for name, change in changes.items()})


def _people(organisation: Organisation, owner: User, numbers: range) -> None:
    people = copies(owner, numbers, email=lambda n: f"many{n}@customer.example")
    membership = Membership.objects.get(organisation=organisation, user=owner)
    copies(membership, numbers, user=lambda n: people[n - numbers.start], role=lambda n: "member")
    others = copies(organisation, numbers, legal_name=lambda n: f"Other {n} Ltd")
    copies(membership, numbers, organisation=lambda n: others[n - numbers.start])
    credit = CreditTerms.objects.get(organisation=organisation)
    copies(credit, numbers, organisation=lambda n: others[n - numbers.start])
    copies(
        Invitation.objects.filter(organisation=organisation)[0],
        numbers,
        email=lambda n: f"invited{n}@new.example",
        token_hash=lambda n: f"hash-{organisation.pk}-{n}",
    )
    copies(
        BillingContact.objects.filter(organisation=organisation)[0],
        numbers,
        email=lambda n: f"contact{n}@customer.example",
    )
    TaxNumberCheck.objects.bulk_create(
        TaxNumberCheck(
            organisation=organisation,
            number="GB980780684",
            country="GB",
            passed=True,
            source="format",
            checked_at=clock.now(),
        )
        for _ in numbers
    )
    UserSession.objects.bulk_create(
        UserSession(
            user=owner,
            ip="192.0.2.1",
            user_agent="Browser",
            session_key=session_of(owner),
            last_seen_at=timezone.now(),
        )
        for _ in numbers
    )
    for number in numbers[:10]:
        add_passkey(owner, f"Passkey {number}")


def _agreements(organisation: Organisation, numbers: range) -> None:
    """Each with a term, seats, a key, and a request that is open."""
    agreement = Agreement.objects.get(organisation=organisation, label="")
    made = copies(agreement, numbers, label=lambda n: f"many {n}")
    own: Change = lambda n: made[n - numbers.start]  # noqa: E731
    copies(agreement.terms.all()[0], numbers, agreement=own)
    copies(agreement.seat_entries.all()[0], numbers, agreement=own)
    licence = agreement.licences.latest("pk")
    issued = _requests(licence.key_request, numbers, own, "issued")
    _requests(licence.key_request, numbers, own, "open")
    _licences(licence, numbers, own, issued)


def _requests(request: KeyRequest, numbers: range, agreement: Change, status: str) -> list[Any]:
    kind = "addition" if status == "open" else "first"
    prefix = f"{kind}-{request.pk}"
    return copies(
        request,
        numbers,
        agreement=agreement,
        kind=lambda n: kind,
        status=lambda n: status,
        order_id=lambda n: f"{prefix}-{agreement(n).pk}-{n}",
        due_at=lambda n: clock.now(),
    )


def _licences(licence: Licence, numbers: range, agreement: Change, requests: list[Any]) -> None:
    copies(
        licence,
        numbers,
        agreement=agreement,
        key_request=lambda n: requests[n - numbers.start],
    )


def _orders(organisation: Organisation, numbers: range) -> None:
    """Each placed under a label of its own, with lines, a pro forma and an attempt to pay."""
    order = Order.objects.get(organisation=organisation, label="Transfer")
    made = copies(order, numbers, label=lambda n: f"many {n}", form_token=lambda n: f"many-{n}")
    own: Change = lambda n: made[n - numbers.start]  # noqa: E731
    _lines(OrderLine, order.lines.all(), numbers, order=own)
    document = order.documents.get()
    documents = copies(document, numbers, order=own)
    own_document: Change = lambda n: documents[n - numbers.start]  # noqa: E731
    _lines(DocumentLine, document.lines.all(), numbers, document=own_document)
    drafts = Order.objects.get(organisation=organisation, label="Draft")
    copies(drafts, numbers, label=lambda n: f"draft {n}", form_token=lambda n: f"draft-{n}")


def _lines(model: type[Any], lines: Any, numbers: range, **parent: Change) -> None:
    for line in lines:
        copies(line, numbers, **parent)


def _of_one_agreement(organisation: Organisation, numbers: range) -> None:
    """More seats, keys and requests of the one agreement that has a page of its own."""
    agreement = Agreement.objects.get(organisation=organisation, label="")
    own: Change = lambda n: agreement  # noqa: E731
    entry = agreement.seat_entries.all()[0]
    copies(entry, numbers, order_id=lambda n: f"more-{n}", reason=lambda n: "addition")
    term = agreement.terms.get(number=1)
    copies(
        term,
        numbers,
        number=lambda n: n + 1,
        starts_on=lambda n: term.ends_on,
        ends_on=lambda n: term.ends_on + timedelta(days=365),
    )
    licence = agreement.licences.earliest("pk")
    requests = copies(licence.key_request, numbers, order_id=lambda n: "", kind=lambda n: "reissue")
    _licences(licence, numbers, own, requests)


def _of_one_order(organisation: Organisation, numbers: range) -> None:
    """More payments, refunds and attempts to pay of the order that has pages of its own."""
    order = paid_order(organisation)
    payment = order.payments.earliest("pk")
    payments = copies(payment, numbers, form_token=lambda n: f"pay-{order.pk}-{n}")
    refund = Refund.objects.filter(payment__order__organisation=organisation)[0]
    copies(refund, numbers, payment=lambda n: payments[n - numbers.start])
    CheckoutAttempt.objects.bulk_create(
        CheckoutAttempt(
            order=order,
            status="expired",
            amount=order.gross_amount,
            currency=order.currency,
            return_url="http://testserver/",
            session_id=f"cs_many_{order.pk}_{number}",
            expires_at=clock.now(),
            created_at=clock.now(),
        )
        for number in numbers
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            organisation=organisation,
            order=order,
            kind="payment",
            currency=order.currency,
            amount=-payment.amount,
            payment=row,
            at=clock.now(),
        )
        for row in payments
    )


def paid_order(organisation: Organisation) -> Order:
    """Return the order that was paid by transfer and has its key."""
    return Order.objects.get(organisation=organisation, label="", status="fulfilled")


def _catalogue(numbers: range) -> None:
    product = Product.objects.get(slug="distribution-engine")
    made = copies(
        product, numbers, slug=lambda n: f"many-{n}", name=lambda n: f"Another product {n}"
    )
    own: Change = lambda n: made[n - numbers.start]  # noqa: E731
    price = Price.objects.get(product=product, currency="GBP")
    prices = copies(price, numbers, product=own)
    for tier in PriceTier.objects.filter(price=price):
        copies(tier, numbers, price=lambda n: prices[n - numbers.start])
    copies(SupportPlan.objects.get(product=product, code="premier"), numbers, product=own)
    copies(TermsVersion.objects.filter(product=product)[0], numbers, version=lambda n: f"many-{n}")
    copies(
        TaxRule.objects.get(customer_country="GB", customer_kind="business", valid_to=None),
        numbers,
        valid_from=lambda n: clock.now().date() - timedelta(days=10_000 + n),
        valid_to=lambda n: clock.now().date() - timedelta(days=9_999 + n),
    )
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            currency="USD",
            vendor_currency="GBP",
            day=clock.now().date() - timedelta(days=number),
            rate="0.75",
            source="many",
        )
        for number in numbers
    )


def _of_staff(organisation: Organisation, numbers: range) -> None:
    copies(
        Mail.objects.filter(organisation_id=organisation.public_id)[0],
        numbers,
        once_key=lambda n: None,
    )
    copies(AuditEvent.objects.filter(organisation_id=organisation.public_id)[0], numbers)
    FinanceTask.objects.bulk_create(
        FinanceTask(
            kind=FinanceTask.Kind.OVERPAID,
            once_key=f"many-{number}",
            organisation=organisation,
            note="Paid more than was due",
            opened_at=clock.now(),
        )
        for number in numbers
    )
    StripeEvent.objects.bulk_create(
        StripeEvent(
            event_id=f"evt_many_{number}",
            type="checkout.session.completed",
            payload={},
            created_at=clock.now(),
            received_at=clock.now(),
        )
        for number in numbers
    )
