"""`verify_licence`: facts and exit 0 for a genuine key, a reason and exit 1 for all else."""

import base64
import io
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError

from licensing.domain.files import block_of, build_licence_file, with_key
from licensing.domain.keys import sign_key
from licensing.domain.payload import KeyPayload
from licensing.domain.resources import licence_resource
from licensing.domain.signing import new_signing_key, parse_signing_keys

[SIGNING_KEY] = parse_signing_keys("test-1=dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ=")
PAYLOAD = KeyPayload(
    account_id="vendor",
    product_id="prd_1",
    policy_id="agr_1",
    license_id="lic_1",
    created=datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
    organisation_id="org_1",
    organisation_name="Bäcker & Söhne",
    kid="test-1",
    user_id="org_1",
    expiry=datetime(2027, 12, 7, tzinfo=UTC),
    ends_on=date(2027, 11, 23),
    seats=12,
    support="premier",
)
KEY = sign_key(PAYLOAD, SIGNING_KEY)
RESOURCE = licence_resource(PAYLOAD, key=KEY, name="Distribution Engine", status="ACTIVE")
FILE = with_key(build_licence_file(RESOURCE, SIGNING_KEY, issued=PAYLOAD.created), KEY)
DURING = "2027-01-01"
FACTS = """\
State:            valid
Licence:          lic_1
Product:          prd_1
Organisation:     Bäcker & Söhne (org_1)
Seats:            12
Device:           –
Support:          premier
Last day of term: 2027-11-22
Valid until:      2027-12-07 00:00 UTC
Issued:           2026-11-23 10:00 UTC
Signed by:        test-1
"""


def verify(*arguments: str, at: str = DURING) -> str:
    out = io.StringIO()
    call_command("verify_licence", *arguments, at=at, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("text", [KEY, FILE, block_of(FILE), f"\n {KEY} \r\n"])
def test_given_a_genuine_key_or_file_then_its_facts_are_printed(tmp_path, text):
    path = tmp_path / "product.lic"
    path.write_text(text)
    assert verify(str(path)) == FACTS


def test_given_the_key_as_text_then_its_facts_are_printed():
    assert verify("--key", KEY) == FACTS


@pytest.mark.parametrize("text", [KEY, FILE])
@pytest.mark.parametrize("encode", [bytes.hex, lambda key: base64.b64encode(key).decode()])
def test_given_only_the_vendors_public_key_then_it_verifies_too(tmp_path, settings, text, encode):
    settings.LICENCE_SIGNING_KEYS = ""
    path = tmp_path / "product.lic"
    path.write_text(text)
    assert verify(str(path), "--public-key", encode(SIGNING_KEY.public_key)) == FACTS


def test_given_another_public_key_then_it_is_refused():
    other = new_signing_key("test-1").public_key.hex()
    with pytest.raises(CommandError, match=r"^Not valid\. This key was changed, or was not signed"):
        verify("--key", KEY, "--public-key", other)


@pytest.mark.parametrize("at", ["2027-12-07T00:00Z", "2027-12-07", "2030-01-01T00:00+01:00"])
def test_given_a_time_after_the_expiry_then_the_facts_come_with_a_refusal(at):
    with pytest.raises(CommandError, match=r"^Not valid\. It expired at 2027-12-07 00:00 UTC\.$"):
        verify("--key", KEY, at=at)


def test_given_the_last_moment_before_the_expiry_then_it_is_valid():
    assert verify("--key", KEY, at="2027-12-06T23:59:59Z") == FACTS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        KEY[:-9],
        KEY.replace("key/", "keys/"),
        FILE[:400],
        FILE.replace("M", "N"),
        "\x00",
    ],
)
def test_given_what_is_no_licence_of_ours_then_it_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "product.lic"
    path.write_text(text)
    with pytest.raises(CommandError, match=r"^Not valid\. This .*\.$"):
        verify(str(path))


def test_given_bytes_that_are_no_text_then_it_is_refused(tmp_path):
    path = tmp_path / "product.lic"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="cannot be read"):
        verify(str(path))


@pytest.mark.parametrize("arguments", [[], ["--key", KEY, "product.lic"]])
def test_given_nothing_or_two_things_to_read_then_it_says_what_to_give(arguments):
    with pytest.raises(CommandError, match="Give a file"):
        verify(*arguments)


@pytest.mark.parametrize("given", ["", "xyz", "ab" * 31, "!"])
def test_given_a_public_key_that_is_none_then_it_says_so(given):
    with pytest.raises(CommandError, match=r"--public-key takes 32 bytes"):
        verify("--key", KEY, "--public-key", given)


def test_given_no_database_and_standard_input_then_the_exit_code_tells(tmp_path):
    command = [sys.executable, "manage.py", "verify_licence", "-", "--at", DURING]
    run = {"cwd": Path(django_settings.BASE_DIR), "text": True, "capture_output": True}
    run["env"] = {
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "PYTHONUTF8": "1",
    }
    genuine = subprocess.run(command, input=FILE, check=False, **run)
    assert (genuine.stdout, genuine.returncode) == (FACTS, 0)
    changed = subprocess.run(command, input=KEY.replace("A", "B"), check=False, **run)
    assert (changed.stdout, changed.returncode) == ("", 1)
