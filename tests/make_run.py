"""`make run` with a folder of its own, watched from outside."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudcart.local.emulator import find_free_port
from cloudcart.local.folder import PROJECT_DIR

PATIENCE = 120


class Run:
    """One `make run`."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port, self.aws_port, self.payments_port = find_free_port(), find_free_port(), find_free_port()
        self.output: list[str] = []
        ports = {"PORT": self.port, "AWS_PORT": self.aws_port, "PAYMENTS_PORT": self.payments_port}
        own = {name: str(port) for name, port in ports.items()} | {"CLOUDCART_LOCAL_DIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cloudcart.local.run"],
            cwd=PROJECT_DIR,
            env=bare_environment() | own | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.output.extend(self.process.stdout)

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda: any(text in line for line in self.output))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return str(answer.read().decode())

    def get_patiently(self, path: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.get(path)
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def pid(self, name: str) -> int:
        return int(json.loads((self.folder / "run" / f"{name}.json").read_bytes())["pid"])

    def pids(self) -> list[int]:
        return [self.pid(path.stem) for path in (self.folder / "run").glob("*.json")]

    def refusal(self) -> str:
        """What it says when it does not even start."""
        assert self.process.wait(timeout=PATIENCE) == 2
        self._reader.join()
        return "".join(self.output)

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


def bare_environment() -> dict[str, str]:
    """Nothing of the tests' embedded AWS; and what a developer's shell has for the real one, and for a proxy."""
    ours = ("AWS_", "COGNITO", "DEBUG", "NO_PROXY", "no_proxy", "STRIPE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    proxy = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return kept | proxy | {"AWS_PROFILE": "my-company", "AWS_DEFAULT_REGION": "us-west-2"}


@contextmanager
def running(folder: Path, **variables: str) -> Iterator[Run]:
    run = Run(folder, **variables)
    try:
        run.wait_for("Ctrl-C")
        yield run
    finally:
        if run.process.poll() is None:
            run.stop()
