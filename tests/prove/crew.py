"""Processes that share the work of the proof, each with an embedded AWS of its own."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from types import TracebackType
from typing import Any, Self

from cloudcart.local.folder import PROJECT_DIR


class Crew:
    """So many processes at a time. Whoever leaves the block early ends them.

    :param options: of `tests.prove.shift`, for all of them.
    """

    def __init__(self, size: int, *options: str) -> None:
        self._options = options
        self._pool = ThreadPoolExecutor(size)
        self._running: set[subprocess.Popen[str]] = set()
        self._told: Queue[dict[str, Any] | None] = Queue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in list(self._running):
            process.terminate()
        self._pool.shutdown()

    def run(self, shares: Sequence[list[str]]) -> Iterator[dict[str, Any]]:
        """Give what the processes tell, as it comes.

        :param shares: the arguments of `tests.prove.shift` for each of them.
        """
        for share in shares:
            self._pool.submit(self._run_one, share)
        for _ in shares:
            while (line := self._told.get()) is not None:
                yield line

    def _run_one(self, share: list[str]) -> None:
        command = [sys.executable, "-m", "tests.prove.shift", *share, *self._options]
        try:
            self._listen(subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True), share)
        finally:
            self._told.put(None)

    def _listen(self, process: "subprocess.Popen[str]", share: list[str]) -> None:
        self._running.add(process)
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("{"):
                    self._told.put(json.loads(line))
        self._running.discard(process)
        if process.returncode != 0:
            self._told.put({"problems": [f"The process {' '.join(share)} ended with {process.returncode}."]})


def processor_minutes() -> float:
    """Give what this process and all that it started and that have ended have cost so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used) / 60
