"""What every log line of a Lambda invocation says of it, in the words of aws-lambda-powertools."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from cloudcart import logs, tracing

_is_cold = True


@contextmanager
def invocation(context: Any, name: str) -> Iterator[None]:
    """Put the invocation's ids on every log line, and a segment around it if X-Ray wants to see this one.

    The fields are those of aws-lambda-powertools, without its import, which the first page would wait for.

    :param context: what Lambda passes.
    :param name: of the segment: "web" or "worker".
    """
    global _is_cold
    fields = {
        "service": settings.STACK_NAME,
        "function_name": context.function_name,
        "function_version": getattr(context, "function_version", ""),
        "function_request_id": context.aws_request_id,
        "cold_start": _is_cold,
    }
    trace_id = _trace_id()
    if trace_id:
        fields["xray_trace_id"] = trace_id
    logs.process_fields.clear()
    logs.process_fields.update(fields)
    # Loading X-Ray's SDK takes longer than the first page: that one is traced by Lambda alone.
    with tracing.segment(name, is_wanted=not _is_cold and _is_sampled()):
        _is_cold = False
        yield


def _trace_id() -> str:
    root = os.environ.get("_X_AMZN_TRACE_ID", "").partition(";")[0]
    return root.removeprefix("Root=")


def _is_sampled() -> bool:
    return "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", "")
