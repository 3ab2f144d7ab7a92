"""The packages that are measured: the shop's as it is deployed, as Zappa alone makes it, and a bare Django's."""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cloudcart.aws.bundle import compile_unchecked
from cloudcart.aws.bundle_environment import FOLDER
from cloudcart.local.emulator import Emulator
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem

BUNDLES = PROJECT_DIR / ".local" / "bundle"
OWN = ("accounts", "cart", "catalog", "cloudcart", "orders", "templates")
# What Lambda's Python brings along, for a package that has none of its own.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer")


@dataclass(frozen=True)
class Package:
    """What a cold start is measured of."""

    title: str
    folders: tuple[Path, ...]
    handler: str


def build(part: str) -> Path:
    """Package a part as Zappa and its callbacks do, "web" or "worker"; gives the zip's path.

    :raises LocalProblem: if Zappa fails, with its last words.
    """
    BUNDLES.mkdir(parents=True, exist_ok=True)
    path = BUNDLES / f"{part}.zip"
    zappa_stage = "dev" if part == "web" else "dev_worker"
    # Nobody is asked anything there: packing needs an AWS to be configured, and none to be there.
    variables = Emulator(port=9).client_environment
    script = str(Path(sys.executable).with_name("zappa"))
    command = [script, "package", zappa_stage, "--output", str(path.relative_to(PROJECT_DIR))]
    ended = subprocess.run(
        command, cwd=PROJECT_DIR, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise LocalProblem(f"Zappa cannot package {part}.\n{(ended.stdout + ended.stderr)[-2000:]}")
    return path


def unpack_all(path: Path, folder: Path) -> list[Package]:
    """Unpack the shop's package, and lay out the two that it is compared with.

    :param path: the web package.
    """
    task, runtime, bare, plain = (folder / name for name in ("task", "runtime", "bare", "plain"))
    with zipfile.ZipFile(path) as package:
        package.extractall(task)
    [site_packages] = (FOLDER / "lib").glob("python*/site-packages")
    for name in RUNTIME_PACKAGES:
        shutil.copytree(site_packages / name, runtime / name)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(runtime)], check=False, capture_output=True)
    _lay_out_bare(bare)
    _lay_out_plain(plain, site_packages, task)
    return [
        Package("the shop, as it is deployed", (task,), "cloudcart.aws.handler"),
        Package("a bare Django and boto3, packed the same way", (bare, task), "bare_handler"),
        Package("the shop, as Zappa packs it without the callbacks", (plain, runtime), "cloudcart.aws.handler"),
    ]


def _lay_out_bare(folder: Path) -> None:
    folder.mkdir()
    for source in Path(__file__).with_name("bare").glob("bare_*.py"):
        target = folder / source.name
        target.write_bytes(source.read_bytes())
        bytecode = Path(importlib.util.cache_from_source(str(target)))
        bytecode.parent.mkdir(exist_ok=True)
        bytecode.write_bytes(compile_unchecked(source.read_bytes(), source.name) or b"")


def _lay_out_plain(folder: Path, site_packages: Path, task: Path) -> None:
    left_out = shutil.ignore_patterns("__pycache__", "*.pyc", *RUNTIME_PACKAGES)
    shutil.copytree(site_packages, folder, ignore=left_out)
    for name in OWN:
        shutil.copytree(PROJECT_DIR / name, folder / name, ignore=left_out)
    shutil.copytree(task / "staticfiles", folder / "staticfiles")
    with_settings = task / "zappa_settings.pyc"
    shutil.copy(with_settings, folder / with_settings.name)
