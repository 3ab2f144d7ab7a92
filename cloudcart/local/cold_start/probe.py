"""One cold start, in a process of its own that has nothing but the package: import, init, first page.

Run as ``python -I -S probe.py FOLDER… HANDLER PATH``; prints JSON with milliseconds. The standard
library only: what it imports itself would not be counted.
"""

import json
import sys
import time
from importlib import import_module


class Context:
    """What Lambda passes beside the event."""

    function_name = "bench"
    function_version = "1"
    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def request_for(path: str) -> dict[str, object]:
    """A request as an HTTP API sends it."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "127.0.0.1", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"},
        "requestContext": {"http": {"method": "GET", "path": path}, "stage": "$default"},
        "isBase64Encoded": False,
    }


def main(*arguments: str) -> None:
    *folders, handler, path = arguments
    started, started_cpu = time.perf_counter(), time.process_time()
    sys.path[:0] = folders
    module = import_module(handler)
    imported = time.perf_counter()
    answer = module.handler(request_for(path), Context())
    ended, ended_cpu = time.perf_counter(), time.process_time()
    measured = {
        "import": (imported - started) * 1000,
        "page": (ended - imported) * 1000,
        "total": (ended - started) * 1000,
        "cpu": (ended_cpu - started_cpu) * 1000,
        "status": answer["statusCode"],
        "modules": len(sys.modules),
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
