"""Rows for the benchmarks: one customer with many agreements."""

from datetime import timedelta

from licensing.models import Agreement, Product, SeatLedgerEntry, Term
from portal.accounts.models import Membership, Organisation, User
from portal.kit import clock
from portal.kit.dates import add_years


def many_agreements(count: int) -> tuple[User, Organisation]:
    """Make a customer with `count` separate agreements, and return its owner and it."""
    now = clock.now()
    organisation = Organisation.objects.create(
        kind="business", legal_name=f"Benchmark {count}", country="GB", city="Leeds"
    )
    user = User.objects.create_user(f"bench{count}@customer.example", None)
    Membership.objects.create(organisation=organisation, user=user, role="owner")
    product = Product.objects.get(slug="distribution-engine")
    agreements = Agreement.objects.bulk_create(
        Agreement(
            organisation=organisation,
            product=product,
            label=f"Team {number}",
            currency="GBP",
            created_at=now,
        )
        for number in range(count)
    )
    starts_on = (now - timedelta(days=30)).date()
    for agreement in agreements:
        order_id = f"bench-{agreement.pk}"
        Term.objects.create(
            agreement=agreement,
            starts_on=starts_on,
            ends_on=add_years(starts_on, 1),
            order_id=order_id,
        )
        SeatLedgerEntry.objects.create(
            agreement=agreement,
            quantity=12,
            effective_on=starts_on,
            order_id=order_id,
            reason="purchase",
            at=now,
        )
    return user, organisation
