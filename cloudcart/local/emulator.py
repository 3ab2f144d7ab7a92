"""Start and stop the embedded AWS, which runs in an environment of its own."""

import os
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem
from cloudcart.local.processes import Process, spawn

PYTHON = PROJECT_DIR / ".local" / "emulator-venv" / "bin" / "python"
REGION = "eu-central-1"
# What any AWS client needs to talk to it; the keys open nothing anywhere else.
ACCESS_KEY = "test"


@dataclass(frozen=True)
class Emulator:
    """One embedded AWS on the loopback interface. Without a state folder it forgets at its end."""

    port: int
    state_dir: Path | None = None
    log_path: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client_environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
        }

    def start(self) -> Process:
        """Start the process; it answers a little later, see `wait_until_ready`.

        :raises LocalProblem: if its environment is missing or its port is taken.
        """
        if not PYTHON.exists():
            raise LocalProblem("The embedded AWS is not installed yet. `make setup` installs it.")
        check_port(self.port, "AWS_PORT")
        command = (str(PYTHON), "-m", "cloudcart.local.emulator_server")
        return spawn(*command, log_path=self.log_path, environment=self._server_environment())

    def wait_until_ready(self, process: Process, *, seconds: float = 20) -> None:
        """:raises LocalProblem: if the process ends, or does not answer in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise LocalProblem(f"The embedded AWS ended at once. {self._last_words()}")
            if self.is_ready():
                return
            time.sleep(0.05)
        raise LocalProblem(f"The embedded AWS did not answer within {seconds:.0f} seconds. {self._last_words()}")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _server_environment(self) -> dict[str, str]:
        # Scrubbed: what the shop's own shell has set must not reach the emulated services.
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
        if self.state_dir is not None:
            environment |= {
                "PERSIST_STATE": "1",
                "STATE_DIR": str(self.state_dir / "services"),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self.state_dir / "s3"),
            }
        return environment

    def _last_words(self) -> str:
        if self.log_path is None or not self.log_path.exists():
            return ""
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def check_port(port: int, variable: str) -> None:
    """:raises LocalProblem: if another program listens on the port, or this one may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise LocalProblem(f"Port {port} needs more rights. Choose one above 1023 with {variable}=….") from error
        except OSError as error:
            raise LocalProblem(
                f"Port {port} is taken by another program. Choose another one with {variable}=…."
            ) from error


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
