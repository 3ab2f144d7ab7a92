"""Imports that a cold start does without."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def without_boto3() -> Iterator[None]:
    """Let a module import boto3 that only names it, and never gets to use it, without loading it.

    Zappa's handler imports boto3, and with it the transfer manager of S3, for the annotations of
    functions that its command line has. They are a tenth of a cold start; a page needs botocore alone.
    """
    if "boto3" in sys.modules:
        yield
        return
    placeholder = ModuleType("boto3")
    placeholder.Session = object  # type: ignore[attr-defined]
    sys.modules["boto3"] = placeholder
    try:
        yield
    finally:
        del sys.modules["boto3"]
