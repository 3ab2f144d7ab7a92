"""The packages that Lambda gets: what the lock file says for it, without anything for development, for its system.

Zappa packs whatever is in the active environment, which on a developer's machine has Chromium's driver
and type checkers too.
"""

from pathlib import Path

from cloudcart.local import uv
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.install import Target, fill

# Amazon Linux 2023, on which Lambda runs Python 3.12 and later, has glibc 2.34.
PLATFORM = "x86_64-manylinux_2_34"
FOLDER = PROJECT_DIR / ".local" / "bundle-venv"


def prepare() -> Path:
    """Install what is missing or out of date; gives the environment's folder.

    :raises LocalProblem: if the packages cannot be installed.
    """
    target = Target("Lambda's packages", FOLDER, (PROJECT_DIR / "pyproject.toml", PROJECT_DIR / "uv.lock"))
    if not target.is_ready:
        tool = uv.find_or_install(uv.TOOLS_DIR)
        requirements = tool.export(PROJECT_DIR, uv.TOOLS_DIR / "bundle-requirements.txt", groups="none")
        fill(tool, target.folder, requirements, target.fingerprint, platform=PLATFORM)
    return target.folder
