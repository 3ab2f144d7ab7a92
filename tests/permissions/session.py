"""Compare at the end of a test run, whichever processes it had."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.chromium import find_chromium
from tests.permissions import comparing, recording
from tests.permissions.comparing import Comparison

_STARTUP = Path(__file__).parent / "startup"


def begin() -> None:
    """Have this process and all that it starts write down their calls. Once for a run: children find it set up."""
    if recording.VARIABLE not in os.environ:
        os.environ[recording.VARIABLE] = tempfile.mkdtemp(prefix="cloudcart-calls-")
        paths = [str(_STARTUP), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)


def watch() -> None:
    """Watch this process, before it has a client."""
    recording.install()


def save_roles(stage: str) -> None:
    comparing.save_roles(_folder(), stage)


def finish(config: pytest.Config, *, is_successful: bool) -> Comparison:
    """Give what is wrong with the roles: anything missing; after a whole run by `make iam`, also what nothing used."""
    if not (_folder() / comparing.ROLES_FILE).exists():
        return Comparison((), ())
    found = comparing.compare(comparing.read_calls(_folder()), comparing.read_roles(_folder()))
    keep = os.environ.get("KEEP_CALLS_IN")
    if keep:
        shutil.copytree(_folder(), keep, dirs_exist_ok=True)
    shutil.rmtree(_folder(), ignore_errors=True)
    is_whole = is_successful and _is_whole(config) and find_chromium() is not None
    is_asked = os.environ.get("CHECK_UNUSED") == "1"
    return found if is_whole and is_asked else Comparison(found.missing, ())


def _folder() -> Path:
    return Path(os.environ[recording.VARIABLE])


def _is_whole(config: pytest.Config) -> bool:
    options = config.option
    return config.args_source is config.ArgsSource.TESTPATHS and not (options.keyword or options.markexpr)
