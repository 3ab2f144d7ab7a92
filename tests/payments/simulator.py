"""The payment simulator as a process of its own, and what a shopper, a bank or an accident does there."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import stripe

from cloudcart.local.emulator import find_free_port
from cloudcart.local.folder import PROJECT_DIR

KEY = "sk_test_of_the_tests"
SECRET = "whsec_of_the_tests"


@dataclass
class Simulator:
    """A simulator that runs. Its webhooks go to ``webhook_url``; by default nobody is there."""

    state: Path
    webhook_url: str = "http://127.0.0.1:9/webhooks/stripe/"
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> stripe.StripeClient:
        return _make_client(self.url)

    def start(self) -> None:
        self.port = self.port or find_free_port()
        command = [sys.executable, "manage.py", "payment_simulator", "--port", str(self.port)]
        command += ["--shop-url", "http://127.0.0.1:9/", "--webhook-url", self.webhook_url]
        command += ["--webhook-secret", SECRET, "--state", str(self.state)]
        self.process = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._is_there():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()

    def ask(self, path: str, /, **values: Any) -> Any:
        """Post to the simulator's own API; without values, get from it."""
        body = json.dumps(values).encode() if values else None
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def pay(self, session: str, method: str = "card", *, is_approved: bool = True) -> Any:
        """Do on the hosted page what a shopper does."""
        return self.ask("pay", session=session, method=method, is_approved=is_approved)

    def advance(self, seconds: float) -> None:
        """Set its clock forward, and let happen what is due by then."""
        self.ask("clock", advance=seconds)

    def switch_webhooks(self, **values: Any) -> None:
        self.ask("switches", webhooks=values)

    def _is_there(self) -> bool:
        try:
            return bool(self.ask("health")["ok"])
        except (urllib.error.URLError, OSError):
            return False


@cache
def _make_client(url: str) -> stripe.StripeClient:
    # A client is for many requests, and builds another, asynchronous one along with it unless it is given its own.
    return stripe.StripeClient(
        KEY, base_addresses={"api": url}, max_network_retries=0, http_client=stripe.RequestsClient()
    )


@contextmanager
def running_simulator(state: Path, **options: Any) -> Iterator[Simulator]:
    simulator = Simulator(state, **options)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()


STRIPE_TEST_KEY = os.environ.get("STRIPE_TEST_KEY", "")
