"""Install what the shop and its embedded AWS need, where it is missing or out of date.

Runs before anything is installed: the standard library only. Environments are exactly what the
lock files say, with hashes; the machine's package index, proxy and certificates are respected.
"""

import hashlib
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cloudcart.local import uv
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem

REQUIREMENTS_DIR = Path(__file__).with_name("requirements")
STAMP = "installed-from.txt"


@dataclass(frozen=True)
class Target:
    """One environment: where it is, and the files that say what belongs into it."""

    title: str
    folder: Path
    sources: tuple[Path, ...]

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(sys.version.encode())
        for source in self.sources:
            digest.update(source.read_bytes())
        return digest.hexdigest()

    @property
    def is_ready(self) -> bool:
        stamp = self.folder / STAMP
        has_python = (self.folder / "bin" / "python").exists()
        return has_python and stamp.is_file() and stamp.read_text() == self.fingerprint


SHOP = Target("the shop's packages", PROJECT_DIR / ".venv", (PROJECT_DIR / "pyproject.toml", PROJECT_DIR / "uv.lock"))
EMULATOR = Target("the embedded AWS", PROJECT_DIR / ".local" / "emulator-venv", (REQUIREMENTS_DIR / "emulator.txt",))


def main() -> int:
    missing = [target for target in (SHOP, EMULATOR) if not target.is_ready]
    if not missing:
        return 0
    try:
        tool = uv.find_or_install(uv.TOOLS_DIR)
        print(f"Installing {' and '.join(target.title for target in missing)} …", flush=True)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda target: _install(tool, target), missing))
    except (LocalProblem, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _install(tool: uv.Uv, target: Target) -> None:
    if target is SHOP:
        requirements = tool.export(PROJECT_DIR, uv.TOOLS_DIR / "shop-requirements.txt")
        fill(tool, target.folder, requirements, target.fingerprint)
        return
    # Built aside and swapped in, because an emulator that runs imports its modules late.
    aside = target.folder.with_name(target.folder.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    fill(tool, aside, target.sources[0], target.fingerprint)
    _swap(aside, target.folder)


def fill(tool: uv.Uv, folder: Path, requirements: Path, fingerprint: str, *, platform: str | None = None) -> None:
    """Make an environment exactly what the requirements say.

    :param platform: the system that it is for, as uv calls it; this one unless told otherwise.
    :raises LocalProblem: if the packages cannot be installed.
    """
    if not (folder / "bin" / "python").exists():
        tool.run("venv", "--clear", "--no-project", "--python", sys.executable, str(folder))
    (folder / STAMP).unlink(missing_ok=True)
    options = ["--python-platform", platform] if platform else []
    python = str(folder / "bin" / "python")
    tool.run("pip", "sync", "--require-hashes", *options, "--python", python, str(requirements))
    (folder / STAMP).write_text(fingerprint)


def _swap(new: Path, folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        old = folder.with_name(folder.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    new.rename(folder)


if __name__ == "__main__":
    sys.exit(main())
