"""Give every test process an embedded AWS of its own, before Django reads its settings."""

import atexit
import os
import signal
import subprocess
import tempfile
from typing import Any

import pytest

from cloudcart.aws import stack
from cloudcart.environment import turn_to_embedded_aws
from cloudcart.local.emulator import Emulator, find_free_port
from tests.chromium import ADVICE, find_chromium
from tests.permissions import session as permissions
from tests.permissions.comparing import Comparison

STAGE = "local"
PERMISSIONS = pytest.StashKey[Comparison]()


def _start_aws() -> None:
    emulator = Emulator(port=find_free_port())
    process = emulator.start()
    atexit.register(_stop, process)
    emulator.wait_until_ready(process)
    deploy_to(emulator)


def deploy_to(emulator: Emulator) -> None:
    """Make what the shop needs on an embedded AWS that runs, and lead the shop to it by the environment."""
    turn_to_embedded_aws()
    os.environ.update(emulator.client_environment)
    os.environ["CLOUDCART_STAGE"] = STAGE
    outputs = stack.deploy(
        name=f"cloudcart-{STAGE}", store_email="shop@cloudcart.example", shop_origin="http://testserver"
    )
    os.environ.update(outputs.as_environment())


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # Nothing of a shop that runs on this machine may reach the tests, and the reverse.
    os.environ["CLOUDCART_LOCAL_DIR"] = tempfile.mkdtemp(prefix="cloudcart-tests-")
    # Static files straight from their folder, without collecting them first.
    os.environ["DEBUG"] = "1"
    # With -n, this process only hands out the tests; its workers, which see the same options, run them.
    has_workers = bool(getattr(early_config.known_args_namespace, "numprocesses", None))
    permissions.begin()
    if not has_workers or "PYTEST_XDIST_WORKER" in os.environ:
        permissions.watch()
        _start_aws()
        permissions.save_roles(STAGE)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    is_whole = exitstatus == pytest.ExitCode.OK and permissions.asks_for_everything(session.config)
    found = permissions.finish(is_whole=is_whole)
    session.config.stash[PERMISSIONS] = found
    if found.missing or found.unused:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    found = config.stash.get(PERMISSIONS, Comparison((), ()))
    for title, lines in (("The roles lack", found.missing), ("Nothing used", found.unused)):
        if lines:
            terminalreporter.section(f"{title} (docs/operations.md, Permissions)", red=True)
            terminalreporter.write_line("\n".join(lines))
    if find_chromium() is None:
        terminalreporter.write_line(ADVICE, yellow=True)
