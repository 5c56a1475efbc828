"""An address with a NUL character is one that nothing has, whatever the database thinks of it."""

import pytest

from billing.services.links import pay_token
from tests.billing.given import placed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/o/{organisation}/orders/%00/",
        "/o/{organisation}/licences/lic%00/",
        "/pay/{token}/return/?checkout=%00",
        "/pay/{token}/documents/%00/pdf/",
        "/admin/billing/order/%00/change/",
    ],
)
def test_given_a_nul_in_the_address_when_asked_then_it_is_not_found(shop, customer, client, path):
    order = placed(shop, customer, pay_by="transfer")
    client.force_login(customer.owner)
    address = path.format(organisation=customer.organisation.public_id, token=pay_token(order))
    assert client.get(address).status_code == 404


def test_given_the_same_address_without_it_then_it_is_there(shop, customer, client):
    order = placed(shop, customer, pay_by="transfer")
    assert client.get(f"/pay/{pay_token(order)}/").status_code == 200
