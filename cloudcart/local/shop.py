"""A running shop: its programs, the commands that prepare it, and its orderly end."""

import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from cloudcart.local import console
from cloudcart.local.emulator import Emulator
from cloudcart.local.folder import PROJECT_DIR, LocalFolder
from cloudcart.local.problems import LocalProblem
from cloudcart.local.processes import EMULATOR, Process, Service, spawn


class Stopped(Exception):
    """The shop was asked to end while it was still starting."""


class Shop:
    """The programs of one shop on this machine.

    :param environment: what its programs find in their environment besides this process's own.
    """

    def __init__(
        self, folder: LocalFolder, emulator: Emulator, *, port: int, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.emulator = emulator
        self.port = port
        self.stop = threading.Event()
        self._environment = dict(environment or {})
        self._services: list[Service] = []
        self._guardian: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def guard(self) -> None:
        """Start the guardian, which ends the programs if this process is killed."""
        self._guardian = subprocess.Popen(
            [sys.executable, "-m", "cloudcart.local.guardian", str(self.folder.processes), str(os.getpid())],
            cwd=PROJECT_DIR,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def start_emulator(self) -> Process:
        return self._add(EMULATOR, "embedded AWS", self.emulator.start)

    def start(self, name: str, title: str, *arguments: str) -> Process:
        """Start a Python program that runs as long as the shop; its log is named after it."""
        return self._add(name, title, lambda: self._spawn(name, *arguments))

    def manage(self, *arguments: str, is_shown: bool = False) -> str:
        """Run a management command to its end; gives what it printed.

        :param is_shown: it prints to the terminal itself.
        :raises LocalProblem: if it fails.
        :raises Stopped: if the shop is to end.
        """
        log_path = self.folder.log("setup")
        with log_path.open("ab") as log:
            command = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=PROJECT_DIR,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=None if is_shown else subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        output = self._await(command)
        self.check_stop()
        if command.returncode != 0:
            raise LocalProblem(f"`manage.py {' '.join(arguments)}` failed; {log_path} says why.")
        return (output or b"").decode().strip()

    def wait_until_served(self, web: Process, *, seconds: float = 30) -> None:
        """:raises LocalProblem: if the web server ends or does not answer in time."""
        for _ in range(int(seconds / 0.05)):
            self.check_stop()
            if web.poll() is not None:
                break
            if self._is_served():
                return
            self.stop.wait(0.05)
        raise LocalProblem(f"The web server does not answer; {self.folder.log('web')} says why.")

    def check_stop(self) -> None:
        if self.stop.is_set():
            raise Stopped

    def watch(self) -> None:
        """Start again whatever ends by itself, until the shop is asked to stop."""
        while not self.stop.wait(0.25):
            for service in self._services:
                text = service.revive()
                if text is not None:
                    console.notice(text)

    def end(self) -> None:
        """End everything, the embedded AWS last: it saves what the others still had to write."""
        emulator = [service for service in self._services if service.name == EMULATOR]
        others = [service for service in self._services if service.name != EMULATOR]
        for group in (others, emulator):
            for service in group:
                service.terminate()
            for service in group:
                service.wait(seconds=20)
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()

    def _add(self, name: str, title: str, spawn: Callable[[], Process]) -> Process:
        service = Service(name, title, spawn, self.folder.processes)
        self._services.append(service)
        return service.start()

    def _spawn(self, name: str, *arguments: str) -> Process:
        environment = os.environ | self._environment
        return spawn(sys.executable, *arguments, log_path=self.folder.log(name), environment=environment)

    def _await(self, command: Process) -> bytes | None:
        while True:
            try:
                return command.communicate(timeout=0.1)[0]
            except subprocess.TimeoutExpired:
                if self.stop.is_set():
                    command.kill()

    def _is_served(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
