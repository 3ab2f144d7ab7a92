"""Keep what the embedded AWS is told, so that not even a kill -9 of it loses an answered request.

Runs in the emulator's environment, and relies on the inside of the one pinned version of ministack
(requirements/emulator.in); tests/cloudcart/test_emulator_durability.py proves that it still holds.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from ministack import app as ministack
from ministack.core.persistence import STATE_DIR, save_state

# Above this size the journal is folded into a snapshot, which pauses the server for a moment.
LONGEST_JOURNAL = 32 * 1024 * 1024
KEPT_MAILS = 500
# A larger state is written every so often, not after every request: a megabyte takes some 20 ms.
LARGEST_AT_ONCE = 1024 * 1024
SHORTEST_INTERVAL, LONGEST_INTERVAL = 1.0, 25.0
# Those later snapshots may take at most one part in so many of the server's time.
SHARE_OF_TIME = 20


class ItemJournal:
    """Every DynamoDB item as it was after each write since the last snapshot, one line a request.

    The items and not the requests: what is in the snapshot already may be replayed without harm, so
    the two files need no common moment. A transaction is one line, and a line is whole or dropped.
    """

    def __init__(self, path: Path, dynamodb: Any) -> None:
        self._path = path
        self._dynamodb = dynamodb
        # All of ministack's writes, time to live included, go through these two functions.
        self._set, self._remove = dynamodb._set_item, dynamodb._remove_item
        dynamodb._set_item, dynamodb._remove_item = self._note_set, self._note_removal
        self._pending: list[tuple[str, str, str, Any]] = []
        self._file = path.open("ab", buffering=0)

    @property
    def is_long(self) -> bool:
        return self._file.tell() > LONGEST_JOURNAL

    def replay(self) -> bool:
        """Bring the items up to the last whole line; tells whether there was any."""
        *lines, torn = self._path.read_bytes().split(b"\n")
        if torn:
            self._file.truncate(self._file.tell() - len(torn))
        tables = {table["TableArn"]: table for table in self._dynamodb._tables.all_values()}
        for line in lines:
            for arn, hash_key, range_key, item in json.loads(line):
                if arn not in tables:
                    continue
                if item is None:
                    self._remove(tables[arn], hash_key, range_key)
                else:
                    self._set(tables[arn], hash_key, range_key, item)
        return bool(lines)

    def flush(self) -> None:
        """Write what the requests up to now have changed; before their answers are sent."""
        if self._pending:
            entries, self._pending = self._pending, []
            self._file.write(json.dumps(entries, separators=(",", ":")).encode() + b"\n")

    def clear(self) -> None:
        self._pending.clear()
        self._file.truncate(0)

    def _note_set(self, table: dict[str, Any], hash_key: str, range_key: str, item: dict[str, Any]) -> Any:
        self._pending.append((table["TableArn"], hash_key, range_key, item))
        return self._set(table, hash_key, range_key, item)

    def _note_removal(self, table: dict[str, Any], hash_key: str, range_key: str) -> Any:
        self._pending.append((table["TableArn"], hash_key, range_key, None))
        return self._remove(table, hash_key, range_key)


class StreamLog:
    """The records of DynamoDB's streams, which ministack itself would forget at its end, for the day they live.

    Written after the items: a kill in between loses the record of a change whose request got no answer.
    """

    LIFETIME_SECONDS = 24 * 60 * 60

    def __init__(self, path: Path, dynamodb: Any) -> None:
        self._records = dynamodb._stream_records._data
        self._trimmed = dynamodb._stream_trimmed._data
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith(b"\n") and self._restore(*json.loads(line))]
        self._written = {key: len(records) for key, records in self._records.items()}
        path.write_bytes(b"".join(whole))
        self._file = path.open("ab", buffering=0)

    def flush(self) -> None:
        for key, records in self._records.items():
            # Positions count from the stream's beginning; what is too old has gone from the list's front.
            end = self._trimmed.get(key, 0) + len(records)
            new = records[len(records) - (end - self._written.get(key, 0)) :] if end > self._written.get(key, 0) else []
            if new:
                self._file.write(b"".join(json.dumps([key, record]).encode() + b"\n" for record in new))
                self._written[key] = end

    def _restore(self, key: list[str], record: dict[str, Any]) -> bool:
        if record["dynamodb"]["ApproximateCreationDateTime"] < time.time() - self.LIFETIME_SECONDS:
            return False
        self._records.setdefault(tuple(key), []).append(record)
        return True


class MailLog:
    """The mails that were sent, which ministack itself would forget at its end."""

    def __init__(self, path: Path, ses: Any) -> None:
        self._mails = ses._sent_emails._data
        self._written: dict[Any, int] = {}
        lines = path.read_bytes().splitlines(keepends=True)[-KEPT_MAILS:] if path.exists() else []
        whole = [line for line in lines if line.endswith(b"\n")]
        for line in whole:
            key, mail = json.loads(line)
            self._mails.setdefault(tuple(key), []).append(mail)
        self._written = {key: len(mails) for key, mails in self._mails.items()}
        path.write_bytes(b"".join(whole))
        self._file = path.open("ab", buffering=0)

    def flush(self) -> None:
        for key, mails in self._mails.items():
            for mail in mails[self._written.get(key, 0) :]:
                self._file.write(json.dumps([key, mail]).encode() + b"\n")
            self._written[key] = len(mails)


class Durability:
    """Writes what a request has changed: items to the journal, other services' small state at once."""

    def __init__(self, folder: Path) -> None:
        from ministack.services import dynamodb, ses

        folder.mkdir(parents=True, exist_ok=True)
        self._journal = ItemJournal(folder / "items.jsonl", dynamodb)
        self._mails = MailLog(folder / "mails.jsonl", ses)
        self._streams = StreamLog(folder / "streams.jsonl", dynamodb)
        self._seconds: dict[str, float] = {}
        self._late: set[str] = set()
        self._saved_at = time.monotonic()
        self._snapshot = _file_number("dynamodb")

    def restore(self) -> None:
        """Continue from the last snapshot, which ministack has loaded, to the last request."""
        if self._journal.replay():
            self._save("dynamodb")

    def close(self) -> None:
        """End the journal, if ministack has written all of its state, as it does at an orderly end."""
        if _file_number("dynamodb") != self._snapshot:
            self._journal.clear()

    def note(self, services: tuple[str, ...]) -> None:
        """Keep what a request to these services has changed."""
        self._journal.flush()
        self._streams.flush()
        self._mails.flush()
        for service in services:
            state = _find_file(service)
            if state is None or state.st_size <= LARGEST_AT_ONCE:
                self._save(service)
            else:
                self._late.add(service)
        if self._journal.is_long:
            self._save("dynamodb")

    def save_late_ones(self) -> None:
        """Write the states that are too large to be written after each request, if it is time."""
        taken = sum(self._seconds.get(service, 0.0) for service in self._late)
        interval = min(LONGEST_INTERVAL, max(SHORTEST_INTERVAL, taken * SHARE_OF_TIME))
        if self._late and time.monotonic() - self._saved_at >= interval:
            for service in sorted(self._late):
                self._save(service)
            self._late.clear()
            self._saved_at = time.monotonic()

    def _save(self, service: str) -> None:
        # On the event loop on purpose: no request can change the state half-way.
        get_state = ministack._build_persistence_save_dict().get(service)
        if get_state is None:
            return
        started = time.monotonic()
        save_state(service, get_state())
        self._seconds[service] = time.monotonic() - started
        # ministack logs a failure and goes on; the journal must not go before the snapshot is there.
        if service == "dynamodb" and _file_number(service) != self._snapshot:
            self._snapshot = _file_number(service)
            self._journal.clear()


def _find_file(service: str) -> os.stat_result | None:
    try:
        return Path(STATE_DIR, f"{service}.json").stat()
    except FileNotFoundError:
        return None


def _file_number(service: str) -> int | None:
    # A state is written to a new file that takes the old one's place.
    state = _find_file(service)
    return None if state is None else state.st_ino
