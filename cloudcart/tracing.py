"""X-Ray: which call to AWS a slow request waited for. On Lambda alone, and only where X-Ray samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from aws_lambda_powertools import Tracer


@contextmanager
def segment(name: str, *, is_wanted: bool) -> Iterator[None]:
    """Record what runs inside, with each call to AWS, as a part of the invocation's trace.

    :param is_wanted: whether X-Ray takes this one; the SDK is loaded with the first that it does.
    """
    if not is_wanted:
        yield
        return
    tracer = _tracer()
    with tracer.provider.in_subsegment(name=f"## {name}") as part:
        part.put_annotation("service", settings.STACK_NAME)
        yield


@cache
def _tracer() -> "Tracer":
    from aws_lambda_powertools import Tracer

    return Tracer(service=settings.STACK_NAME, patch_modules=["botocore"])
