"""The embedded AWS within the process of a proof: botocore's requests reach it as they are, but without a socket."""

import asyncio
import io
import os
import sys
import sysconfig
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.httpsession
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from cloudcart.local import emulator
from cloudcart.local.emulator import Emulator

Message = dict[str, Any]


class NearAws:
    """Serves on a port as well, for whoever does not use botocore."""

    def __init__(self, aws: Emulator) -> None:
        self._aws = aws
        self._loop = asyncio.new_event_loop()
        self._app: Callable[..., Awaitable[None]]

    def start(self) -> None:
        """Load the embedded AWS, begin to serve, and lead all of botocore's requests to it."""
        os.environ.update(self._aws._server_environment())
        version = f"python{sysconfig.get_python_version()}"
        # Behind the shop's own packages, which are the same where both have them.
        sys.path.append(str(emulator.PYTHON.parent.parent / "lib" / version / "site-packages"))
        from ministack import app as ministack
        from ministack.services import dynamodb

        from cloudcart.local.emulator_server import quicken

        quicken(dynamodb)
        self._app = ministack.app
        threading.Thread(target=self._serve, daemon=True).start()
        botocore.httpsession.URLLib3Session.send = lambda session, request: self.send(request)  # type: ignore[method-assign,assignment]

    def send(self, request: Any) -> AWSResponse:
        """Answer a prepared request."""
        status, headers, body = asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()
        raw = HTTPResponse(io.BytesIO(body), headers=dict(headers), status=status, preload_content=False)
        return AWSResponse(request.url, status, raw.headers, raw)  # type: ignore[arg-type]

    def _serve(self) -> None:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        config = Config()
        config.bind, config.loglevel = [f"127.0.0.1:{self._aws.port}"], "WARNING"
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve(self._app, config, shutdown_trigger=asyncio.Event().wait))

    async def _answer(self, request: Any) -> tuple[int, list[tuple[str, str]], bytes]:
        given, answered = [_body_of(request)], list[Message]()

        async def receive() -> Message:
            if given:
                return {"type": "http.request", "body": given.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            answered.append(message)

        await self._app(_scope_of(request, self._aws.port, len(given[0])), receive, send)
        start = next(each for each in answered if each["type"] == "http.response.start")
        body = b"".join(each.get("body", b"") for each in answered if each["type"] == "http.response.body")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        return start["status"], headers, body


def _body_of(request: Any) -> bytes:
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else body.read()


def _scope_of(request: Any, port: int, length: int) -> Message:
    url = urlsplit(request.url)
    headers = {
        name.lower(): value if isinstance(value, bytes) else str(value).encode()
        for name, value in request.headers.items()
    }
    headers.setdefault("host", url.netloc.encode())
    headers.setdefault("content-length", str(length).encode())
    headers.pop("expect", None)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(url.path) or "/",
        "raw_path": url.path.encode() or b"/",
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", port),
        "extensions": {},
    }
