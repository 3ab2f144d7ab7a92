"""Compare at the end of a test run, whichever processes it had."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.chromium import find_chromium
from tests.permissions import comparing, recording
from tests.permissions.comparing import Comparison

# Options of pytest, as it calls them, that leave tests out.
_NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly")
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


def asks_for_everything(config: pytest.Config) -> bool:
    """Whether this run leaves no test out, those in a browser neither."""
    is_narrowed = any(getattr(config.option, name, None) for name in _NARROWING)
    return config.args_source is config.ArgsSource.TESTPATHS and not is_narrowed and find_chromium() is not None


def finish(*, is_whole: bool) -> Comparison:
    """Give what is wrong with the roles: what they lack, and after a whole run also what they have for nothing.

    :param is_whole: whether all tests ran and went well. Of a part of them, or of some that stopped halfway, nothing
        can be told about what is not used.
    """
    if not (_folder() / comparing.ROLES_FILE).exists():
        return Comparison((), ())
    found = comparing.compare(comparing.read_calls(_folder()), comparing.read_roles(_folder()))
    keep = os.environ.get("KEEP_CALLS_IN")
    if keep:
        shutil.copytree(_folder(), keep, dirs_exist_ok=True)
    shutil.rmtree(_folder(), ignore_errors=True)
    return found if is_whole else Comparison(found.missing, ())


def _folder() -> Path:
    return Path(os.environ[recording.VARIABLE])
