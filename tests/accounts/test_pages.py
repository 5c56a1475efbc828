"""The pages of people and organisations, as each role sees them."""

import pytest
from django.urls import reverse

from portal.accounts.models import BillingContact, Invitation, Membership, Organisation
from portal.accounts.services.contacts import add_billing_contact
from portal.audit.models import AuditEvent
from portal.audit.services import SYSTEM
from portal.notifications.models import Mail
from tests.factories import MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client, customer):
    client.force_login(customer.owner)
    return client


def url(name, customer, *args):
    return reverse(f"accounts:{name}", args=[customer.organisation.public_id, *args])


def profile(customer, **fields):
    organisation = customer.organisation
    names = [
        "kind",
        "legal_name",
        "address_line_1",
        "address_line_2",
        "city",
        "region",
        "postcode",
        "country",
        "vat_number",
        "default_purchase_order",
        "time_zone",
        "currency",
    ]
    return {**{name: str(getattr(organisation, name)) for name in names}, **fields}


def contact_of(customer):
    return add_billing_contact(
        organisation=customer.organisation,
        email="accounts@customer.example",
        name="",
        is_shared_mailbox=True,
        actor=SYSTEM,
    )


# --- where to go after the sign-in


def test_a_visitor_is_asked_to_sign_in(client, db):
    assert client.get("/o/").url == "/accounts/login/?next=/o/"


def test_the_only_organisation_opens_at_once(owner, customer):
    dashboard = reverse("licensing:dashboard", args=[customer.organisation.public_id])
    assert owner.get("/o/").url == dashboard


def test_with_several_one_chooses_and_comes_back_to_the_last_one(owner, customer):
    second = MembershipFactory(user=customer.owner).organisation
    page = owner.get("/o/")
    assert page.status_code == 200
    assert second.legal_name in page.content.decode()
    dashboard = reverse("licensing:dashboard", args=[second.public_id])
    owner.get(dashboard)
    assert owner.get("/o/").url == dashboard


def test_the_last_one_is_forgotten_when_one_left_it(owner, customer):
    memberships = [MembershipFactory(user=customer.owner) for _ in range(2)]
    owner.get(reverse("licensing:dashboard", args=[memberships[0].organisation.public_id]))
    memberships[0].delete()
    assert owner.get("/o/").status_code == 200


def test_without_any_one_makes_one_and_staff_go_to_the_admin(client, db):
    client.force_login(UserFactory())
    assert client.get("/o/").url == "/o/new/"
    client.force_login(StaffFactory())
    assert client.get("/o/").url == reverse("admin:index")


def test_a_person_makes_a_further_organisation(client, db):
    person = UserFactory(name="Ada")
    client.force_login(person)
    assert client.get("/o/new/").status_code == 200
    data = {"kind": "business", "legal_name": "Beta Ltd", "country": "GB"}
    refused = client.post("/o/new/", {**data, "vat_number": "GB123456789"})
    assert refused.status_code == 422
    assert "is not a VAT or tax number" in refused.content.decode()
    assert not Organisation.objects.exists()
    answer = client.post("/o/new/", data)
    organisation = Organisation.objects.get()
    assert answer.url == reverse("licensing:dashboard", args=[organisation.public_id])
    assert organisation.memberships.get().user == person


def test_a_person_changes_name_and_zone(owner, customer):
    assert owner.get("/profile/").status_code == 200
    owner.post("/profile/", {"name": "Ada L.", "time_zone": "Asia/Tokyo"})
    customer.owner.refresh_from_db()
    assert (customer.owner.name, customer.owner.time_zone) == ("Ada L.", "Asia/Tokyo")
    refused = owner.post("/profile/", {"name": "x" * 151, "time_zone": "Mars/Base"})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"name", "time_zone"}


# --- settings


def test_the_profile_is_saved_and_the_number_proven(owner, customer):
    answer = owner.post(url("settings", customer), profile(customer, vat_number="GB 980 7806 84"))
    assert answer.url == url("settings", customer)
    customer.organisation.refresh_from_db()
    assert customer.organisation.vat_number == "GB980780684"
    assert "GB980780684 passed its check" in owner.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"vat_number": "GB123456789"}, "vat_number"),
        ({"legal_name": "x" * 5000}, "legal_name"),
        ({"legal_name": "  "}, "legal_name"),
        ({"country": "ZZ"}, "country"),
        ({"currency": "CHF"}, "currency"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_a_wrong_profile_is_refused_at_its_field_and_nothing_is_stored(
    owner, customer, fields, field
):
    before = Organisation.objects.values().get()
    answer = owner.post(url("settings", customer), profile(customer, **fields))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Organisation.objects.values().get() == before
    assert not AuditEvent.objects.exists()
    assert customer.organisation.legal_name in answer.content.decode()


def test_billing_contacts_come_and_go(owner, customer):
    data = {"email": "accounts@customer.example", "name": "Accounts", "is_shared_mailbox": "on"}
    owner.post(url("add_contact", customer), data)
    contact = BillingContact.objects.get()
    page = owner.get(url("settings", customer)).content.decode()
    assert "Shared mailbox" in page
    assert owner.post(url("add_contact", customer), data).status_code == 422
    remove = url("remove_contact", customer, contact.public_id)
    assert owner.get(remove).status_code == 200
    assert BillingContact.objects.count() == 1
    owner.post(remove)
    assert not BillingContact.objects.exists()


def test_an_owner_asks_for_a_second_factor(owner, customer):
    owner.post(url("sign_in_policy", customer), {"second_factor_required": "on"})
    customer.organisation.refresh_from_db()
    assert customer.organisation.second_factor_required is True


# --- members


def test_an_owner_invites_sends_again_and_withdraws(owner, customer):
    page = owner.get(url("members", customer))
    assert customer.owner.email in page.content.decode()
    owner.post(url("invite", customer), {"email": "new@partner.example", "role": "billing"})
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.invited_by) == ("billing", customer.owner)
    assert owner.post(
        url("invite", customer), {"email": "new@partner.example", "role": "member"}
    ).context["form"].errors == {
        "email": [
            "new@partner.example has an open invitation. Send it again, or withdraw it first."
        ]
    }
    owner.post(url("resend", customer, invitation.public_id))
    latest = Invitation.objects.get(withdrawn_at=None)
    assert (latest.role, Mail.objects.count()) == ("billing", 2)
    owner.post(url("withdraw", customer, latest.public_id))
    assert not Invitation.objects.filter(withdrawn_at=None).exists()
    again = owner.post(url("withdraw", customer, latest.public_id))
    assert again.status_code == 410


def test_an_owner_changes_a_role_and_removes(owner, customer):
    member = MembershipFactory(organisation=customer.organisation, role="member")
    role = url("role", customer, member.user.public_id)
    assert owner.get(role).status_code == 200
    assert owner.post(role, {"role": "emperor"}).status_code == 422
    owner.post(role, {"role": "billing"})
    member.refresh_from_db()
    assert member.role == "billing"
    remove = url("remove_member", customer, member.user.public_id)
    assert owner.get(remove).status_code == 200
    assert Membership.objects.filter(pk=member.pk).exists()
    owner.post(remove)
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_the_last_owner_neither_leaves_nor_steps_down(owner, customer):
    own_id = customer.owner.public_id
    sentence = "An organisation always keeps an owner: make somebody else an owner first."
    stepped = owner.post(url("role", customer, own_id), {"role": "member"})
    assert stepped.context["form"].errors["__all__"] == [sentence]
    for name, args in (("leave", ()), ("remove_member", (own_id,))):
        answer = owner.post(url(name, customer, *args))
        assert answer.status_code == 409
        assert sentence in answer.content.decode()
    assert customer.organisation.memberships.get().role == "owner"


def test_a_member_leaves_and_sees_nothing_any_more(client, customer):
    member = MembershipFactory(organisation=customer.organisation, role="member")
    client.force_login(member.user)
    assert client.get(url("leave", customer)).status_code == 200
    assert client.post(url("leave", customer)).url == "/o/"
    assert client.get(url("leave", customer)).status_code == 404


def test_the_list_of_members_takes_the_same_queries_whatever_its_length(
    owner, customer, django_assert_num_queries
):
    owner.get(url("members", customer))
    for count in (3, 30):
        MembershipFactory.create_batch(count, organisation=customer.organisation, role="member")
        # session, person, memberships, members, invitations, and the vendor for the header
        with django_assert_num_queries(6):
            owner.get(url("members", customer))


# --- the page of an invitation


def test_a_visitor_sees_who_invites_and_the_two_ways_in(client, customer, invite):
    _, token = invite()
    page = client.get(reverse("invitation", args=[token]))
    text = page.content.decode()
    assert f"Join {customer.organisation.legal_name}" in text
    assert f"/accounts/signup/?invitation={token}" in text
    assert f"/accounts/login/?next=%2Finvitations%2F{token}%2F" in text
    assert "no-store" in page["Cache-Control"]


def test_the_invited_person_joins_and_a_second_click_says_so(client, customer, invite, confirmed):
    _, token = invite()
    person = confirmed("new@partner.example")
    client.force_login(person)
    link = reverse("invitation", args=[token])
    assert client.get(link).context["is_for_me"] is True
    assert not person.memberships.exists()
    dashboard = reverse("licensing:dashboard", args=[customer.organisation.public_id])
    assert client.post(link).url == dashboard
    again = client.post(link)
    assert again.status_code == 410
    assert "This invitation was used already." in again.content.decode()
    assert client.get(link).status_code == 410


def test_somebody_else_is_told_and_does_not_join(client, customer, invite, confirmed):
    _, token = invite()
    other = confirmed("mallory@evil.example")
    client.force_login(other)
    link = reverse("invitation", args=[token])
    assert "This invitation is for new@partner.example" in client.get(link).content.decode()
    assert client.post(link).status_code == 403
    assert not other.memberships.exists()


def test_a_visitor_cannot_join_without_signing_in(client, invite):
    invitation, token = invite()
    assert client.post(reverse("invitation", args=[token])).status_code == 200
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_an_unknown_invitation_is_not_found(client, db):
    assert client.get("/invitations/made-up/").status_code == 404


# --- isolation and roles


def every_url(customer, second_member, invitation, contact):
    """Every URL below /o/<organisation>/ that the accounts serve: method, roles that may."""
    owner_only, billing_too, everybody = ("owner",), ("owner", "billing"), None
    return [
        ("get", url("settings", customer), billing_too),
        ("post", url("add_contact", customer), billing_too),
        ("get", url("remove_contact", customer, contact), billing_too),
        ("post", url("sign_in_policy", customer), owner_only),
        ("get", url("members", customer), owner_only),
        ("post", url("invite", customer), owner_only),
        ("get", url("leave", customer), everybody),
        ("get", url("role", customer, second_member), owner_only),
        ("get", url("remove_member", customer, second_member), owner_only),
        ("post", url("resend", customer, invitation), owner_only),
        ("post", url("withdraw", customer, invitation), owner_only),
    ]


@pytest.fixture
def urls(customer, invite):
    member = MembershipFactory(organisation=customer.organisation, role="member")
    invitation, _ = invite()
    contact = contact_of(customer)
    return every_url(customer, member.user.public_id, invitation.public_id, contact.public_id)


def test_every_url_of_the_accounts_is_in_the_list(urls, customer):
    from portal.accounts.urls import organisation_urls

    assert len(urls) == len(organisation_urls)


@pytest.mark.parametrize("role", ["owner", "licence_manager", "billing", "member"])
def test_each_role_opens_what_it_may_and_nothing_else(client, customer, urls, role):
    client.force_login(MembershipFactory(organisation=customer.organisation, role=role).user)
    for method, path, roles in urls:
        allowed = roles is None or role in roles
        status = getattr(client, method)(path).status_code
        assert (status != 403) is allowed, (path, status)


def test_another_organisation_answers_as_if_it_did_not_exist(client, stranger, urls):
    client.force_login(stranger.owner)
    before = (Membership.objects.count(), Mail.objects.count(), AuditEvent.objects.count())
    for method, path, _ in urls:
        assert getattr(client, method)(path).status_code == 404, path
    after = (Membership.objects.count(), Mail.objects.count(), AuditEvent.objects.count())
    assert after == before


def test_another_organisations_things_are_not_found_under_ones_own(client, stranger, urls):
    client.force_login(stranger.owner)
    own = stranger.organisation.public_id
    for method, path, _ in urls:
        foreign = path.split("/")[2]
        parts = path.replace(foreign, own)
        if any(prefix in parts for prefix in ("usr_", "ivt_", "ctc_")):
            assert getattr(client, method)(parts).status_code == 404, parts
    assert Invitation.objects.filter(withdrawn_at=None).count() == 1


def test_visitors_are_asked_to_sign_in_everywhere(client, urls):
    for method, path, _ in urls:
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={path}")


def test_given_a_page_that_needs_the_address_when_it_is_saved_then_that_page_is_next(
    owner, customer
):
    review = f"/o/{customer.organisation.public_id}/orders/ord_1/review/"

    shown = owner.get(url("settings", customer), {"next": review}).content.decode()
    answer = owner.post(url("settings", customer), profile(customer, next=review))

    assert f'<input type="hidden" name="next" value="{review}">' in shown
    assert "Save the profile and go back" in shown
    assert answer.url == review


def test_given_another_site_as_the_next_page_when_saved_then_the_settings_come_again(
    owner, customer
):
    answer = owner.post(
        url("settings", customer), profile(customer, next="https://elsewhere.example/")
    )
    assert answer.url == url("settings", customer)


def test_given_the_last_owner_when_leaving_then_the_page_says_why_not(owner, customer):
    answer = owner.post(url("leave", customer))

    assert answer.status_code == 409
    assert "An organisation always keeps an owner" in answer.content.decode()
    assert Membership.objects.filter(user=customer.owner).exists()


def test_given_an_invitation_when_its_page_is_shown_then_its_form_can_be_sent(
    client, invite, confirmed
):
    """A page without a referrer sends "Origin: null", which the CSRF check refuses."""
    client.force_login(confirmed("new@partner.example"))
    _, token = invite("new@partner.example", "billing")

    answer = client.get(reverse("invitation", args=[token]))

    assert 'name="referrer"' not in answer.content.decode()
    assert answer["Referrer-Policy"] == "same-origin"
