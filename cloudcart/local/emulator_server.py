"""Serve the embedded AWS (ministack) and snapshot its state while it runs.

This file runs in the emulator's own environment, not in the shop's: it may import ministack and
hypercorn and the standard library, and nothing of CloudCart.

ministack writes its state only when it ends in an orderly way. A kill -9 would lose everything but
the S3 objects, so a task here saves after changes: at once for a small state, more rarely as a
snapshot gets slower (it pauses the server), and never later than ``LONGEST_INTERVAL`` seconds.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core.persistence import PERSIST_STATE, save_all

SHORTEST_INTERVAL = 1.0
LONGEST_INTERVAL = 25.0
# A snapshot may take at most one part in so many of the server's time.
SHARE_OF_TIME = 20

READ_PREFIXES = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet", "Receive", "Head", "Select")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Snapshots:
    """Knows whether anything changed since the last snapshot, and when the next is due."""

    def __init__(self) -> None:
        self.is_dirty = False
        self._saved_at = time.monotonic()
        self._duration = 0.0

    def note_request(self, scope: Scope) -> None:
        if _may_change_state(scope):
            self.is_dirty = True

    @property
    def is_due(self) -> bool:
        interval = min(LONGEST_INTERVAL, max(SHORTEST_INTERVAL, self._duration * SHARE_OF_TIME))
        return self.is_dirty and time.monotonic() - self._saved_at >= interval

    def save(self) -> None:
        self.is_dirty = False
        started = time.monotonic()
        # Runs on the event loop on purpose: no request can change the state half-way.
        save_all(ministack._build_persistence_save_dict())
        self._saved_at = time.monotonic()
        self._duration = self._saved_at - started

    async def save_when_due(self) -> None:
        while True:
            await asyncio.sleep(0.25)
            if self.is_due:
                self.save()


def _may_change_state(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
    action = target.rpartition(".")[2]
    return not action.startswith(READ_PREFIXES)


def snapshotting(snapshots: Snapshots) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        # Marked afterwards too: a snapshot may fall between a request's arrival and its effect.
        snapshots.note_request(scope)
        await ministack.app(scope, receive, send)
        snapshots.note_request(scope)

    return application


def check_state(folder: Path) -> None:
    """Refuse to start on a damaged state: ministack would go on with an empty one.

    :raises SystemExit: if a state file cannot be read, with a sentence that names it.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            sys.exit(f"The saved state {path} cannot be read ({error}). `make reset` starts over with an empty shop.")


async def main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def wait_for_stop() -> None:
        await stop.wait()

    snapshots = Snapshots()
    saving = asyncio.create_task(snapshots.save_when_due()) if PERSIST_STATE else None
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['GATEWAY_PORT']}"]
    config.loglevel = "WARNING"
    config.graceful_timeout = 2
    await serve(snapshotting(snapshots), config, shutdown_trigger=wait_for_stop)
    if saving is not None:
        saving.cancel()


if __name__ == "__main__":
    if PERSIST_STATE:
        check_state(Path(os.environ["STATE_DIR"]))
    asyncio.run(main())
