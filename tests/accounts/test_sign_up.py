"""The whole errand: sign-up with the company, the code, and in; or by an invitation."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from portal.accounts.models import Membership, Organisation, TaxNumberCheck, User
from portal.accounts.services.invitations import withdraw_invitation
from portal.audit.models import AuditEvent
from portal.notifications.models import Mail
from tests.accounts.conftest import code_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"


def company(**fields):
    return {
        "name": "Ada Lovelace",
        "email": "ada@acme.example",
        "password1": PASSWORD,
        "kind": "business",
        "legal_name": "Acme GmbH",
        "country": "DE",
        "vat_number": "",
        **fields,
    }


def nothing_was_made():
    made = (User, Organisation, Membership, TaxNumberCheck, Mail, AuditEvent)
    return not any(model.objects.exists() for model in made)


def confirm(client, email="ada@acme.example"):
    mail = Mail.objects.filter(recipients=[email]).latest("pk")
    return client.post(reverse("account_email_verification_sent"), {"code": code_of(mail)})


def test_a_company_signs_up_confirms_by_code_and_is_in(client):
    answer = client.post(SIGN_UP, company(vat_number="DE 136 695 976"))
    assert answer.status_code == 302
    assert answer.url == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session

    mail = Mail.objects.get()
    assert (mail.kind, mail.recipients) == (
        "account.email_confirmation_signup",
        ["ada@acme.example"],
    )
    assert mail.subject == "Confirm your e-mail address"
    assert code_of(mail) in mail.html

    answer = confirm(client)
    assert (answer.status_code, answer.url) == (302, reverse("home_for_person"))
    user = User.objects.get()
    organisation = Organisation.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.name, user.time_zone) == ("Ada Lovelace", "Europe/Berlin")
    assert (organisation.legal_name, organisation.vat_number) == ("Acme GmbH", "DE136695976")
    assert (organisation.currency, organisation.time_zone) == ("EUR", "Europe/Berlin")
    assert TaxNumberCheck.objects.get().passed is True
    assert [(m.user, m.role) for m in Membership.objects.all()] == [(user, "owner")]
    assert EmailAddress.objects.get().verified is True
    event = AuditEvent.objects.get(action="organisation.created")
    assert (event.actor_id, event.actor_address) == (user.public_id, "127.0.0.1")
    home = client.get(answer.url)
    assert home.url == reverse("licensing:dashboard", args=[organisation.public_id])
    assert b"Acme GmbH" in client.get(home.url).content


def test_a_wrong_code_lets_nobody_in(client):
    client.post(SIGN_UP, company())
    answer = client.post(reverse("account_email_verification_sent"), {"code": "BBBB-BBBB"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    assert EmailAddress.objects.get().verified is False


def test_the_third_wrong_code_ends_the_attempt_and_the_right_one_comes_too_late(client):
    client.post(SIGN_UP, company())
    for _ in range(3):
        client.post(reverse("account_email_verification_sent"), {"code": "BBBB-BBBB"})
    confirm(client)
    assert "_auth_user_id" not in client.session
    assert EmailAddress.objects.get().verified is False


def test_a_private_person_needs_no_company_name(client):
    client.post(SIGN_UP, company(kind="private", legal_name="", country="US"))
    organisation = Organisation.objects.get()
    assert (organisation.kind, organisation.legal_name) == ("private", "Ada Lovelace")
    assert organisation.currency == "USD"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"vat_number": "DE123456789"}, "vat_number"),
        ({"vat_number": "GB123456789", "country": "GB"}, "vat_number"),
        ({"kind": "private", "vat_number": "DE136695976"}, "vat_number"),
        ({"legal_name": ""}, "legal_name"),
        ({"legal_name": "x" * 201}, "legal_name"),
        ({"legal_name": "x\x00y"}, "legal_name"),
        ({"name": "x" * 151}, "name"),
        ({"name": ""}, "name"),
        ({"country": "ZZ"}, "country"),
        ({"country": ""}, "country"),
        ({"kind": "club"}, "kind"),
        ({"email": "nobody"}, "email"),
        ({"password1": "12345678901"}, "password1"),
        ({"password1": "short"}, "password1"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(client, fields, field):
    answer = client.post(SIGN_UP, company(**fields))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert nothing_was_made()


def test_a_fault_while_the_organisation_is_made_leaves_no_person_behind(client, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("portal.accounts.sign_up.create_organisation", fail)
    with pytest.raises(RuntimeError):
        client.post(SIGN_UP, company())
    assert nothing_was_made()


def test_a_known_address_answers_like_an_unknown_one_and_its_owner_is_told(client, confirmed):
    owner = confirmed("ada@acme.example")
    known = client.post(SIGN_UP, company(email="ADA@acme.example"))
    known_page = client.get(known.url)
    assert Organisation.objects.count() == 0
    assert User.objects.get() == owner
    assert Mail.objects.get().kind == "account.account_already_exists"

    client.cookies.clear()
    unknown = client.post(SIGN_UP, company(email="eva@acme.example"))
    unknown_page = client.get(unknown.url)
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [known_page.status_code, len(known_page.context["form"].fields)] == [
        unknown_page.status_code,
        len(unknown_page.context["form"].fields),
    ]
    for flag in ("can_resend", "can_change"):
        assert known_page.context.get(flag) == unknown_page.context.get(flag)


def test_two_sign_ups_at_once_make_one_account(client, confirmed, monkeypatch):
    confirmed("ada@acme.example")
    # As if the other one had been saved between the look and the insert.
    monkeypatch.setattr(
        "portal.accounts.sign_up.SignUpForm.validate_unique_email", lambda self, value: value
    )
    answer = client.post(SIGN_UP, company())
    assert answer.url == reverse("account_email_verification_sent")
    assert (User.objects.count(), Organisation.objects.count()) == (1, 0)


def test_sign_ups_from_one_address_are_limited(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "2/m/ip"}
    statuses = [client.post(SIGN_UP, company(email="bad")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_where_one_wanted_to_go_is_kept(client):
    client.post(f"{SIGN_UP}?next=/profile/", company())
    assert confirm(client).url == "/profile/"


def test_the_form_asks_for_person_and_company_together(client):
    page = client.get(SIGN_UP)
    assert list(page.context["form"].fields) == [
        "invitation",
        "browser_zone",
        "name",
        "email",
        "password1",
        "kind",
        "legal_name",
        "country",
        "vat_number",
    ]


def test_an_invited_person_signs_up_without_a_company_and_is_a_member(client, customer, invite):
    _, token = invite("new@partner.example", "billing")
    client.get(reverse("invitation", args=[token]))
    form = client.get(f"{SIGN_UP}?invitation={token}").context["form"]
    assert list(form.fields) == ["invitation", "browser_zone", "name", "email", "password1"]
    assert form["email"].value() == "new@partner.example"
    assert form["invitation"].value() == token

    data = {
        "name": "Nia",
        "password1": PASSWORD,
        "invitation": token,
        "email": "other@evil.example",
    }
    client.post(SIGN_UP, data)
    user = User.objects.get(email="new@partner.example")
    assert not user.memberships.exists()
    assert user.time_zone == "Europe/London"

    answer = confirm(client, "new@partner.example")
    assert answer.url == reverse("licensing:dashboard", args=[customer.organisation.public_id])
    assert user.memberships.get().role == "billing"
    assert Organisation.objects.count() == 1


def test_an_invitation_withdrawn_while_the_form_is_open_makes_nothing(client, invite, actor):
    invitation, token = invite()
    withdraw_invitation(invitation=invitation, actor=actor)
    people = User.objects.count()
    answer = client.post(SIGN_UP, {"name": "Nia", "password1": PASSWORD, "invitation": token})
    assert answer.context["form"].errors == {
        "__all__": ["This invitation was withdrawn. Ask the organisation if that is a mistake."]
    }
    assert User.objects.count() == people


def test_an_invitation_withdrawn_before_the_code_leaves_the_account_alone(client, invite, actor):
    invitation, token = invite()
    client.post(SIGN_UP, {"name": "Nia", "password1": PASSWORD, "invitation": token})
    withdraw_invitation(invitation=invitation, actor=actor)
    answer = confirm(client, "new@partner.example")
    assert answer.url == reverse("home_for_person")
    assert client.get(answer.url).url == reverse("new_organisation")
    assert not User.objects.get(email="new@partner.example").memberships.exists()


def test_a_token_that_nobody_sent_signs_nobody_up(client, db):
    answer = client.post(SIGN_UP, company(invitation="made-up"))
    assert answer.context["form"].non_field_errors() == [
        "This invitation link is not complete. Open it again."
    ]
    assert nothing_was_made()


def test_given_a_browser_in_another_zone_of_the_country_then_person_and_company_get_it(client):
    client.post(SIGN_UP, company(country="US", vat_number="", browser_zone="America/Chicago"))

    assert User.objects.get().time_zone == "America/Chicago"
    assert Organisation.objects.get().time_zone == "America/Chicago"


def test_given_a_browser_that_names_no_zone_then_the_country_decides(client):
    client.post(SIGN_UP, company(country="US", vat_number="", browser_zone="Mars/Base"))

    assert User.objects.get().time_zone == "America/New_York"
