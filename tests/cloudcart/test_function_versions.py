"""The embedded AWS gives each version of a function its own code, as AWS does; `zappa rollback` lives on that."""

import io
import urllib.request
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from cloudcart.aws.names import Names


def package(word: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        # Of 1980, as `ZipInfo` is unless told otherwise: the same word is the same package, a second later, too.
        target.writestr(zipfile.ZipInfo("main.py"), f"word = {word!r}")
    return buffer.getvalue()


@pytest.fixture
def function() -> Iterator[str]:
    """A function whose first version says "first" and whose second says "second"."""
    client, name = boto3.client("lambda"), f"versions-{uuid4().hex[:8]}"
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=f"arn:aws:iam::000000000000:role/{Names('local').worker_role}",
        Handler="main.handler",
        Code={"ZipFile": package("first")},
        Publish=True,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    client.update_function_code(FunctionName=name, ZipFile=package("second"), Publish=True)
    yield name
    client.delete_function(FunctionName=name)


@pytest.mark.parametrize(("version", "word"), [("1", "first"), ("2", "second"), ("$LATEST", "second")])
def test_a_version_leads_to_its_own_code(function: str, version: str, word: str) -> None:
    told: Any = boto3.client("lambda").get_function(FunctionName=function, Qualifier=version)
    with urllib.request.urlopen(told["Code"]["Location"], timeout=10) as answer:
        assert answer.read() == package(word)
