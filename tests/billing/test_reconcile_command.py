"""`manage.py reconcile_stripe` finds what webhooks lost, and says how much it found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.billing.given import placed

pytestmark = pytest.mark.django_db(transaction=True)


def run(**options) -> list[str]:
    out = StringIO()
    call_command("reconcile_stripe", stdout=out, **options)
    return out.getvalue().splitlines()


def test_given_lost_webhooks_when_the_command_runs_then_the_order_is_accepted(
    shop, customer, payer
):
    order = placed(shop, customer)
    payer.pay(order)

    lines = run()

    order.refresh_from_db()
    assert order.status == "accepted"
    assert lines == [
        "events fetched: 2",
        "events handled again: 0",
        "payments synced: 0",
        "refunds synced: 0",
    ]


@pytest.mark.parametrize("days", [0, -1, 31])
def test_given_a_span_that_stripe_does_not_keep_when_the_command_runs_then_it_is_refused(db, days):
    with pytest.raises(CommandError, match="1 to 30"):
        run(days=days)


def test_given_stripe_is_down_when_the_command_runs_then_it_fails_with_a_sentence(db, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(CommandError, match="Stripe: "):
        run()
