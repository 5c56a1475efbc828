"""Finding a customer, and everything about one on one page."""

import pytest
from django.urls import reverse

from tests.billing.given import pay
from tests.desk.pages import page_of

# What a browser sends along for the lists below the form, which nobody edits here.
UNTOUCHED = {
    f"{prefix}-{name}_FORMS": "0"
    for prefix in ("memberships", "invitations", "billing_contacts", "tax_number_checks")
    for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")
}


def find(client, text: str) -> list[str]:
    response = client.get(reverse("admin:customers"), {"q": text})
    return [organisation.legal_name for organisation in response.context["found"]]


def test_given_two_customers_when_support_looks_for_one_then_only_that_one_is_found(
    as_staff, support, order, customer, stranger
):
    client = as_staff(support)
    organisation = customer.organisation
    document = organisation.documents.first()

    for text in (
        organisation.legal_name,
        organisation.legal_name[:-4].lower() + " l",
        organisation.public_id,
        customer.owner.email.upper(),
        order.reference,
        order.public_id,
    ):
        assert find(client, text) == [organisation.legal_name], text
    assert document.kind == "pro_forma"
    assert find(client, "") == []
    assert find(client, "nobody at all") == []


def test_given_a_customer_when_support_opens_it_then_everything_is_on_the_page(
    as_staff, support, finance, order, customer
):
    pay(order, finance, "2073.60")

    page = (
        as_staff(support)
        .get(reverse("admin:customer", args=[customer.organisation.public_id]))
        .content.decode()
    )

    for words in (
        customer.organisation.legal_name,
        customer.owner.email,
        "Agreements",
        "Key requests",
        order.reference,
        "INV-2026-00001",
        "£2,073.60",
        "payment.recorded",
        "See the portal as",
    ):
        assert words in page, words


@pytest.mark.parametrize("group", ["Licence desk", "Sales", "Finance"])
def test_given_a_group_that_may_not_visit_when_it_opens_a_customer_then_there_is_no_button(
    as_staff, member_of, customer, shop, group
):
    page = (
        as_staff(member_of(group))
        .get(reverse("admin:customer", args=[customer.organisation.public_id]))
        .content.decode()
    )

    assert customer.owner.email in page
    assert "See the portal as" not in page


def test_given_support_when_it_visits_a_customer_then_it_sees_the_portal_as_that_person(
    as_staff, support, customer, shop
):
    client = as_staff(support)
    home = reverse("licensing:dashboard", args=[customer.organisation.public_id])

    response = client.post(
        reverse("hijack:acquire"), {"user_pk": customer.owner.pk, "next": home}, follow=True
    )

    assert response.redirect_chain[-1][0] == home
    assert response.context["request"].user == customer.owner


def test_given_an_unknown_customer_when_its_page_is_opened_then_it_is_not_found(
    as_staff, support, shop
):
    assert as_staff(support).get("/admin/customers/org_none/").status_code == 404


def test_given_staff_without_a_group_when_they_look_for_customers_then_it_is_refused(
    as_staff, groups, customer
):
    from tests import factories

    client = as_staff(factories.StaffFactory(is_superuser=False))

    assert client.get(reverse("admin:customers")).status_code == 403
    page = reverse("admin:customer", args=[customer.organisation.public_id])
    assert client.get(page).status_code == 403


def test_given_a_customer_when_finance_corrects_its_name_then_the_service_keeps_the_change(
    as_staff, finance, customer, shop, now
):
    from portal.audit.models import AuditEvent

    organisation = customer.organisation
    data = {
        **UNTOUCHED,
        "legal_name": "Renamed Ltd",
        "kind": "business",
        "country": "GB",
        "vat_number": "",
        "address_line_1": organisation.address_line_1,
        "city": organisation.city,
        "postcode": organisation.postcode,
        "currency": "GBP",
        "time_zone": "Europe/London",
    }

    as_staff(finance).post(page_of("accounts_organisation", organisation), data)

    organisation.refresh_from_db()
    assert organisation.legal_name == "Renamed Ltd"
    event = AuditEvent.objects.get(action="organisation.updated")
    assert (event.actor_kind, event.actor_id) == ("staff", finance.public_id)


def test_given_a_wrong_tax_number_when_finance_types_it_then_a_sentence_says_so(
    as_staff, finance, customer, shop, now
):
    organisation = customer.organisation
    data = {
        **UNTOUCHED,
        "legal_name": organisation.legal_name,
        "kind": "business",
        "country": "GB",
        "vat_number": "GB980780685",
        "currency": "GBP",
        "time_zone": "Europe/London",
    }

    response = as_staff(finance).post(page_of("accounts_organisation", organisation), data)

    assert response.status_code == 200
    assert "vat_number" in response.context["adminform"].form.errors
    organisation.refresh_from_db()
    assert organisation.vat_number == ""
    assert not organisation.tax_number_checks.exists()


def test_given_a_number_when_finance_checks_it_then_the_evidence_is_kept(
    as_staff, finance, customer, shop, now
):
    organisation = customer.organisation
    organisation.vat_number = "GB980780684"
    organisation.save()
    url = reverse(
        "admin:accounts_organisation_do", args=[organisation.public_id, "check_tax_number"]
    )

    as_staff(finance).post(url, {"passed": "yes", "detail": "HMRC register, ref 17"})

    check = organisation.tax_number_checks.get()
    assert (check.passed, check.source, check.detail) == (True, "staff", "HMRC register, ref 17")
