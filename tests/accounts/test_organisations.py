"""Organisations: made, changed, and their tax numbers kept with their evidence."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.accounts.errors import (
    AlreadyContact,
    TaxNumberInvalid,
    TaxNumberOfPrivatePerson,
    TooManyContacts,
    UnknownCurrency,
)
from portal.accounts.models import BillingContact, Organisation, TaxNumberCheck
from portal.accounts.selectors import billing_emails, latest_passed_check
from portal.accounts.services.contacts import (
    MAXIMUM_CONTACTS,
    add_billing_contact,
    remove_billing_contact,
)
from portal.accounts.services.organisations import (
    OrganisationProfile,
    create_organisation,
    record_staff_check,
    set_sign_in_policy,
    update_organisation,
)
from portal.accounts.services.people import update_person
from portal.audit.models import AuditEvent
from portal.audit.services import SYSTEM
from portal.kit import clock
from portal.kit.errors import Invalid
from portal.notifications.models import Mail
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def make(**fields):
    values = {"kind": "business", "legal_name": "Acme GmbH", "country": "DE", **fields}
    return create_organisation(owner=UserFactory(), actor=SYSTEM, **values)


def change(organisation, **fields):
    profile = replace(OrganisationProfile.of(organisation), **fields)
    return update_organisation(organisation=organisation, profile=profile, actor=SYSTEM)


def test_a_new_organisation_has_an_owner_and_the_zone_and_currency_of_its_country():
    owner = UserFactory()
    organisation = create_organisation(
        owner=owner, kind="business", legal_name=" Acme\n GmbH ", country="DE", actor=SYSTEM
    )
    assert organisation.legal_name == "Acme GmbH"
    assert (organisation.time_zone, organisation.currency) == ("Europe/Berlin", "EUR")
    assert [(m.user, m.role) for m in organisation.memberships.all()] == [(owner, "owner")]
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("organisation.created", organisation.public_id)


def test_a_right_tax_number_is_kept_with_the_time_and_source_of_its_check():
    with clock.pretend(NOON):
        organisation = make(vat_number="DE 136 695 976")
    check = latest_passed_check(organisation)
    assert organisation.vat_number == "DE136695976"
    assert (check.number, check.country, check.source) == ("DE136695976", "DE", "format")
    assert (check.checked_at, check.detail) == (NOON, "stdnum.de.vat")


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"vat_number": "DE123456789"}, TaxNumberInvalid, "vat_number"),
        ({"kind": "private", "vat_number": "DE136695976"}, TaxNumberOfPrivatePerson, "vat_number"),
        ({"legal_name": ""}, Invalid, "legal_name"),
        ({"legal_name": "x" * 201}, Invalid, "legal_name"),
        ({"country": "ZZ"}, Invalid, "country"),
        ({"country": ""}, Invalid, "country"),
        ({"kind": "club"}, Invalid, "kind"),
    ],
)
def test_a_refused_organisation_leaves_nothing_behind(fields, error, field):
    with pytest.raises(error) as refused:
        make(**fields)
    assert refused.value.field == field
    assert not Organisation.objects.exists()
    assert not TaxNumberCheck.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_change_is_saved_and_audited_with_old_and_new_values(customer):
    change(customer.organisation, city="York", purchase_order_required=True)
    customer.organisation.refresh_from_db()
    assert (customer.organisation.city, customer.organisation.purchase_order_required) == (
        "York",
        True,
    )
    event = AuditEvent.objects.get(action="organisation.updated")
    assert event.data == {"city": ["Leeds", "York"], "purchase_order_required": [False, True]}


def test_saving_the_same_again_writes_nothing(customer):
    change(customer.organisation)
    assert not AuditEvent.objects.exists()


def test_a_wrong_tax_number_changes_nothing(customer):
    with pytest.raises(TaxNumberInvalid):
        change(customer.organisation, vat_number="GB123456789", city="York")
    customer.organisation.refresh_from_db()
    assert (customer.organisation.vat_number, customer.organisation.city) == ("", "Leeds")
    assert not TaxNumberCheck.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_unchanged_number_is_not_checked_again():
    organisation = make(vat_number="DE136695976")
    change(organisation, city="Bonn")
    assert organisation.tax_number_checks.count() == 1


def test_a_number_does_not_move_to_another_country():
    organisation = make(vat_number="DE136695976")
    with pytest.raises(TaxNumberInvalid):
        change(organisation, country="FR")
    organisation.refresh_from_db()
    assert str(organisation.country) == "DE"


def test_a_business_with_a_number_does_not_become_private_with_it():
    organisation = make(vat_number="DE136695976")
    with pytest.raises(TaxNumberOfPrivatePerson):
        change(organisation, kind="private")


def test_evidence_of_an_earlier_number_is_evidence_of_nothing_today():
    organisation = make(vat_number="DE136695976")
    changed = change(organisation, vat_number="")
    assert latest_passed_check(changed) is None
    assert organisation.tax_number_checks.count() == 1


def test_what_cannot_be_checked_offline_waits_for_staff(vendor):
    organisation = make(country="AE", vat_number="100-200")
    asked = Mail.objects.get()
    assert (asked.kind, asked.recipients) == ("tax_number_to_check", [vendor.finance_email])
    assert "100-200" in asked.text
    assert f"/admin/accounts/organisation/?q={organisation.public_id}" in asked.text
    assert latest_passed_check(organisation) is None
    check = record_staff_check(
        organisation=organisation, passed=True, detail="Register of 21 November", actor=SYSTEM
    )
    assert latest_passed_check(organisation) == check
    assert (check.number, check.source) == ("100-200", "staff")
    told = Mail.objects.get(kind="tax_number_checked")
    assert told.recipients == billing_emails(organisation)


def test_a_number_that_staff_refuse_is_not_told_as_checked():
    organisation = make(country="AE", vat_number="100-200")
    record_staff_check(organisation=organisation, passed=False, detail="Not there", actor=SYSTEM)
    assert latest_passed_check(organisation) is None
    assert not Mail.objects.filter(kind="tax_number_checked").exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"postcode": "x" * 21}, "postcode"),
        ({"default_purchase_order": "x" * 61}, "default_purchase_order"),
    ],
)
def test_a_field_that_its_model_refuses_is_named(customer, fields, field):
    with pytest.raises(Invalid) as refused:
        change(customer.organisation, **fields)
    assert refused.value.field == field


def test_a_currency_that_we_do_not_sell_in_is_refused(customer):
    with pytest.raises(UnknownCurrency):
        change(customer.organisation, currency="CHF")


def test_the_sign_in_policy_is_saved_and_audited_once(customer):
    for _ in range(2):
        set_sign_in_policy(
            organisation=customer.organisation, second_factor_required=True, actor=SYSTEM
        )
    customer.organisation.refresh_from_db()
    assert customer.organisation.second_factor_required is True
    assert AuditEvent.objects.filter(action="organisation.sign_in_policy_changed").count() == 1


def add(customer, email):
    return add_billing_contact(
        organisation=customer.organisation,
        email=email,
        name="Accounts",
        is_shared_mailbox=True,
        actor=SYSTEM,
    )


def test_documents_go_to_the_billing_contacts_else_to_owners_and_billing(customer):
    MembershipFactory(
        organisation=customer.organisation, role="billing", user__email="zoe@customer.example"
    )
    MembershipFactory(organisation=customer.organisation, role="member")
    assert billing_emails(customer.organisation) == [customer.owner.email, "zoe@customer.example"]
    contact = add(customer, "accounts@customer.example")
    assert billing_emails(customer.organisation) == ["accounts@customer.example"]
    remove_billing_contact(contact=contact, actor=SYSTEM)
    assert not BillingContact.objects.exists()
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "billing_contact.added",
        "billing_contact.removed",
    ]


def test_an_address_is_a_contact_once_whatever_its_case(customer):
    add(customer, "accounts@customer.example")
    with pytest.raises(AlreadyContact):
        add(customer, "Accounts@Customer.example")
    assert BillingContact.objects.count() == 1


def test_an_address_must_be_one(customer):
    with pytest.raises(Invalid) as refused:
        add(customer, "accounts")
    assert refused.value.field == "email"


def test_contacts_are_not_a_mailing_list(customer):
    for number in range(MAXIMUM_CONTACTS):
        add(customer, f"accounts{number}@customer.example")
    with pytest.raises(TooManyContacts):
        add(customer, "one.more@customer.example")
    assert BillingContact.objects.count() == MAXIMUM_CONTACTS


def test_a_person_changes_name_and_zone(customer):
    changed = update_person(
        user=customer.owner, name=" Ada\r\nLovelace", time_zone="Asia/Tokyo", actor=SYSTEM
    )
    assert (changed.name, changed.time_zone) == ("Ada Lovelace", "Asia/Tokyo")
    with pytest.raises(Invalid):
        update_person(user=customer.owner, name="Ada", time_zone="Mars/Base", actor=SYSTEM)
    customer.owner.refresh_from_db()
    assert customer.owner.time_zone == "Asia/Tokyo"


def test_what_staff_found_out_about_a_number_outweighs_its_format(customer, actor):
    organisation = create_organisation(
        owner=customer.owner,
        kind="business",
        legal_name="Muster GmbH",
        country="DE",
        vat_number="DE136695976",
        actor=actor,
    )
    assert latest_passed_check(organisation) is not None
    refuted = {"organisation": organisation, "detail": "VIES", "actor": actor}
    record_staff_check(passed=False, **refuted)
    assert latest_passed_check(organisation) is None
    for number in ("", "DE136695976"):
        profile = replace(OrganisationProfile.of(organisation), vat_number=number)
        organisation = update_organisation(organisation=organisation, profile=profile, actor=actor)
    assert latest_passed_check(organisation) is None
    confirmed = record_staff_check(passed=True, **refuted)
    assert latest_passed_check(organisation) == confirmed
