"""What the simulated Stripe remembers: one SQLite file, written before each answer leaves."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

StripeObject = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, kind TEXT, parent TEXT, body TEXT);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, position);
CREATE INDEX IF NOT EXISTS objects_by_parent ON objects (parent, kind, position);
CREATE INDEX IF NOT EXISTS open_sessions ON objects (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, fingerprint TEXT, status INTEGER, body TEXT, at REAL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS timers (id INTEGER PRIMARY KEY, at REAL, action TEXT, subject TEXT);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, type TEXT, state TEXT, at REAL, attempts INTEGER, answer TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, at);
"""


class Store:
    """Stripe's objects by id, and the simulator's own notes beside them.

    Names in an object that begin with an underscore are the simulator's and leave it in no answer.

    :param path: the file; it outlives a kill -9 of the process, which SQLite's journal sees to.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or not at all, and nobody else reads or writes meanwhile."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield
            except BaseException:
                if self._depth == 1:
                    self._connection.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def now(self) -> float:
        """Seconds since 1970; the clock may be set forward, for tests."""
        return time.time() + float(self.setting("clock", 0))

    def find(self, identifier: str) -> StripeObject | None:
        row = self.row("SELECT body FROM objects WHERE id = ?", identifier)
        return json.loads(row["body"]) if row else None

    def put(self, item: StripeObject, *, parent: str = "") -> StripeObject:
        """Write an object; ``parent`` is what it is listed by, kept when it is written again."""
        self.run(
            "INSERT INTO objects (id, kind, parent, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            *(item["id"], item["object"], parent, json.dumps(item)),
        )
        return item

    def list_objects(self, kind: str, *, parent: str = "", before: str = "", limit: int = -1) -> list[StripeObject]:
        """List objects, the newest first.

        :param before: the id of an object; only older ones are given.
        """
        where, values = ["kind = ?"], [kind]
        if parent:
            where.append("parent = ?")
            values.append(parent)
        if before:
            where.append("position < (SELECT position FROM objects WHERE id = ?)")
            values.append(before)
        query = f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY position DESC LIMIT ?"
        return [json.loads(row["body"]) for row in self.rows(query, *values, limit)]

    def setting(self, name: str, default: Any = None) -> Any:
        row = self.row("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(row["value"]) if row else default

    def write_setting(self, name: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))

    def forget(self) -> None:
        """Drop everything, the switches too."""
        with self.transaction():
            for table in ("objects", "replies", "settings", "timers", "deliveries"):
                self.run(f"DELETE FROM {table}")

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, *values: Any) -> sqlite3.Row | None:
        with self._lock:
            return self._connection.execute(query, values).fetchone()  # type: ignore[no-any-return]

    def run(self, query: str, *values: Any) -> int:
        """Change something; gives how many rows there were to change."""
        with self._lock:
            return self._connection.execute(query, values).rowcount
