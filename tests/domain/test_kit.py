"""Errors, public ids and transition tables."""

from enum import StrEnum

import pytest

from portal.kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from portal.kit.ids import ALPHABET, PUBLIC_ID_PATTERN, is_public_id, new_public_id
from portal.kit.transitions import IllegalTransition, TransitionTable


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


DOOR = TransitionTable(
    "door",
    {
        Door.OPEN: frozenset({Door.SHUT}),
        Door.SHUT: frozenset({Door.OPEN, Door.GONE}),
        Door.GONE: frozenset(),
    },
)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (NotAllowed, "not_allowed", 403),
        (NotFound, "not_found", 404),
        (Conflict, "conflict", 409),
        (Invalid, "invalid", 422),
        (IllegalTransition, "illegal_transition", 409),
    ],
)
def test_given_a_kind_of_error_then_it_has_a_code_a_status_and_a_sentence(error, code, status):
    raised = error()
    assert (raised.code, raised.status, raised.field, raised.data) == (code, status, None, {})
    assert str(raised)


def test_given_placeholders_when_shown_then_they_are_filled_after_translation():
    error = Invalid("At least %(minimum)s, 20% off.", data={"minimum": 5}, field="quantity")
    assert str(error) == "At least 5, 20% off."
    assert error.sentence({"At least %(minimum)s, 20% off.": "Min. %(minimum)s"}.get) == "Min. 5"
    assert error.field == "quantity"


def test_given_an_unknown_placeholder_when_shown_then_it_stays_and_nothing_breaks():
    assert str(Invalid("Up to %(maximum)s")) == "Up to %(maximum)s"


def test_given_an_own_code_and_status_then_the_class_keeps_its_own():
    error = DomainError("No.", code="special", status=402)
    assert (error.code, error.status) == ("special", 402)
    assert (DomainError.code, DomainError.status) == ("refused", 422)


def test_given_a_prefix_when_an_id_is_made_then_it_is_long_unambiguous_and_new():
    made = {new_public_id("ord") for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_public_id(public_id, "ord") and len(public_id) == 30 for public_id in made)
    assert not set("ilou") & set(ALPHABET)
    assert 26 * (len(ALPHABET).bit_length() - 1) >= 128
    assert PUBLIC_ID_PATTERN.endswith("{26}")


@pytest.mark.parametrize("prefix", ["", "o", "ORD", "ord_", "ord1", "waytoolong"])
def test_given_a_bad_prefix_when_an_id_is_made_then_it_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        new_public_id(prefix)


@pytest.mark.parametrize("text", ["", "ord_", "ord_" + "i" * 26, "ord_" + "a" * 25, "1"])
def test_given_another_text_then_it_is_no_public_id(text):
    assert not is_public_id(text)
    assert not is_public_id(new_public_id("inv"), "ord")


def test_given_a_table_then_it_knows_what_may_follow():
    assert DOOR.next_of("shut") == {Door.OPEN, Door.GONE}
    assert DOOR.allows("open", "shut")
    assert not DOOR.allows("open", "gone")
    assert not DOOR.allows("open", "open")
    assert DOOR.terminal == {Door.GONE}
    assert DOOR.statuses == set(Door)


@pytest.mark.parametrize(("from_", "to"), [("open", "gone"), ("gone", "open"), ("ajar", "open")])
def test_given_a_step_that_is_not_in_the_table_when_checked_then_it_is_refused(from_, to):
    with pytest.raises(IllegalTransition) as refused:
        DOOR.check(from_, to)
    assert refused.value.data == {"from": from_, "to": to, "machine": "door"}
    assert str(refused.value) == f"This cannot change from “{from_}” to “{to}”."
    DOOR.check("open", "shut")


def test_given_a_follower_without_a_row_when_the_table_is_made_then_it_is_refused():
    with pytest.raises(ValueError, match="no row"):
        TransitionTable("door", {Door.OPEN: frozenset({Door.SHUT})})
