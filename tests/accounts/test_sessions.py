"""The list of where a person is signed in."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = "/accounts/sessions/"


@pytest.fixture
def person() -> User:
    return UserFactory()


def browser_of(person: User, name: str) -> Client:
    client = Client(headers={"user-agent": name})
    client.force_login(person)
    client.get(reverse("person_profile"))
    return client


def test_given_two_browsers_then_both_are_listed_and_this_one_is_marked(person):
    here, _there = browser_of(person, "Firefox"), browser_of(person, "Safari")
    browser_of(UserFactory(), "Somebody else's")
    page = here.get(LIST).content.decode()
    assert "Firefox" in page
    assert "Safari" in page
    assert "Somebody else" not in page
    assert page.count("This one") == 1


def test_given_a_session_that_ended_then_it_is_forgotten(person):
    here, there = browser_of(person, "Firefox"), browser_of(person, "Safari")
    Session.objects.filter(session_key=there.session.session_key).delete()
    assert "Safari" not in here.get(LIST).content.decode()
    assert [each.user_agent for each in UserSession.objects.all()] == ["Firefox"]


def test_given_a_new_password_then_sessions_from_before_are_not_listed(person):
    browser_of(person, "Safari")
    User.objects.filter(pk=person.pk).update(password=make_password("another horse battery"))
    here = browser_of(User.objects.get(pk=person.pk), "Firefox")
    page = here.get(LIST).content.decode()
    assert "Firefox" in page
    assert "Safari" not in page


def test_when_signing_out_everywhere_else_then_only_this_one_stays(person):
    here, there = browser_of(person, "Firefox"), browser_of(person, "Safari")
    stranger = browser_of(UserFactory(), "Chrome")
    assert here.post(LIST).status_code == 302
    assert here.get(LIST).status_code == 200
    assert there.get(LIST).status_code == 302
    assert stranger.get(LIST).status_code == 200


@pytest.mark.parametrize("count", [2, 20])
def test_given_few_or_many_sessions_then_the_list_makes_the_same_queries(
    person, count, django_assert_num_queries
):
    here = browser_of(person, "Firefox")
    for number in range(count):
        browser_of(person, f"Safari {number}")
    here.get(LIST)
    with django_assert_num_queries(6):
        assert here.get(LIST).content.decode().count("Safari") == count


def test_given_a_visitor_then_the_sign_in_comes_first(client):
    assert client.get(LIST)["Location"] == f"/accounts/login/?next={LIST}"
