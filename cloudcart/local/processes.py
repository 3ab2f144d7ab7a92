"""The programs of a running shop: started, watched, started again, and ended to the last one."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_PAUSE = 30.0
# A program that ran this long before it died starts again at once.
STEADY_SECONDS = 60.0


@dataclass(frozen=True)
class Recorded:
    """A process as its file in the folder tells of it, so that a later run can find it again."""

    pid: int
    birth: str

    @property
    def is_alive(self) -> bool:
        return birth_of(self.pid) == self.birth

    def terminate(self) -> None:
        if self.is_alive:
            os.kill(self.pid, signal.SIGTERM)


def birth_of(pid: int) -> str | None:
    """Tell one process from a later one with the same number; None if there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


class Service:
    """One program of the shop that runs for as long as the shop does."""

    def __init__(self, name: str, start: Callable[[], "subprocess.Popen[bytes]"], records: Path) -> None:
        self.name = name
        self._start = start
        self._record = records / f"{name}.json"
        self._started_at = 0.0
        self._failures = 0
        self._next_start = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "subprocess.Popen[bytes]":
        self.process = self._start()
        self._started_at = time.monotonic()
        record = {"pid": self.process.pid, "birth": birth_of(self.process.pid), "owner": os.getpid()}
        self._record.write_text(json.dumps(record))
        return self.process

    def check(self) -> str | None:
        """Start the program again if it ended; gives a line of notice when it did end."""
        if self.process is None:
            if self._next_start and time.monotonic() >= self._next_start:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self._end_group()
        self.process = None
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._failures = 0
        pause = min(LONGEST_PAUSE, 2.0**self._failures / 2) if self._failures else 0.0
        self._failures += 1
        self._next_start = time.monotonic() + pause
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"The {self.name} ended ({how}) and starts again{f' in {pause:.0f} s' if pause >= 1 else ''}."

    def terminate(self) -> None:
        self._next_start = 0.0
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, *, seconds: float) -> None:
        """Wait for the end, then see to it."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=seconds)
        self._end_group()
        self.process.wait()
        self._record.unlink(missing_ok=True)

    def _end_group(self) -> None:
        # What it has started itself (pool processes, web workers) must not outlive it.
        if self.process is not None:
            _kill_group(self.process.pid)


def end_recorded(records: Path, *, owner: int | None = None) -> list[str]:
    """End the programs that a killed run left behind, the embedded AWS last; gives their names.

    :param owner: only those that this process had started.
    """
    found = {}
    for path in sorted(records.glob("*.json")):
        try:
            record = json.loads(path.read_bytes())
            if owner in {None, record["owner"]}:
                found[path] = Recorded(record["pid"], record["birth"])
        except (OSError, ValueError, KeyError):
            path.unlink(missing_ok=True)
    alive = [path.stem for path, process in found.items() if process.is_alive]
    for names in (set(alive) - {"aws"}, set(alive) & {"aws"}):
        _end([process for path, process in found.items() if path.stem in names])
    for path in found:
        path.unlink(missing_ok=True)
    return alive


def _end(left: list[Recorded]) -> None:
    for process in left:
        process.terminate()
    deadline = time.monotonic() + 10
    while any(process.is_alive for process in left) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        _kill_group(process.pid)


def _kill_group(pid: int) -> None:
    # Each of our programs leads a group of its own, named by its process.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
