"""Signing keys: checked when the portal starts, and replaced by a command."""

import io
import json
import stat

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from licensing import checks
from licensing.domain.signing import SigningKey, parse_signing_keys
from licensing.services.signing import keyring
from portal.kit import clock
from tests.licensing.conftest import NOW

OLD = "test-1=dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ="


def rotate(**options) -> str:
    out = io.StringIO()
    with clock.pretend(NOW):
        call_command("rotate_signing_key", stdout=out, **options)
    return out.getvalue()


def printed_value(output: str) -> str:
    [line] = [line for line in output.splitlines() if line.startswith("LICENCE_SIGNING_KEYS=")]
    return line.partition("=")[2]


def test_given_sound_keys_then_the_start_up_check_says_nothing():
    assert checks.check_signing_keys(None) == []


@pytest.mark.parametrize("text", ["", "no-equals-sign", "a=b64?", "a=c2hvcnQ=", f"{OLD},{OLD}"])
def test_given_keys_that_cannot_be_used_then_the_check_says_which_command_helps(settings, text):
    settings.LICENCE_SIGNING_KEYS = text
    [error] = checks.check_signing_keys(None)
    assert error.id == "licensing.E001"
    assert error.msg.startswith("LICENCE_SIGNING_KEYS cannot be used: ")
    assert "rotate_signing_key" in error.hint
    assert "c2hvcnQ=" not in error.msg


def test_given_a_key_that_does_not_verify_what_it_signs_then_the_check_names_it(monkeypatch):
    monkeypatch.setattr(SigningKey, "sign", lambda self, message: b"\0" * 64)
    [error] = checks.check_signing_keys(None)
    assert (error.id, "'test-1'" in error.msg) == ("licensing.E002", True)


def test_the_check_is_registered():
    from django.core.checks.registry import registry

    assert checks.check_signing_keys in registry.get_checks()


def test_given_production_when_rotated_then_the_new_value_is_printed_with_the_old_key_kept(
    settings,
):
    settings.DEMO = False
    output = rotate()
    keys = parse_signing_keys(printed_value(output))
    assert [key.kid for key in keys] == ["2026-11-23", "test-1"]
    assert keys[1] == keyring().current
    assert f"Public key:  {keys[0].public_key.hex()}" in output
    assert "Keep test-1 in it" in output


def test_given_no_key_at_all_then_it_makes_the_first(settings):
    settings.LICENCE_SIGNING_KEYS = ""
    assert len(parse_signing_keys(printed_value(rotate(kid="first")))) == 1


def test_given_two_rotations_a_day_then_the_second_has_a_name_of_its_own(settings):
    settings.LICENCE_SIGNING_KEYS = printed_value(rotate())
    settings.LICENCE_SIGNING_KEYS = printed_value(rotate())
    kids = [key.kid for key in keyring().keys]
    assert kids == ["2026-11-23.2", "2026-11-23", "test-1"]


@pytest.mark.parametrize("kid", ["test-1", "no spaces"])
def test_given_a_name_that_is_taken_or_bad_then_nothing_is_printed_but_the_reason(kid):
    with pytest.raises(CommandError, match="name"):
        rotate(kid=kid)


def test_given_keys_that_cannot_be_read_then_they_are_not_thrown_away(settings):
    settings.LICENCE_SIGNING_KEYS = "broken"
    with pytest.raises(CommandError, match="cannot be read"):
        rotate()


def test_given_the_demo_when_rotated_then_its_own_file_holds_the_new_key_and_all_else(
    settings, tmp_path
):
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"SECRET_KEY": "kept", "LICENCE_SIGNING_KEYS": OLD}))
    settings.DEMO_SECRETS_FILE = file
    output = rotate()
    stored = json.loads(file.read_text())
    assert stored["SECRET_KEY"] == "kept"
    keys = parse_signing_keys(stored["LICENCE_SIGNING_KEYS"])
    assert [key.kid for key in keys] == ["2026-11-23", "test-1"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stored["LICENCE_SIGNING_KEYS"] not in output
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_given_keys_from_the_environment_then_the_demos_file_stays_as_it_is(settings, tmp_path):
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"LICENCE_SIGNING_KEYS": "other"}))
    settings.DEMO_SECRETS_FILE = file
    assert printed_value(rotate()).startswith("2026-11-23=")
    assert json.loads(file.read_text()) == {"LICENCE_SIGNING_KEYS": "other"}
