"""Sign-in by password and code, second factors, rate limits, sessions."""

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.urls import reverse

from portal.notifications.models import Mail
from tests.accounts.conftest import code_of
from tests.factories import PASSWORD, MembershipFactory

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def person(confirmed):
    return confirmed("ada@acme.example")


def sign_in(client, password=PASSWORD):
    return client.post(LOGIN, {"login": "ada@acme.example", "password": password})


def is_in(client):
    return "_auth_user_id" in client.session


def totp_now(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_a_right_password_lets_in_and_the_session_is_listed(client, person):
    answer = sign_in(client)
    assert (answer.status_code, answer.url) == (302, reverse("home_for_person"))
    assert is_in(client)
    assert UserSession.objects.get().user == person
    assert client.get(reverse("usersessions_list")).status_code == 200


def test_a_wrong_password_does_not(client, person):
    assert sign_in(client, "wrong horse battery").status_code == 200
    assert not is_in(client)


def test_somebody_who_may_not_sign_in_does_not(client, person):
    person.is_active = False
    person.save()
    sign_in(client)
    assert not is_in(client)


def test_five_wrong_passwords_close_the_door_to_the_right_one(client, person):
    for _ in range(5):
        sign_in(client, "wrong horse battery")
    answer = sign_in(client)
    assert answer.status_code == 200
    assert not is_in(client)


def test_a_code_by_mail_lets_in(client, person):
    answer = client.post(reverse("account_request_login_code"), {"email": "ada@acme.example"})
    mail = Mail.objects.get()
    assert (mail.kind, mail.subject) == ("account.login_code", "Your sign-in code")
    client.post(answer.url, {"code": code_of(mail)})
    assert is_in(client)


def test_an_unknown_address_gets_the_same_answer_and_no_code(client, person):
    known = client.post(reverse("account_request_login_code"), {"email": "ada@acme.example"})
    client.cookies.clear()
    unknown = client.post(reverse("account_request_login_code"), {"email": "eve@acme.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    mail = Mail.objects.get(recipients=["eve@acme.example"])
    assert mail.kind == "account.unknown_account"


def test_codes_by_mail_are_limited(client, person, settings):
    for _ in range(3):
        client.post(reverse("account_request_login_code"), {"email": "ada@acme.example"})
        client.cookies.clear()
    client.post(reverse("account_request_login_code"), {"email": "ada@acme.example"})
    assert Mail.objects.count() == 3


def test_with_an_authenticator_app_the_password_alone_is_not_enough(client, person):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    answer = sign_in(client)
    assert (answer.url, is_in(client)) == (reverse("mfa_authenticate"), False)
    client.post(answer.url, {"code": "000000"})
    assert not is_in(client)
    client.post(answer.url, {"code": totp_now(secret)})
    assert is_in(client)


def test_an_organisation_that_asks_for_a_second_factor_shows_nothing_without(client, person):
    membership = MembershipFactory(user=person, organisation__second_factor_required=True)
    free = MembershipFactory(user=person)
    sign_in(client)
    dashboard = reverse("licensing:dashboard", args=[membership.organisation.public_id])
    answer = client.get(dashboard)
    assert (answer.status_code, answer.url) == (302, reverse("mfa_index"))
    other = client.get(reverse("licensing:dashboard", args=[free.organisation.public_id]))
    assert other.status_code == 200
    TOTP.activate(person, generate_totp_secret())
    assert client.get(dashboard).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_request_login_code",
        "account_reset_password",
    ],
)
def test_the_ways_in_are_open_to_visitors(client, name, db):
    assert client.get(reverse(name)).status_code == 200


def test_a_session_is_noted_once_in_five_minutes_not_at_every_page(
    client, person, django_assert_num_queries
):
    sign_in(client)
    client.get(reverse("person_profile"))
    seen = UserSession.objects.get().last_seen_at
    client.get(reverse("person_profile"))
    assert UserSession.objects.get().last_seen_at == seen


def test_a_changed_password_is_told_by_mail(client, person):
    sign_in(client)
    new = "a new battery for the horse"
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    mail = Mail.objects.get()
    assert (mail.kind, mail.recipients) == ("account.password_changed", ["ada@acme.example"])
    assert "127.0.0.1" in mail.text


def test_a_reset_link_leads_to_the_portal_whatever_host_was_asked(client, person):
    client.post(
        reverse("account_reset_password"),
        {"email": "ada@acme.example"},
        headers={"host": "evil.example"},
    )
    text = Mail.objects.get().text
    assert "http://testserver/accounts/password/reset/key/" in text
    assert "evil.example" not in text
