"""Styles, scripts and fonts in S3, from where CloudFront serves them; the functions get the list of their names."""

import hashlib
import json
import mimetypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from cloudcart.local.folder import PROJECT_DIR

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = "staticfiles.json"
# Where the settings of a function look for the manifest.
BUNDLED_MANIFEST = f"staticfiles/{MANIFEST}"

_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=300"


class CollectingFailed(Exception):
    """`collectstatic` failed; its words say why."""


@dataclass(frozen=True)
class StaticFiles:
    """What `collectstatic` made, in a folder."""

    folder: Path

    @property
    def manifest(self) -> bytes:
        return (self.folder / MANIFEST).read_bytes()

    @cached_property
    def hashed_names(self) -> set[str]:
        """Names that carry a hash of their content, so that what is under one never changes."""
        return set(json.loads(self.manifest)["paths"].values())

    def names(self) -> Iterator[str]:
        # CloudFront compresses by itself.
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.suffix not in {".gz", ".br"} and path.name != MANIFEST:
                yield path.relative_to(self.folder).as_posix()


@contextmanager
def collected() -> Iterator[StaticFiles]:
    """Collect the static files of this version into a folder that is gone afterwards.

    :raises CollectingFailed: if Django cannot, for a style that names a picture that is not there.
    """
    with tempfile.TemporaryDirectory(prefix="cloudcart-static-") as folder:
        # As on a laptop, whose settings need no secrets and no AWS.
        variables = {"CLOUDCART_STAGE": "local", "CLOUDCART_LOCAL_DIR": folder, "DEBUG": ""}
        variables["DJANGO_SETTINGS_MODULE"] = "cloudcart.settings"
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        ended = subprocess.run(  # noqa: S603 (our own words)
            command, cwd=PROJECT_DIR, env=os.environ | variables, capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            raise CollectingFailed(f"The static files cannot be collected.\n{ended.stderr.strip()}")
        yield StaticFiles(Path(folder) / "static")


def publish(files: StaticFiles, bucket: str) -> int:
    """Put into the bucket what is not there yet; gives how many files that were.

    Files of former versions stay, for pages that are open in a browser while the shop is updated.
    """
    s3 = boto3.client("s3")
    present = _list(s3, bucket)
    missing = [name for name in files.names() if present.get(f"static/{name}") != _etag(files.folder / name)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: _put(s3, bucket, files, name), missing))
    return len(missing)


def _list(s3: "S3Client", bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="static/")
    return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}


def _etag(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _put(s3: "S3Client", bucket: str, files: StaticFiles, name: str) -> None:
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    headers: Any = {
        "ContentType": content_type,
        "CacheControl": _FOREVER if name in files.hashed_names else _SHORTLY,
    }
    # Under the path that they are asked for: CloudFront passes it on to the bucket as it is.
    s3.put_object(Bucket=bucket, Key=f"static/{name}", Body=(files.folder / name).read_bytes(), **headers)
