"""Rate limits: so many in a window, each person and each scope on their own."""

import pytest
from django.core.cache import cache

from portal.kit.ratelimit import TooManyRequests, count_attempt


def attempt(scope: str = "contact", who: str = "192.0.2.1") -> None:
    count_attempt(scope, who, limit=2, seconds=60)


def test_given_the_limit_is_used_then_the_next_attempt_is_refused():
    attempt()
    attempt()
    with pytest.raises(TooManyRequests) as refused:
        attempt()
    assert (refused.value.code, refused.value.status) == ("too_many_requests", 429)
    assert refused.value.data == {"limit": 2, "seconds": 60}


def test_given_one_is_refused_then_another_person_and_another_scope_are_not():
    attempt()
    attempt()
    attempt(who="192.0.2.2")
    attempt(scope="sign_up")
    with pytest.raises(TooManyRequests):
        attempt()


def test_given_the_window_has_ended_then_counting_begins_anew():
    attempt()
    attempt()
    cache.clear()
    attempt()
    attempt()


def test_given_the_window_ends_between_looking_and_counting_then_the_attempt_is_let_in(monkeypatch):
    def gone(key: str) -> int:
        raise ValueError(key)

    attempt()
    attempt()
    monkeypatch.setattr(cache, "incr", gone, raising=False)
    attempt()
