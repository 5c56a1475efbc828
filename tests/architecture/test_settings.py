"""Outside the demo the portal does not start half-configured, and says what to set."""

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEED = base64.b64encode(b"s" * 32).decode()
COMPLETE = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij",
    "LICENCE_SIGNING_KEYS": f"2026-1={SEED}",
    "PUBLIC_URL": "https://licences.example.com",
    "ALLOWED_HOSTS": "licences.example.com",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "EMAIL_URL": "smtp+tls://nobody:secret@127.0.0.1:9",
    "STRIPE_SECRET_KEY": "sk_test_nobody",
    "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
}
SENTENCES = {
    "SECRET_KEY": "Set SECRET_KEY to at least 50 random characters.",
    "LICENCE_SIGNING_KEYS": "Set LICENCE_SIGNING_KEYS; `manage.py rotate_signing_key` prints a "
    "first value.",
    "PUBLIC_URL": "Set PUBLIC_URL to the portal’s address, such as https://licences.example.com.",
    "ALLOWED_HOSTS": "Set ALLOWED_HOSTS to the portal’s host names, separated by commas.",
    "DATABASE_URL": "Set DATABASE_URL, such as postgres://user:password@host/name.",
    "REDIS_URL": "Set REDIS_URL, such as redis://host:6379/0; jobs and rate limits live there.",
    "EMAIL_URL": "Set EMAIL_URL, such as smtp+tls://user:password@host:587.",
    "STRIPE_SECRET_KEY": "Set STRIPE_SECRET_KEY to the secret key of your Stripe account.",
    "STRIPE_WEBHOOK_SECRET": "Set STRIPE_WEBHOOK_SECRET to the signing secret of the webhook "
    "endpoint.",
}
UNSAFE = [
    ("SECRET_KEY", "short", SENTENCES["SECRET_KEY"]),
    ("SECRET_KEY", "a" * 60, SENTENCES["SECRET_KEY"]),
    ("PUBLIC_URL", "http://licences.example.com", SENTENCES["PUBLIC_URL"]),
    ("ALLOWED_HOSTS", "*", SENTENCES["ALLOWED_HOSTS"]),
    (
        "STRIPE_API_BASE",
        "http://127.0.0.1:8001",
        "Unset STRIPE_API_BASE: a stand-in for Stripe is for the demo only.",
    ),
    ("LICENCE_SIGNING_KEYS", "2026-1=tooshort", "LICENCE_SIGNING_KEYS cannot be used"),
]
START = "import portal.wsgi; print('started')"
CHECK = "from django.core.management import execute_from_command_line as run; run(['m', 'check'])"


def start(code: str, changes: dict[str, str | None]) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has no other environment than a complete one with changes."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = {
        name: value for name, value in {**kept, **COMPLETE, **changes}.items() if value is not None
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        yield name


def test_given_everything_is_set_then_the_web_server_starts() -> None:
    started = start(START, {})
    assert (started.returncode, started.stdout.strip()) == (0, "started"), started.stderr


@pytest.mark.parametrize("name", SENTENCES)
def test_given_one_thing_is_missing_then_the_web_server_says_what_to_set(name: str) -> None:
    refused = start(START, {name: None})
    assert refused.returncode == 1
    assert "started" not in refused.stdout
    last = refused.stderr.strip().splitlines()[-1]
    assert SENTENCES[name] in last
    others = [sentence for other, sentence in SENTENCES.items() if other != name]
    assert [sentence for sentence in others if sentence in last] == []


@pytest.mark.parametrize(("name", "value", "sentence"), UNSAFE)
def test_given_something_unsafe_then_it_does_not_start(
    name: str, value: str, sentence: str
) -> None:
    refused = start(START, {name: value})
    assert refused.returncode == 1
    assert sentence in refused.stderr.strip().splitlines()[-1]
    assert value not in refused.stderr or value in {"*", "short", "http://127.0.0.1:8001"}


def test_given_nothing_is_set_then_every_sentence_is_said_at_once() -> None:
    refused = start(START, dict.fromkeys(SENTENCES))
    assert refused.returncode == 1
    last = refused.stderr.strip().splitlines()[-1]
    assert [sentence for sentence in SENTENCES.values() if sentence not in last] == []


def test_given_something_is_missing_then_management_commands_say_so_too() -> None:
    refused = start(CHECK, {"REDIS_URL": None, "STRIPE_SECRET_KEY": None})
    assert refused.returncode == 1
    for name in ("REDIS_URL", "STRIPE_SECRET_KEY"):
        assert SENTENCES[name] in refused.stderr


@pytest.mark.parametrize("process", ["worker", "beat"])
def test_given_something_is_missing_then_the_worker_and_beat_do_not_start_either(
    folder: str, process: str
) -> None:
    arguments = ["celery", "-A", "portal", process]
    options = ["--pool", "solo"] if process == "worker" else ["-s", f"{folder}/beat"]
    code = f"from celery.__main__ import main; import sys; sys.argv = {arguments + options}; main()"
    refused = start(code, {"EMAIL_URL": None})
    assert refused.returncode == 1
    assert SENTENCES["EMAIL_URL"] in refused.stderr + refused.stdout


def test_given_the_demo_then_it_needs_nothing_and_keeps_its_secrets(folder: str) -> None:
    nothing = dict.fromkeys(COMPLETE)
    demo = {**nothing, "DJANGO_SETTINGS_MODULE": "portal.settings.demo", "DEMO_DIR": folder}
    show = f"{CHECK}; from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = start(show, demo), start(show, demo)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert first.stdout == second.stdout
    assert len(first.stdout.strip().splitlines()[-1]) > 50
    kept = Path(folder) / "secrets.json"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_given_the_tests_then_they_need_nothing() -> None:
    nothing = dict.fromkeys(COMPLETE)
    checked = start(CHECK, {**nothing, "DJANGO_SETTINGS_MODULE": "portal.settings.test"})
    assert checked.returncode == 0, checked.stderr
