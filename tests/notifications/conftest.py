"""Fixtures for outgoing mail."""

from datetime import UTC, datetime

import pytest

from portal.kit import clock
from portal.notifications import attachments
from portal.notifications.attachments import Attachment

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def now():
    """Given Monday 2026-11-23 10:00 UTC."""
    with clock.pretend(NOW):
        yield NOW


@pytest.fixture
def invoice_files(monkeypatch):
    """Given a maker of files for ids that begin with `inv`."""
    monkeypatch.setitem(
        attachments._resolvers,
        "inv",
        lambda public_id: Attachment(f"{public_id}.pdf", "application/pdf", b"%PDF-1.7"),
    )
