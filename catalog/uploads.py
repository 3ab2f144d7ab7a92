"""Pictures from the staff's browsers: straight to S3 by a presigned form, then checked and made into the shop's sizes.

What arrives in S3 is untrusted: only `admit` makes a picture of it, and deletes it.
"""

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.images import UPLOAD_BYTES, file_name, make_key, make_sizes, open_upload
from catalog.models import Image
from cloudcart.errors import StorefrontError

# Types that S3 takes; what a file really is, is seen when it is opened.
UPLOAD_TYPES = {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"}
PREFIX = "uploads/"
FORM_LIFETIME_SECONDS = 10 * 60
# As long a form may stay open between the upload of a picture and its saving.
PICTURE_LIFETIME_SECONDS = 24 * 60 * 60
_SALT = "cloudcart.catalog.picture"


class UploadMissing(StorefrontError):
    """There is nothing under the key of an upload."""

    code = "upload-missing"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__("The picture did not arrive. Please upload it again.")


class WrongType(StorefrontError):
    """A file of a type that S3 would refuse."""

    code = "wrong-type"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("Pictures are JPEG, PNG, WebP, GIF or AVIF files.")


@dataclass(frozen=True)
class UploadForm:
    """Where a browser posts one file, and the fields that S3 wants before it."""

    url: str
    fields: dict[str, str]
    key: str


def allow_upload(*, content_type: str) -> UploadForm:
    """Give a form for one picture of this type; S3 itself refuses other types, keys and more than 20 MB.

    :raises WrongType: if it is no type of pictures.
    """
    if content_type not in UPLOAD_TYPES:
        raise WrongType
    key = f"{PREFIX}{uuid4().hex}"
    # A file that is opened in spite of all is downloaded, not shown.
    fixed: dict[str, Any] = {"Content-Type": content_type, "Content-Disposition": "attachment"}
    answer = _client().generate_presigned_post(
        settings.MEDIA_BUCKET,
        key,
        Fields=fixed,
        Conditions=[*({name: value} for name, value in fixed.items()), ["content-length-range", 1, UPLOAD_BYTES]],
        ExpiresIn=FORM_LIFETIME_SECONDS,
    )
    return UploadForm(answer["url"], answer["fields"], key)


def admit(key: str) -> Image:
    """Make the shop's sizes of an upload, and delete it; a few seconds for a large picture.

    :raises UploadMissing: if there is no such upload.
    :raises UnusableImage: if it is no picture that the shop takes.
    """
    if not key.startswith(PREFIX) or "/" in key.removeprefix(PREFIX):
        raise UploadMissing
    body = _read(key)
    try:
        sizes = make_sizes(open_upload(body))
        base = make_key("products", body)
        for encoded in sizes:
            name = file_name(base, encoded.width)
            default_storage.save(name, SimpleUploadedFile(name, encoded.body, content_type="image/webp"))
    finally:
        _client().delete_object(Bucket=settings.MEDIA_BUCKET, Key=key)
    largest = sizes[-1]
    return Image(key=base, widths=[size.width for size in sizes], width=largest.width, height=largest.height)


def sign_picture(image: Image) -> str:
    """Give the picture as a text that a form may carry and nobody can forge."""
    fields = {"key": image.key, "widths": list(image.widths), "width": image.width, "height": image.height}
    return signing.dumps(fields, salt=_SALT)


def read_picture(text: str) -> Image:
    """:raises BadSignature: if the text is not from `sign_picture`, or too old."""
    return Image(**signing.loads(text, salt=_SALT, max_age=PICTURE_LIFETIME_SECONDS))


def upload_origin() -> str:
    """Give scheme and host of the bucket's form, which the page's policy has to allow."""
    url: str = _client().generate_presigned_post(settings.MEDIA_BUCKET, PREFIX)["url"]
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _read(key: str) -> bytes:
    try:
        answer = _client().get_object(Bucket=settings.MEDIA_BUCKET, Key=key)
    except ClientError as error:
        # Who may not list the bucket is not told that a key is absent.
        if error.response["Error"]["Code"] in {"NoSuchKey", "AccessDenied"}:
            raise UploadMissing from error
        raise
    # The policy of the form has bounded it; one byte more shows a file that came another way.
    body: bytes = answer["Body"].read(UPLOAD_BYTES + 1)
    return body


@lru_cache(maxsize=1)
def _client() -> Any:
    config = Config(signature_version="s3v4", connect_timeout=2, read_timeout=20)
    return boto3.client("s3", region_name=settings.AWS_REGION, config=config)
