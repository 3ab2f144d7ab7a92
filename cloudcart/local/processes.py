"""The programs of a running shop: started, watched, started again, and ended to the last one."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem

Process = subprocess.Popen[bytes]

# Its name among the services: it ends last, so that all the others had to write is saved.
EMULATOR = "aws"
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


def spawn(*command: str, log_path: Path | None, environment: Mapping[str, str]) -> Process:
    """Start a program as the leader of a process group of its own, which a Ctrl-C in the terminal does not reach."""
    with Path(log_path or os.devnull).open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=PROJECT_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


class Service:
    """One program of the shop that runs for as long as the shop does.

    :param name: short, for its file in ``records`` and its log.
    :param title: what people call it.
    :param spawn: starts the program as the leader of a process group of its own.
    """

    def __init__(self, name: str, title: str, spawn: Callable[[], Process], records: Path) -> None:
        self.name = name
        self.title = title
        self._spawn = spawn
        self._record = records / f"{name}.json"
        self._process: Process | None = None
        self._started_at = 0.0
        self._failures = 0
        self._next_start: float | None = None

    def start(self) -> Process:
        """:raises LocalProblem: if something on this machine is in its way."""
        self._process = self._spawn()
        self._started_at, self._next_start = time.monotonic(), None
        record = {"pid": self._process.pid, "birth": birth_of(self._process.pid), "owner": os.getpid()}
        # In one step: a record that was torn by a kill would leave its program running for good.
        unfinished = self._record.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(record))
        unfinished.replace(self._record)
        return self._process

    def revive(self) -> str | None:
        """Start the program again if it has ended, after a pause if it keeps ending.

        Gives a line of notice when it has ended.
        """
        if self._process is not None:
            code = self._process.poll()
            return None if code is None else self._bury(_how(code))
        if self._next_start is not None and time.monotonic() >= self._next_start:
            try:
                self.start()
            except LocalProblem as problem:
                return self._bury(str(problem))
        return None

    def terminate(self) -> None:
        self._next_start = None
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, *, seconds: float) -> None:
        """Wait for the end that was asked for; what is left after that is killed."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=seconds)
        _kill_group(self._process.pid)
        self._process.wait()
        self._record.unlink(missing_ok=True)

    def _bury(self, how: str) -> str:
        if self._process is not None:
            # What it had started itself (pool processes, web workers) must not outlive it.
            _kill_group(self._process.pid)
            self._process = None
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._failures = 0
        pause = min(LONGEST_PAUSE, 2.0 ** (self._failures - 1)) if self._failures else 0.0
        self._failures += 1
        self._next_start = time.monotonic() + pause
        return f"The {self.title} ended ({how}). It starts again{f' in {pause:.0f} s' if pause else ''}."


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


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
    for names in (set(alive) - {EMULATOR}, set(alive) & {EMULATOR}):
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
