"""Licence keys: made, read, and refused for every change."""

import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.keys import PREFIX, InvalidKey, read_key, sign_key
from licensing.domain.payload import (
    KeyPayload,
    MalformedPayload,
    from_json,
    parse_timestamp,
    timestamp,
    to_json,
)
from licensing.domain.signing import (
    InvalidSigningKeys,
    SigningKey,
    format_signing_keys,
    new_signing_key,
    parse_signing_keys,
    public_keys,
)
from tests.domain.keymaker import (
    DEVICE_PAYLOAD,
    OLD_KEY,
    PAYLOAD,
    PUBLIC_KEYS,
    SIGNING_KEY,
    STRANGER,
)

KEY = sign_key(PAYLOAD, SIGNING_KEY)


def signed(content: bytes, signing_key: SigningKey = SIGNING_KEY) -> str:
    """A key with any content, properly signed."""
    text = PREFIX + base64.urlsafe_b64encode(content).decode()
    signature = base64.urlsafe_b64encode(signing_key.sign(text.encode())).decode()
    return f"{text}.{signature}"


def refusal(text: str) -> str:
    with pytest.raises(InvalidKey) as refused:
        read_key(text, PUBLIC_KEYS)
    assert refused.value.code == "invalid_key"
    assert str(refused.value)
    return refused.value.reason


@pytest.mark.parametrize("payload", [PAYLOAD, DEVICE_PAYLOAD])
def test_given_a_payload_when_signed_and_read_then_it_is_the_same(payload):
    assert read_key(sign_key(payload, SIGNING_KEY), PUBLIC_KEYS) == payload


def test_given_a_key_then_its_content_is_keygens_members_and_ours():
    encoded = KEY.removeprefix("key/").partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(encoded)) == {
        "account": {"id": "acc_vendor"},
        "product": {"id": "prd_engine"},
        "policy": {"id": "pol_annual", "duration": None},
        "user": None,
        "license": {
            "id": "lic_0123456789abcdefghjkmnpqrs",
            "created": "2026-11-24T09:30:00.000Z",
            "expiry": "2027-12-08T00:00:00.000Z",
        },
        "seats": 12,
        "support": "premier",
        "organisation": {"id": "org_acme", "name": "Ächme & Söhne 株式会社"},
        "device": None,
        "ends_on": "2027-11-24",
        "kid": "2026a",
    }
    assert len(KEY.partition(".")[2]) == 88


def test_given_white_space_around_a_key_when_read_then_it_is_ignored():
    assert read_key(f"\n  {KEY}\r\n", PUBLIC_KEYS) == PAYLOAD


def test_given_an_older_signing_key_then_its_licences_still_verify():
    payload = replace(PAYLOAD, kid="2025a")
    assert read_key(sign_key(payload, OLD_KEY), PUBLIC_KEYS) == payload


def test_given_a_key_of_another_signer_with_our_name_then_it_is_refused():
    assert refusal(sign_key(PAYLOAD, STRANGER)) == "signature"


def test_given_no_public_keys_then_nothing_verifies():
    with pytest.raises(InvalidKey):
        read_key(KEY, {})


def test_given_a_kid_that_is_not_the_signers_then_it_is_neither_made_nor_read():
    with pytest.raises(ValueError, match="2025a"):
        sign_key(PAYLOAD, OLD_KEY)
    assert refusal(signed(to_json(PAYLOAD), OLD_KEY)) == "payload"


def test_given_any_one_character_changed_then_the_key_is_refused():
    for place, character in enumerate(KEY):
        other = "A" if character != "A" else "B"
        changed = KEY[:place] + other + KEY[place + 1 :]
        assert refusal(changed) in ("format", "signature"), place


def test_given_any_one_character_dropped_then_the_key_is_refused():
    for place in range(len(KEY)):
        assert refusal(KEY[:place] + KEY[place + 1 :]) in ("format", "signature"), place


@pytest.mark.parametrize(
    "text",
    ["", ".", "key/", "key/e30=", "KEY/" + KEY[4:], KEY[4:], KEY + ".", KEY + "=",
     KEY.rstrip("="), KEY.replace("/", "/ ", 1), "key/" + "A" * 20_000 + ".AAAA", "key/é.é",
     "key/\ud800.\ud800", KEY.replace("-", "+").replace("_", "/") + "\x00"],
)  # fmt: skip
def test_given_something_else_then_it_is_refused_for_its_form(text):
    assert refusal(text) == "format"


def test_given_an_empty_signature_then_it_is_refused():
    assert refusal(KEY.partition(".")[0] + ".") == "signature"
    assert refusal("key/.") == "signature"


DOCUMENT = json.loads(to_json(PAYLOAD))
BROKEN_DOCUMENTS = [
    [], "x", None, 1, {}, {**DOCUMENT, "more": 1},
    {name: value for name, value in DOCUMENT.items() if name != "kid"},
    {**DOCUMENT, "seats": "12"}, {**DOCUMENT, "seats": True}, {**DOCUMENT, "seats": 1.5},
    {**DOCUMENT, "seats": 0}, {**DOCUMENT, "seats": -1}, {**DOCUMENT, "ends_on": "soon"},
    {**DOCUMENT, "ends_on": 20270101}, {**DOCUMENT, "account": "x"}, {**DOCUMENT, "user": []},
    {**DOCUMENT, "license": {**DOCUMENT["license"], "created": "2026-11-24T09:30:00"}},
    {**DOCUMENT, "license": {**DOCUMENT["license"], "created": None}},
    {**DOCUMENT, "license": {**DOCUMENT["license"], "expiry": "0001-01-01T00:00:00+23:00"}},
    {**DOCUMENT, "kid": None}, {**DOCUMENT, "kid": "2025a"}, {**DOCUMENT, "device": 1},
]  # fmt: skip


@pytest.mark.parametrize("document", BROKEN_DOCUMENTS)
def test_given_signed_content_that_is_not_ours_then_it_is_refused_as_content(document):
    assert refusal(signed(json.dumps(document).encode())) == "payload"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[" * 5000, b"{", b'{"a":' + b"9" * 5000 + b"}"]
)
def test_given_signed_bytes_that_are_not_json_then_they_are_refused_as_content(content):
    assert refusal(signed(content)) == "payload"


@given(st.text())
def test_given_any_text_then_nothing_but_invalid_key_is_raised(text):
    for candidate in (text, PREFIX + text, f"{PREFIX}{text}.{text}"):
        with suppress(InvalidKey):
            read_key(candidate, PUBLIC_KEYS)
            pytest.fail("a random text was taken for a key")


@given(st.data())
def test_given_any_mutation_of_a_key_then_it_is_refused_with_invalid_key(data):
    start = data.draw(st.integers(0, len(KEY)))
    end = data.draw(st.integers(start, len(KEY)))
    changed = KEY[:start] + data.draw(st.text(max_size=8)) + KEY[end:]
    if changed.strip() != KEY:
        refusal(changed)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_given_any_signed_member_then_nothing_but_invalid_key_is_raised(value):
    for name in DOCUMENT:
        with suppress(InvalidKey):
            read_key(signed(json.dumps({**DOCUMENT, name: value}).encode()), PUBLIC_KEYS)


@given(st.binary())
def test_given_any_bytes_then_they_are_no_payload(content):
    with pytest.raises(MalformedPayload):
        from_json(content)


texts = st.text(max_size=40)
payloads = st.builds(
    KeyPayload,
    account_id=texts,
    product_id=texts,
    policy_id=texts,
    license_id=texts,
    created=st.datetimes(
        datetime.fromisoformat("2000-01-01"), timezones=st.just(UTC)
    ).map(lambda at: at.replace(microsecond=0)),
    organisation_id=texts,
    organisation_name=texts,
    kid=st.just("2026a"),
    seats=st.none() | st.integers(1, 100_000),
    support=st.none() | texts,
    device=st.none() | texts,
    ends_on=st.none() | st.dates(),
)  # fmt: skip


@given(payloads)
def test_given_any_payload_when_signed_and_read_then_nothing_is_lost(payload):
    assert read_key(sign_key(payload, SIGNING_KEY), PUBLIC_KEYS) == payload


def test_given_a_payload_that_makes_no_sense_then_it_cannot_exist():
    with pytest.raises(ValueError, match="time zone"):
        replace(PAYLOAD, created=datetime.fromisoformat("2026-11-24T09:30"))
    with pytest.raises(ValueError, match="seat"):
        replace(PAYLOAD, seats=0)


def test_given_an_expiry_then_the_moment_itself_is_expired():
    assert not PAYLOAD.is_expired(datetime(2027, 12, 7, 23, 59, 59, tzinfo=UTC))
    assert PAYLOAD.is_expired(datetime(2027, 12, 8, tzinfo=UTC))
    assert not DEVICE_PAYLOAD.is_expired(datetime(2999, 1, 1, tzinfo=UTC))


def test_given_a_time_elsewhere_then_it_is_written_in_utc_with_milliseconds():
    at = datetime(2026, 7, 1, 1, 2, 3, 456789, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(at) == "2026-06-30T23:02:03.456Z"
    assert parse_timestamp("2026-06-30T23:02:03.456Z").utcoffset() == timedelta(0)


def test_given_the_setting_when_parsed_then_the_first_key_comes_first():
    text = format_signing_keys((SIGNING_KEY, OLD_KEY))
    assert parse_signing_keys(text) == (SIGNING_KEY, OLD_KEY)
    assert parse_signing_keys(f" {text.replace(',', ' , ')} ,") == (SIGNING_KEY, OLD_KEY)


SEED = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no signing key"),
        (" , ", "there is no signing key"),
        (SEED.rstrip("="), "not of the form"),
        (f"={SEED}", "name"),
        (f"a b={SEED}", "name"),
        (f"{'k' * 33}={SEED}", "name"),
        ("k=not base64!", "not base64"),
        ("k=AAAA", "not 32 bytes"),
        (f"k={SEED},k={SEED}", "same name"),
    ],
)
def test_given_a_broken_setting_when_parsed_then_one_sentence_says_so_without_the_seed(
    text, sentence
):
    with pytest.raises(InvalidSigningKeys, match=sentence) as refused:
        parse_signing_keys(text)
    assert SEED not in str(refused.value)


def test_given_a_signing_key_then_its_text_hides_the_seed_and_its_public_key_verifies():
    assert repr(SIGNING_KEY) == "SigningKey(kid='2026a')"
    assert SIGNING_KEY.public_key.hex() == (
        "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    )
    assert public_keys([SIGNING_KEY]) == {"2026a": SIGNING_KEY.public_key}


def test_given_a_new_signing_key_then_it_is_random():
    first, second = new_signing_key("2027a"), new_signing_key("2027a")
    assert len(first.seed) == 32
    assert first.seed != second.seed
