"""Files of imports and exports, in a bucket that nobody but the shop reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from cloudcart.errors import StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

# S3 takes parts of an upload from this size, except the last one.
PART_BYTES = 5 * 1024 * 1024
LINK_SECONDS = 300


@lru_cache
def client() -> S3Client:
    """The process's client of S3; links are signed in the way that every region takes."""
    return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error


def write_bytes(key: str, body: bytes, *, content_type: str = "text/csv") -> None:
    """:raises StorageUnavailable: if S3 does not take it."""
    with _reachable():
        client().put_object(Bucket=settings.SPREADSHEET_BUCKET, Key=key, Body=body, ContentType=content_type)


def write_file(key: str, source: IO[bytes]) -> None:
    """Upload an open file, in parts if it is large."""
    with _reachable():
        client().upload_fileobj(source, settings.SPREADSHEET_BUCKET, key, ExtraArgs={"ContentType": "text/csv"})


def read_bytes(key: str) -> bytes:
    """:raises StorageUnavailable: if S3 does not answer, or does not have the file any more."""
    with _reachable():
        return client().get_object(Bucket=settings.SPREADSHEET_BUCKET, Key=key)["Body"].read()


def write_page(key: str, values: Sequence[Any]) -> None:
    """Keep a page of drafts or entries."""
    body = json.dumps([value.as_json() for value in values], ensure_ascii=False, separators=(",", ":"))
    write_bytes(key, body.encode(), content_type="application/json")


def read_page(key: str, make: Callable[[dict[str, Any]], T]) -> list[T]:
    """Read what `write_page` kept."""
    return [make(value) for value in json.loads(read_bytes(key))]


def link_to(key: str, *, file_name: str) -> str:
    """An address under which a browser may download a file for five minutes."""
    parameters = {
        "Bucket": settings.SPREADSHEET_BUCKET,
        "Key": key,
        "ResponseContentDisposition": f'attachment; filename="{file_name}"',
    }
    return client().generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)


def begin_upload(key: str) -> str:
    """Begin a file that is sent in parts; gives the upload's id."""
    with _reachable():
        answer = client().create_multipart_upload(
            Bucket=settings.SPREADSHEET_BUCKET, Key=key, ContentType="text/csv; charset=utf-8"
        )
        return answer["UploadId"]


def send_part(key: str, *, upload_id: str, number: int, body: bytes) -> str:
    """Send one part, from 1; the same number again replaces it. Gives its tag."""
    with _reachable():
        answer = client().upload_part(
            Bucket=settings.SPREADSHEET_BUCKET, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
        return answer["ETag"]


def finish_upload(key: str, *, upload_id: str, tags: Sequence[str]) -> None:
    """Make one file of the parts; nothing is done if that was done before."""
    parts: Any = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    try:
        client().complete_multipart_upload(
            Bucket=settings.SPREADSHEET_BUCKET, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
    except ClientError as error:
        # An upload that is not there any more was finished by somebody who died before saying so.
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise StorageUnavailable from error
    except BotoCoreError as error:
        raise StorageUnavailable from error
