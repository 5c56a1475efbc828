"""Writing the demo's data through the same services that customers and staff use."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from billing.models import (
    CreditTerms,
    ExchangeRate,
    Order,
    Price,
    PriceTier,
    SupportPlan,
    TaxRule,
    TermsVersion,
)
from billing.selectors import paid_amount
from billing.services.keys import issue_key_for_request
from billing.services.ordering import place_order, prepare_order
from billing.services.payments import record_transfer
from licensing.models import KeyRequest, Product
from licensing.services.keys import collect_key
from portal.accounts.models import (
    BillingContact,
    Membership,
    Organisation,
    TaxNumberCheck,
    User,
)
from portal.audit.models import AuditEvent
from portal.audit.services import Actor
from portal.desk.demo import catalogue, people
from portal.kit import clock
from portal.kit.formatting import format_amount
from portal.vendor.models import BankAccount, VendorProfile


def seed() -> None:
    """Write what is missing; whatever an earlier run wrote is kept, so it can run again."""
    with transaction.atomic():
        _vendor()
        _catalogue()
        _staff()
    for company in people.COMPANIES:
        if not Organisation.objects.filter(legal_name=company.name).exists():
            with transaction.atomic():
                _company(company)
    with transaction.atomic():
        _bookkeeper()


def _vendor() -> None:
    vendor, _ = VendorProfile.objects.get_or_create(pk=1, defaults=catalogue.VENDOR)
    for currency, numbers in catalogue.BANK_ACCOUNTS.items():
        defaults = {
            "vendor": vendor,
            "account_name": vendor.legal_name,
            "bank_name": "Example Bank",
            **numbers,
        }
        BankAccount.objects.get_or_create(currency=currency, defaults=defaults)
    for currency, rate in catalogue.EXCHANGE_RATES.items():
        ExchangeRate.objects.get_or_create(
            currency=currency,
            vendor_currency=vendor.currency,
            day=clock.now().date(),
            defaults={"rate": Decimal(rate), "source": "Demo"},
        )


def _catalogue() -> None:
    for slug, fields in catalogue.PRODUCTS.items():
        product, made = Product.objects.get_or_create(slug=slug, defaults=fields)
        if made:
            _prices(product)
            _terms(product)
            if plan := catalogue.SUPPORT_PLANS.get(slug):
                SupportPlan.objects.create(product=product, **plan)
    for rule in catalogue.TAX_RULES:
        TaxRule.objects.get_or_create(
            vendor_country="GB",
            customer_country=rule["customer_country"],
            customer_kind=rule["customer_kind"],
            valid_from=catalogue.TAX_RULES_FROM,
            defaults={"category": "S", **rule},
        )


def _prices(product: Product) -> None:
    basis, currencies = catalogue.PRICES[product.slug]
    for currency, tiers in currencies.items():
        price = Price.objects.create(
            product=product,
            currency=currency,
            effective_from=catalogue.PRICES_FROM,
            tier_basis=basis,
        )
        PriceTier.objects.bulk_create(
            PriceTier(price=price, from_quantity=start, unit_amount=amount)
            for start, amount in tiers
        )


def _terms(product: Product) -> None:
    version, paragraphs = catalogue.TERMS[product.slug]
    published_at = datetime(2026, 1, 1, tzinfo=UTC)
    TermsVersion.objects.create(
        product=product,
        version=version,
        text="\n\n".join(paragraphs),
        published_at=published_at,
    )


def _person(email: str, name: str, time_zone: str, *, is_staff: bool = False) -> User:
    user = User.objects.create_user(
        email, people.PASSWORD, name=name, time_zone=time_zone, is_staff=is_staff
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _staff() -> None:
    for email, (name, group) in people.STAFF.items():
        if User.objects.filter(email=email).exists():
            continue
        user = _person(email, name, "Europe/London", is_staff=True)
        if group is None:
            user.is_superuser = True
            user.save(update_fields=["is_superuser"])
        else:
            user.groups.add(Group.objects.get_or_create(name=group)[0])


def _company(company: people.Company) -> None:
    began = clock.now() - timedelta(days=max(p.days_ago for p in company.purchases) + 1)
    line, city, postcode = company.address
    organisation = Organisation.objects.create(
        kind="business",
        legal_name=company.name,
        address_line_1=line,
        city=city,
        postcode=postcode,
        country=company.country,
        vat_number=company.vat_number,
        time_zone=company.time_zone,
        currency=company.currency,
        created_at=began,
    )
    for email, name, role in company.people:
        user = _person(email, name, company.time_zone)
        Membership.objects.create(organisation=organisation, user=user, role=role)
    if company.vat_number:
        TaxNumberCheck.objects.create(
            organisation=organisation,
            number=company.vat_number,
            country=company.country,
            passed=True,
            source=TaxNumberCheck.Source.FORMAT,
            checked_at=began,
        )
    if company.billing_mailbox:
        BillingContact.objects.create(
            organisation=organisation, email=company.billing_mailbox, is_shared_mailbox=True
        )
    if company.credit_limit is not None:
        CreditTerms.objects.create(
            organisation=organisation,
            allowed=True,
            currency=company.currency,
            limit_amount=company.credit_limit,
        )
    for purchase in company.purchases:
        _purchase(organisation, purchase)


def _bookkeeper() -> None:
    email, name = people.BOOKKEEPER
    if User.objects.filter(email=email).exists():
        return
    user = _person(email, name, "Europe/London")
    for organisation in Organisation.objects.filter(legal_name__in=people.BOOKKEEPER_OF):
        Membership.objects.create(organisation=organisation, user=user, role="billing")


def _purchase(organisation: Organisation, purchase: people.Purchase) -> None:
    """Walk one purchase as far as the data says, each step at its own time."""
    placed_at = clock.now() - timedelta(days=purchase.days_ago)
    with clock.pretend(placed_at):
        order = _order(organisation, purchase)
    if purchase.paid:
        with clock.pretend(placed_at + timedelta(hours=5)):
            _pay(order)
    if purchase.issued:
        with clock.pretend(placed_at + timedelta(hours=9)):
            _issue(order)


def _order(organisation: Organisation, purchase: people.Purchase) -> Order:
    person = organisation.memberships.select_related("user").get(role="owner").user
    product = Product.objects.get(slug="distribution-engine")
    plan = product.support_plans.get(code="premier") if purchase.premier else None
    actor = _actor(person, AuditEvent.ActorKind.PERSON)
    order = prepare_order(
        organisation=organisation,
        person=person,
        product=product,
        quantity=purchase.seats,
        support_plan=plan,
        currency=organisation.currency,
        wanted_start=None,
        label="",
        form_token=f"demo-{organisation.public_id}-{purchase.days_ago}",
        actor=actor,
    )
    return place_order(
        order=order,
        seen_gross=order.gross_amount,
        seen_net=order.net_amount,
        terms_version=product.terms_versions.get().version,
        pay_by=purchase.pay_by,
        purchase_order="",
        person=person,
        actor=actor,
    )


def _pay(order: Order) -> None:
    finance = User.objects.get(email="finance@northwind.example")
    record_transfer(
        order=order,
        amount_text=format_amount(order.gross_amount - paid_amount(order), order.currency),
        currency=order.currency,
        received_on=clock.now().date(),
        reference=order.reference,
        staff=finance,
        form_token=f"demo-{order.public_id}",
        actor=_actor(finance, AuditEvent.ActorKind.STAFF),
    )


def _issue(order: Order) -> None:
    desk = User.objects.get(email="desk@northwind.example")
    key_request = KeyRequest.objects.get(order_id=order.public_id)
    licence = issue_key_for_request(
        key_request=key_request, staff=desk, actor=_actor(desk, AuditEvent.ActorKind.STAFF)
    )
    collect_key(licence=licence, actor=_actor(order.created_by, AuditEvent.ActorKind.PERSON))


def _actor(user: User, kind: str) -> Actor:
    return Actor(kind=kind, id=user.public_id, name=user.email, address="127.0.0.1")
