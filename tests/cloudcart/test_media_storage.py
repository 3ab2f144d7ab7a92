"""The bucket of the pictures, as a role sees it that may not list it."""

import json
from collections.abc import Iterator

import boto3
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


@pytest.fixture
def hidden() -> Iterator[str]:
    """A folder of the bucket for which S3 answers 403, whatever is in it."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{settings.MEDIA_BUCKET}/hidden/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client = boto3.client("s3")
    client.put_bucket_policy(Bucket=settings.MEDIA_BUCKET, Policy=policy)
    yield "hidden/picture.webp"
    client.delete_bucket_policy(Bucket=settings.MEDIA_BUCKET)


def test_what_a_role_may_not_see_is_taken_for_absent_and_can_be_written(hidden: str) -> None:
    assert not default_storage.exists(hidden)
    assert default_storage.save(hidden, ContentFile(b"picture")) == hidden


def test_what_is_there_is_there() -> None:
    name = default_storage.save("seen/picture.webp", ContentFile(b"picture"))
    assert default_storage.exists(name)
    assert not default_storage.exists("seen/no-such-picture.webp")
