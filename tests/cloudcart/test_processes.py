import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudcart.local.folder import PROJECT_DIR, LocalFolder
from cloudcart.local.problems import LocalProblem
from cloudcart.local.processes import Process, Service, birth_of, end_recorded

SLEEP = "import time; time.sleep(60)"
# A program with a child of its own, as web server and worker have them; it tells the child's number.
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', '{SLEEP}']).pid, flush=True); {SLEEP}"


@pytest.fixture
def spawn() -> Iterator[Callable[[str], Process]]:
    started: list[Process] = []

    def start(program: str) -> Process:
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    return birth_of(pid) is None


def child_of(process: Process) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_a_killed_program_starts_again_at_once_and_its_children_end(
    tmp_path: Path, spawn: Callable[[str], Process]
) -> None:
    service = Service("web", "web server", lambda: spawn(PARENT), tmp_path)
    first = service.start()
    child = child_of(first)
    assert service.revive() is None
    first.kill()
    first.wait()
    assert service.revive() == "The web server ended (SIGKILL). It starts again."
    assert service.revive() is None
    wait_for(lambda: is_gone(child))
    recorded = json.loads((tmp_path / "web.json").read_bytes())["pid"]
    assert recorded != first.pid
    assert not is_gone(recorded)
    service.terminate()
    service.wait(seconds=5)
    assert is_gone(recorded)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_keeps_ending_is_started_ever_more_rarely(
    tmp_path: Path, spawn: Callable[[str], Process]
) -> None:
    service = Service("worker", "worker", lambda: spawn("raise SystemExit(3)"), tmp_path)
    service.start().wait()
    assert service.revive() == "The worker ended (exit code 3). It starts again."
    assert service.revive() is None
    notices = iter(service.revive, "The worker ended (exit code 3). It starts again in 1 s.")
    wait_for(lambda: next(notices, "said") == "said")
    assert service.revive() is None


def test_a_program_that_cannot_start_says_why_and_is_tried_again(
    tmp_path: Path, spawn: Callable[[str], Process]
) -> None:
    problems = [LocalProblem("Port 4566 is taken.")]

    def start() -> Process:
        if len(started) == 1 and problems:
            raise problems.pop()
        started.append(spawn(SLEEP))
        return started[-1]

    started: list[Process] = []
    service = Service("aws", "embedded AWS", start, tmp_path)
    service.start().kill()
    started[0].wait()
    service.revive()
    assert service.revive() == "The embedded AWS ended (Port 4566 is taken.). It starts again in 1 s."
    wait_for(lambda: service.revive() is None and len(started) == 2)
    assert started[1].poll() is None


def test_what_a_killed_run_left_behind_is_ended_and_nothing_else(
    tmp_path: Path, spawn: Callable[[str], Process]
) -> None:
    left, stranger = spawn(PARENT), spawn(SLEEP)
    child = child_of(left)
    # The number of a process that ended long ago can belong to somebody else by now.
    for name, process, birth in (("web", left, birth_of(left.pid)), ("worker", stranger, "another time")):
        record = {"pid": process.pid, "birth": birth, "owner": 1}
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    (tmp_path / "sweeper.json").write_text("{")
    assert end_recorded(tmp_path) == ["web"]
    left.wait()
    wait_for(lambda: is_gone(child))
    assert stranger.poll() is None
    assert list(tmp_path.iterdir()) == []


def test_the_guardian_ends_the_programs_when_its_run_is_killed(tmp_path: Path, spawn: Callable[[str], Process]) -> None:
    ours, other = spawn(SLEEP), spawn(SLEEP)
    for name, process, owner in (("web", ours, 111), ("worker", other, 222)):
        record = {"pid": process.pid, "birth": birth_of(process.pid), "owner": owner}
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    guardian = subprocess.Popen(
        [sys.executable, "-m", "cloudcart.local.guardian", tmp_path, "111"], cwd=PROJECT_DIR, stdin=subprocess.PIPE
    )
    assert guardian.stdin is not None
    assert ours.poll() is None
    guardian.stdin.close()
    assert guardian.wait(timeout=10) == 0
    assert ours.wait(timeout=5) == -signal.SIGTERM
    assert other.poll() is None


def test_one_program_at_a_time_works_in_a_folder(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    assert folder.find_owner() is None
    with folder.lock():
        assert folder.find_owner() == os.getpid()
        with pytest.raises(LocalProblem, match=rf"process {os.getpid()}.*`make stop`"), folder.lock():
            pass
    assert folder.find_owner() is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_gets_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(LocalProblem, match="cannot be written: Permission denied"), LocalFolder(tmp_path).lock():
        pass


def test_a_file_in_place_of_the_folder_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalProblem, match="cannot be written"), LocalFolder(tmp_path / "file").lock():
        pass
