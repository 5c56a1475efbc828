"""The stand-in's memory: one SQLite file, one transaction for each request.

A kill at any moment leaves the last finished request, with its events and their deliveries.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    request_id TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,
    due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, last_status INTEGER,
    last_error TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (status, due_at);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("objects", "answers", "deliveries")


class Store:
    """Objects as JSON by id and kind; `transaction()` is entered by whoever answers a request."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that leaves nothing behind where it fails."""
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO part")
            self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    def execute(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def put(self, body: dict[str, Any]) -> dict[str, Any]:
        """Write an object; its first writing fixes its place in the lists."""
        self.execute(
            "INSERT INTO objects (id, kind, body) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            body["id"],
            body["object"],
            json.dumps(body),
        )
        return body

    def get(self, kind: str, object_id: str) -> dict[str, Any] | None:
        """Read an object, None where this kind has no such id."""
        rows = self.execute("SELECT body FROM objects WHERE id = ? AND kind = ?", object_id, kind)
        return dict(json.loads(rows[0]["body"])) if rows else None

    def newest_first(self, kind: str) -> list[dict[str, Any]]:
        """Every object of a kind."""
        rows = self.execute("SELECT body FROM objects WHERE kind = ? ORDER BY seq DESC", kind)
        return [json.loads(row["body"]) for row in rows]

    def sessions_past(self, timestamp: int) -> list[dict[str, Any]]:
        """Open Checkout Sessions whose time is over."""
        rows = self.execute(
            "SELECT body FROM objects WHERE kind = 'checkout.session' "
            "AND json_extract(body, '$.status') = 'open' "
            "AND json_extract(body, '$.expires_at') <= ? ORDER BY seq",
            timestamp,
        )
        return [json.loads(row["body"]) for row in rows]

    def setting(self, name: str, default: Any = None) -> Any:
        """A value that survives a restart."""
        rows = self.execute("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(rows[0]["value"]) if rows else default

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a value over a restart."""
        self.execute(
            "INSERT INTO settings VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )

    def clear(self) -> None:
        """Forget every object, answer and delivery; settings stay."""
        for table in TABLES:
            self.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()
