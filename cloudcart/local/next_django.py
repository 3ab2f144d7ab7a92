"""Run the admin's tests with the newest Django, in an environment of its own: what breaks next is known early."""

import os
import subprocess
import sys
from pathlib import Path

from cloudcart.local import uv
from cloudcart.local.folder import PROJECT_DIR
from cloudcart.local.problems import LocalProblem

FOLDER = PROJECT_DIR / ".local" / "next-venv"
TESTS = ("tests/dynamo_admin", "tests/catalog/admin", "tests/staff")
# The newest Django wants a newer Python than the shop does.
PYTHONS = ("python3.14", "python3.13", "python3.12")


def main() -> int:
    try:
        python = os.environ.get("NEXT_PYTHON") or _find_python()
        _install(python)
    except (LocalProblem, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    program = str(FOLDER / "bin" / "python")
    subprocess.run(
        [program, "-c", "import django, sys; print('Django', django.__version__, 'on Python', sys.version)"],
        check=False,
    )
    return subprocess.run([program, "-m", "pytest", *(sys.argv[1:] or TESTS)], check=False).returncode


def _find_python() -> str:
    for name in PYTHONS:
        ended = subprocess.run(
            [name, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=False
        )
        if ended.returncode == 0:
            return ended.stdout.strip()
    raise LocalProblem(f"The newest Django needs one of {', '.join(PYTHONS)}; NEXT_PYTHON may name one.")


def _install(python: str) -> None:
    tool = uv.find_or_install(uv.TOOLS_DIR)
    requirements = tool.export(PROJECT_DIR, uv.TOOLS_DIR / "next-requirements.txt")
    _without_django(requirements)
    tool.run("venv", "--clear", "--no-project", "--python", python, str(FOLDER))
    target = ("--python", str(FOLDER / "bin" / "python"))
    tool.run("pip", "install", *target, "--requirements", str(requirements), "django")


def _without_django(requirements: Path) -> None:
    """Leave Django to the index; with one package without a hash, uv compares no hashes at all."""
    lines = requirements.read_text().splitlines()
    kept = [line.split(" \\")[0] for line in lines if line and not line.startswith((" ", "#", "django=="))]
    requirements.write_text("\n".join(kept) + "\n")


if __name__ == "__main__":
    sys.exit(main())
