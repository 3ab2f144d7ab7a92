"""The folder that holds everything a shop on this machine remembers, and the lock on it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloudcart.local.problems import LocalProblem

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class LocalFolder:
    """``.local/`` of the project, or what CLOUDCART_LOCAL_DIR names."""

    path: Path

    @classmethod
    def from_environment(cls) -> "LocalFolder":
        return cls(Path(os.environ.get("CLOUDCART_LOCAL_DIR") or PROJECT_DIR / ".local").absolute())

    @property
    def aws(self) -> Path:
        return self.path / "aws"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @property
    def processes(self) -> Path:
        return self.path / "run"

    @property
    def stack_env(self) -> Path:
        return self.path / "stack.env"

    @property
    def prepared_mark(self) -> Path:
        """Exists once the demo products and accounts are in. It lies with the data, to go with it."""
        return self.aws / "prepared"

    @property
    def payments(self) -> Path:
        """What the payment simulator remembers. It goes with the orders that were paid there."""
        return self.aws / "payments.sqlite3"

    def empty(self) -> None:
        """Forget the shop's data and what was deployed for it."""
        shutil.rmtree(self.aws)
        self.aws.mkdir()
        self.stack_env.unlink(missing_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Make sure that one program at a time works in the folder; the lock ends with its process.

        :raises LocalProblem: if another program holds it, or the folder cannot be written.
        """
        try:
            for folder in (self.aws, self.logs, self.processes):
                folder.mkdir(parents=True, exist_ok=True)
            file = (self.processes / "lock").open("a+")
        except OSError as error:
            raise LocalProblem(f"The folder {self.path} cannot be written: {error.strerror}.") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LocalProblem(
                    f"A shop already runs from this folder (process {self.find_owner()}). `make stop` ends it."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def find_owner(self) -> int | None:
        """The process that holds the lock, or None if nothing runs here."""
        try:
            with (self.processes / "lock").open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int((self.processes / "lock").read_text() or 0) or None
        except FileNotFoundError:
            return None
        return None
