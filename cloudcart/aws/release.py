"""Which version of the shop a package holds. `/readyz` tells it, for who wants to know what was deployed."""

import os
import shutil
import subprocess
from pathlib import Path

# In the package, beside the apps; settings.RELEASE reads it.
FILE = "release.txt"


def describe(folder: Path) -> str:
    """Name the version in a folder: RELEASE of the environment, else the commit, "-dirty" if files differ from it."""
    return os.environ.get("RELEASE", "") or _describe_commit(folder) or "unknown"


def _describe_commit(folder: Path) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "describe", "--always", "--dirty"]
    asked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    return asked.stdout.strip()
