"""Licence files: made, read, and refused for every change."""

import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.files import (
    BEGIN,
    END,
    FileAlgorithm,
    InvalidLicenceFile,
    block_of,
    build_licence_file,
    read_licence_file,
    with_key,
)
from licensing.domain.keys import sign_key
from licensing.domain.resources import licence_resource
from licensing.domain.sealing import CannotUnseal, seal, unseal
from licensing.domain.signing import SigningKey
from tests.domain.keymaker import DEVICE_PAYLOAD, PAYLOAD, PUBLIC_KEYS, SIGNING_KEY, STRANGER

KEY = sign_key(PAYLOAD, SIGNING_KEY)
OTHER_KEY = sign_key(replace(PAYLOAD, license_id="lic_other"), SIGNING_KEY)
ISSUED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LICENCE = licence_resource(PAYLOAD, key=KEY, name="Distribution Engine", status="ACTIVE")
BLOCK = build_licence_file(LICENCE, SIGNING_KEY, issued=ISSUED)
SEALED = build_licence_file(LICENCE, SIGNING_KEY, issued=ISSUED, licence_key=KEY)
ENCRYPTED = FileAlgorithm.ENCRYPTED


def refusal(text: str, **how: object) -> str:
    with pytest.raises(InvalidLicenceFile) as refused:
        read_licence_file(text, PUBLIC_KEYS, **how)
    assert refused.value.code == "invalid_licence_file"
    assert str(refused.value)
    return refused.value.reason


def block_with(content: bytes, signing_key: SigningKey = SIGNING_KEY, **members: object) -> str:
    """A block with any content, properly signed."""
    enc = base64.b64encode(content).decode()
    sig = base64.b64encode(signing_key.sign(f"license/{enc}".encode())).decode()
    certificate = {"enc": enc, "sig": sig, "alg": "base64+ed25519", **members}
    body = base64.b64encode(json.dumps(certificate).encode()).decode()
    return f"{BEGIN}\n{body}\n{END}\n"


def test_given_a_licence_then_its_file_is_a_block_of_short_lines():
    lines = BLOCK.splitlines()
    assert (lines[0], lines[-1]) == (BEGIN, END)
    assert max(len(line) for line in lines) == 64
    certificate = json.loads(base64.b64decode("".join(lines[1:-1])))
    assert set(certificate) == {"enc", "sig", "alg"}
    assert certificate["alg"] == "base64+ed25519"


def test_given_a_file_when_read_then_it_says_what_was_written():
    file = read_licence_file(BLOCK, PUBLIC_KEYS)
    assert file.licence == LICENCE
    assert (file.kid, file.key) == ("2026a", None)
    assert (file.issued, file.expiry, file.ttl) == (ISSUED, None, None)
    assert not file.is_expired(datetime(2999, 1, 1, tzinfo=UTC))


def test_given_a_file_with_a_life_of_its_own_then_it_runs_out():
    text = build_licence_file(LICENCE, SIGNING_KEY, issued=ISSUED, ttl=timedelta(days=30))
    file = read_licence_file(text, PUBLIC_KEYS)
    assert (file.expiry, file.ttl) == (ISSUED + timedelta(days=30), 2_592_000)
    assert not file.is_expired(ISSUED + timedelta(days=29))
    assert file.is_expired(ISSUED + timedelta(days=30))


def test_given_a_download_then_it_ends_with_the_key_and_reads_the_same():
    text = with_key(BLOCK, KEY)
    assert text.splitlines()[-1] == KEY
    assert block_of(text) == BLOCK
    file = read_licence_file(text, PUBLIC_KEYS)
    assert file.key == KEY
    assert replace(file, key=None) == read_licence_file(BLOCK, PUBLIC_KEYS)
    assert read_licence_file(text.replace("\n", "\r\n"), PUBLIC_KEYS) == file


@pytest.mark.parametrize("key", [OTHER_KEY, KEY[:-1], "hello", f"{KEY}\n{KEY}"])
def test_given_a_download_that_ends_with_another_key_then_it_is_refused(key):
    assert refusal(with_key(BLOCK, key)) == "key"


def test_given_a_licence_then_the_resource_states_its_facts():
    assert LICENCE["id"] == PAYLOAD.license_id
    assert LICENCE["attributes"]["scheme"] == "ED25519_SIGN"
    assert LICENCE["attributes"]["expiry"] == "2027-12-08T00:00:00.000Z"
    assert (LICENCE["attributes"]["maxUsers"], LICENCE["attributes"]["maxMachines"]) == (12, None)
    assert LICENCE["attributes"]["metadata"] == {
        "seats": 12, "support": "premier", "organisation": PAYLOAD.organisation_name,
        "device": None, "endsOn": "2027-11-24", "kid": "2026a",
    }  # fmt: skip
    assert LICENCE["relationships"]["owner"] == {"data": None}
    device = licence_resource(DEVICE_PAYLOAD, key="k", name="Amphis Customer", status="ACTIVE")
    assert device["attributes"]["maxMachines"] == 1
    assert device["attributes"]["expiry"] is None
    assert device["relationships"]["owner"] == {"data": {"type": "users", "id": "usr_ann"}}


def test_given_an_encrypted_file_when_read_with_its_key_then_it_opens():
    file = read_licence_file(SEALED, PUBLIC_KEYS, algorithm=ENCRYPTED, licence_key=KEY)
    assert file.licence == LICENCE
    assert PAYLOAD.license_id not in SEALED


@pytest.mark.parametrize("key", [None, "", OTHER_KEY, "\ud800"])
def test_given_an_encrypted_file_and_another_key_then_it_stays_shut(key):
    assert refusal(SEALED, algorithm=ENCRYPTED, licence_key=key) == "wrong_key"


def test_given_another_algorithm_than_the_readers_then_the_file_does_not_choose():
    assert refusal(SEALED) == "algorithm"
    assert refusal(BLOCK, algorithm=ENCRYPTED, licence_key=KEY) == "algorithm"
    for algorithm in ("none", "base64+ecdsa-p256", "", None, 5):
        assert refusal(block_with(b"{}", alg=algorithm)) == "algorithm"


def test_given_a_file_of_another_signer_then_it_is_refused():
    assert refusal(build_licence_file(LICENCE, STRANGER, issued=ISSUED)) == "signature"


def test_given_a_signature_over_another_prefix_then_it_is_refused():
    enc = base64.b64encode(b"{}").decode()
    sig = base64.b64encode(SIGNING_KEY.sign(f"machine/{enc}".encode())).decode()
    assert refusal(block_with(b"{}", sig=sig)) == "signature"


@pytest.mark.parametrize("text", [BLOCK, SEALED])
def test_given_any_one_character_changed_then_the_file_is_refused(text):
    algorithm = FileAlgorithm.PLAIN if text is BLOCK else ENCRYPTED
    for place, character in enumerate(text.rstrip()):
        if character != "\n":
            other = "A" if character != "A" else "B"
            changed = text[:place] + other + text[place + 1 :]
            refusal(changed, algorithm=algorithm, licence_key=KEY)


@pytest.mark.parametrize(
    "text",
    ["", KEY, BEGIN, END, END + BEGIN, f"{BEGIN}\n{END}", f"{BEGIN}\n!!!\n{END}",
     f"{BEGIN}\nW10=\n{END}", f"{BEGIN}\nMQ==\n{END}", f"{BEGIN}\né\n{END}",
     f"{BEGIN}\ne30=\n{END}", BLOCK.replace(BEGIN, "-----BEGIN MACHINE FILE-----"),
     "x" + BLOCK, BLOCK.replace(END, ""), f"{BEGIN}\n{'A' * 200_000}\n{END}"],
)  # fmt: skip
def test_given_something_else_then_it_is_refused_for_its_form(text):
    assert refusal(text) == "format"


@pytest.mark.parametrize("members", [{"enc": 5}, {"enc": "é"}, {"sig": 5}, {"sig": "é"}, {"x": 1}])
def test_given_a_block_with_wrong_members_then_it_is_refused_for_its_form(members):
    assert refusal(block_with(b"{}", **members)) == "format"


META = {"issued": "2026-11-24T09:30:00.000Z", "expiry": None, "ttl": None}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{}", b"[" * 5000,
     json.dumps({"data": [], "meta": META}).encode(),
     json.dumps({"data": {}, "meta": {**META, "issued": None}}).encode(),
     json.dumps({"data": {}, "meta": {**META, "issued": "soon"}}).encode(),
     json.dumps({"data": {}, "meta": {**META, "expiry": "0001-01-01T00:00:00+23:00"}}).encode(),
     json.dumps({"data": {}, "meta": {**META, "ttl": "1"}}).encode()],
)  # fmt: skip
def test_given_signed_content_that_is_not_ours_then_it_is_refused_as_content(content):
    assert refusal(block_with(content)) == "content"


def test_given_a_licence_without_a_key_then_a_key_at_the_end_does_not_belong_to_it():
    block = block_with(json.dumps({"data": {}, "meta": META}).encode())
    assert refusal(with_key(block, KEY)) == "key"


@given(st.text())
def test_given_any_text_then_nothing_but_invalid_licence_file_is_raised(text):
    body = base64.b64encode(text.encode("utf-8", "ignore")).decode()
    for candidate in (text, f"{BEGIN}{text}{END}", f"{BEGIN}\n{body}\n{END}", BLOCK + "x" + text):
        with suppress(InvalidLicenceFile):
            read_licence_file(candidate, PUBLIC_KEYS)
            pytest.fail("a random text was taken for a licence file")


@given(st.binary(), st.text())
def test_given_any_content_when_sealed_then_only_its_secret_opens_it(content, secret):
    sealed = seal(content, secret)
    assert unseal(sealed, secret) == content
    assert sealed != seal(content, secret)
    with pytest.raises(CannotUnseal):
        unseal(sealed, secret + "x")


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "AAAA.AAAA.AAAA", "é.é.é"])
def test_given_text_that_was_not_sealed_then_it_cannot_be_opened(text):
    with pytest.raises(CannotUnseal):
        unseal(text, "secret")
