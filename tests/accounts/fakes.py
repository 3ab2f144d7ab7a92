"""Where the embedded Cognito cannot go: limits, throttling, keys that fail. A pool that answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.config import Config


class FakePool:
    """Answers every call of Cognito's API with one refusal, and serves keys."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] | None = []
        self.key_requests = 0
        self.calls: list[str] = []
        self._refusal = ("InternalErrorException", "told nothing yet")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def keys_url(self) -> str:
        return f"{self.url}/jwks.json"

    @property
    def client(self) -> Any:
        return client_for(self.url)

    def refuse(self, code: str, text: str = "") -> None:
        self._refusal = (code, text)

    def break_keys(self) -> None:
        self.keys = None

    @contextmanager
    def running(self) -> Iterator["FakePool"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                pool.calls.append(self.headers["X-Amz-Target"].rpartition(".")[2])
                code, text = pool._refusal
                self._answer(400, {"__type": code, "message": text})

            def do_GET(self) -> None:
                pool.key_requests += 1
                if pool.keys is None:
                    self._answer(500, {"message": "broken"})
                else:
                    self._answer(200, {"keys": pool.keys})

            def _answer(self, status: int, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

        return Handler


def client_for(url: str) -> Any:
    return boto3.client("cognito-idp", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))
