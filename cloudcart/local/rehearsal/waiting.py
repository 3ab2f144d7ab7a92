"""Waiting for what the deployed functions do by themselves."""

import time
from collections.abc import Callable

from cloudcart.local.rehearsal.steps import expect


def wait_until(condition: Callable[[], object], otherwise: str, seconds: float = 60) -> None:
    """:raises RehearsalFailed: if it does not happen in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"{otherwise} ({seconds:.0f} seconds)")
        time.sleep(0.5)
