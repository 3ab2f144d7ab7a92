"""The steps of a rehearsal, with their times, and the verdict."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class RehearsalFailed(Exception):
    """What was deployed does not do what it should."""


@dataclass
class Steps:
    """What was done so far, as (title, seconds)."""

    done: list[tuple[str, float]] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Tell a step and how long it took."""
        print(f"{self.clock()}  {title} …", flush=True)
        started = time.monotonic()
        yield
        self.done.append((title, time.monotonic() - started))

    def clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes:2}:{seconds:02}"

    def table(self) -> str:
        rows = [f"  {seconds:6.1f} s  {title}" for title, seconds in self.done]
        return "\n".join([*rows, f"  {time.monotonic() - self._started:6.1f} s  in all"])


def expect(condition: object, otherwise: str) -> None:
    """:raises RehearsalFailed: if the condition does not hold."""
    if not condition:
        raise RehearsalFailed(otherwise)
