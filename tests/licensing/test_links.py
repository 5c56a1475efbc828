"""Addresses in mails lead to the pages that exist."""

import pytest
from django.urls import include, path, reverse

from licensing import links

pytestmark = pytest.mark.django_db
urlpatterns = [path("o/<str:organisation>/", include("licensing.urls"))]


@pytest.mark.urls(__name__)
def test_given_a_licence_then_each_address_is_that_of_its_page(licence, customer):
    organisation = customer.organisation.public_id
    for name, subject, address in (
        ("licensing:agreement", licence.agreement, links.agreement_url(licence.agreement)),
        ("licensing:licence", licence, links.licence_url(licence)),
        ("licensing:key_request", licence.key_request, links.key_request_url(licence.key_request)),
    ):
        expected = reverse(name, args=[organisation, subject.public_id])
        assert address == f"http://testserver{expected}"


def test_given_a_request_then_the_desk_finds_it_by_its_id(key_request):
    url = links.desk_url(key_request)
    assert url == f"http://testserver/admin/licensing/keyrequest/?q={key_request.public_id}"
