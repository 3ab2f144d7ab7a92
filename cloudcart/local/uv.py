"""Find uv, the package installer, or fetch the pinned one. The standard library only.

Fetched as its wheel and unpacked, because many a system's Python comes without pip and venv.
"""

import configparser
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem

TOOLS_DIR = PROJECT_DIR / ".local" / "tools"
PIN = Path(__file__).with_name("requirements") / "uv.txt"
PIP_SETTINGS = ("~/.config/pip/pip.conf", "~/.pip/pip.conf", "/etc/pip.conf")
DEFAULT_INDEX = "https://pypi.org/simple"


@dataclass(frozen=True)
class Uv:
    program: str

    @property
    def environment(self) -> dict[str, str]:
        variables = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_DEFAULT_INDEX": package_index()}
        variables.pop("VIRTUAL_ENV", None)
        return variables

    def run(self, *arguments: str) -> None:
        """:raises LocalProblem: if uv fails; the text holds its last words."""
        environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_DEFAULT_INDEX": package_index()}
        environment.pop("VIRTUAL_ENV", None)
        ended = subprocess.run([self.program, *arguments], env=environment, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise LocalProblem(f"The packages cannot be installed.\n{ended.stderr.strip()}")

    def export(self, project: Path, path: Path, *, groups: str = "all") -> Path:
        """Write the lock file as requirements with hashes: uv's own sync ignores another index.

        :param groups: "all" of the groups for development, or "none".
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        chosen = "--all-groups" if groups == "all" else "--no-default-groups"
        options = ["--frozen", chosen, "--no-emit-project", "--project", str(project)]
        self.run("export", *options, "--quiet", "--output-file", str(path))
        return path


def main() -> int:
    """Be uv, for the Makefile."""
    try:
        tool = find_or_install(TOOLS_DIR)
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    return subprocess.run([tool.program, *sys.argv[1:]], env=tool.environment, check=False).returncode


def find_or_install(folder: Path) -> Uv:
    """Give the machine's uv if it is new enough, else the pinned one, fetched into ``folder``.

    :raises LocalProblem: if there is none for this machine or it cannot be fetched.
    """
    pin = PIN.read_text()
    version = _pinned_version(pin)
    own = folder / f"uv-{version}"
    for program in (shutil.which("uv"), str(own)):
        if program is not None and _version(program) >= _numbers(version):
            return Uv(program)
    print(f"Fetching uv {version}, which installs the packages …", flush=True)
    _fetch(version, set(re.findall(r"sha256:([0-9a-f]{64})", pin)), own)
    return Uv(str(own))


def package_index() -> str:
    """The index that this machine is set up to use, by uv's or pip's settings; else PyPI."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    settings = configparser.ConfigParser(interpolation=None)
    for path in (os.environ.get("PIP_CONFIG_FILE", ""), *PIP_SETTINGS):
        if path and settings.read(Path(path).expanduser()) and settings.has_option("global", "index-url"):
            return settings.get("global", "index-url")
    return DEFAULT_INDEX


def _pinned_version(pin: str) -> str:
    found = re.search(r"^uv==([\d.]+)", pin, re.MULTILINE)
    assert found is not None
    return found[1]


def _version(program: str) -> tuple[int, ...]:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    found = re.search(r"\d+(\.\d+)+", told)
    return _numbers(found[0]) if found else ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _fetch(version: str, hashes: set[str], path: Path) -> None:
    page_url = package_index().rstrip("/") + "/uv/"
    try:
        page = _download(page_url).decode()
        wheel = _download(urljoin(page_url, _wheel_link(page, version, hashes)))
    except (urllib.error.URLError, OSError) as error:
        raise LocalProblem(
            f"uv cannot be fetched from {page_url} ({error}). Is there a connection, or a proxy to set in HTTPS_PROXY?"
        ) from error
    if hashlib.sha256(wheel).hexdigest() not in hashes:
        raise LocalProblem(f"What {page_url} gave for uv {version} is not what is pinned.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(zipfile.ZipFile(io.BytesIO(wheel)).read(f"uv-{version}.data/scripts/uv"))
    unfinished.chmod(0o755)
    unfinished.replace(path)


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def _wheel_link(page: str, version: str, hashes: set[str]) -> str:
    system, machine = _platform()
    for url, digest in re.findall(r'href="([^"#]+\.whl)#sha256=([0-9a-f]{64})"', page):
        name = url.rpartition("/")[2]
        if digest in hashes and name.startswith(f"uv-{version}-") and system in name and machine in name:
            return str(url)
    raise LocalProblem(f"There is no uv {version} for {system} on {machine}. Please install uv yourself.")


def _platform() -> tuple[str, str]:
    system, _, machine = sysconfig.get_platform().partition("-")
    if system == "linux":
        system = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return system, machine.rpartition("-")[2]


if __name__ == "__main__":
    sys.exit(main())
