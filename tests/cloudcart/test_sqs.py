"""The worker's side of SQS, when SQS does not answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from kombu import Connection, Consumer, Queue
from kombu.asynchronous import Hub, set_event_loop

from cloudcart.local.emulator import find_free_port


class Answers(BaseHTTPRequestHandler):
    """A queue with nothing in it."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.headers["X-Amz-Target"])  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        pass


@contextmanager
def answering(port: int) -> Iterator[list[str]]:
    """SQS on this port; gives what it was asked for."""
    server = HTTPServer(("127.0.0.1", port), Answers)
    asked: list[str] = []
    server.asked = asked  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, args=[0.01]).start()
    yield asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    set_event_loop(hub)
    yield hub
    set_event_loop(None)
    hub.close()


@pytest.fixture
def port(hub: Hub) -> int:
    """Where a consumer of tasks expects SQS, and nothing is yet."""
    port = find_free_port()
    queue_url = f"http://127.0.0.1:{port}/000000000000/tasks"
    options = {"region": "eu-central-1", "is_secure": False, "predefined_queues": {"tasks": {"url": queue_url}}}
    connection = Connection(
        f"sqs://test:test@127.0.0.1:{port}//", transport="cloudcart.sqs:Transport", transport_options=options
    )
    connection.register_with_event_loop(hub)
    Consumer(connection.default_channel, queues=[Queue("tasks")], auto_declare=False).consume()
    return port


def turn(hub: Hub, *, until: Callable[[], object], seconds: float = 5) -> None:
    """Let the worker's loop turn until something has happened, or for so long."""
    deadline = time.monotonic() + seconds
    while not until() and time.monotonic() < deadline:
        hub.run_once()


def test_tasks_are_asked_for_again_when_sqs_was_out_of_reach(hub: Hub, port: int) -> None:
    turn(hub, until=bool, seconds=0.5)
    with answering(port) as asked:
        turn(hub, until=lambda: asked)
    assert asked[:1] == ["AmazonSQS.ReceiveMessage"]


def test_connections_that_use_the_shops_own_rights_share_one_client() -> None:
    options = {"region": "eu-central-1", "predefined_queues": {"tasks": {"url": "http://127.0.0.1:9/0/tasks"}}}

    def client_of(url: str) -> Any:
        connection = Connection(url, transport="cloudcart.sqs:Transport", transport_options=options)
        channel: Any = connection.default_channel
        return channel.sqs("tasks")

    assert client_of("sqs://") is client_of("sqs://")
    assert client_of("sqs://other:keys@") is not client_of("sqs://")
