"""Serve the simulated Stripe on the loopback interface, and send its webhooks."""

import socketserver
import threading
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cloudcart.local.stripe.api import Api
from cloudcart.local.stripe.console import Console
from cloudcart.local.stripe.controls import Controls
from cloudcart.local.stripe.hosted import HostedPage
from cloudcart.local.stripe.pages import Pages
from cloudcart.local.stripe.store import Store
from cloudcart.local.stripe.web import Answer, Request
from cloudcart.local.stripe.webhooks import Sender


class Simulator:
    """A WSGI application: Stripe's API, its hosted page, and the simulator's own pages and API.

    :param origin: where it is reached, like ``http://127.0.0.1:4570``.
    """

    def __init__(self, store: Store, sender: Sender, *, origin: str, shop_url: str) -> None:
        pages = Pages(shop_url=shop_url)
        hosted = HostedPage(store, sender, pages)
        self._parts: list[tuple[str, Callable[[Request], Answer]]] = [
            ("/v1/", Api(store, origin=origin).answer),
            ("/c/", hosted.answer),
            ("/_simulator/", Controls(store, sender, hosted).answer),
            ("/", Console(store, sender, pages).answer),
        ]

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request.from_environ(environ)
        answer = next(part for start, part in self._parts if request.path.startswith(start))(request)
        headers = {"Content-Length": str(len(answer.body)), "X-Content-Type-Options": "nosniff"} | answer.headers
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return [answer.body]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        if not self.path.startswith("/_simulator/health"):
            print(f"{self.command} {self.path.partition('?')[0]} {args[1] if len(args) > 1 else ''}", flush=True)


def serve(*, port: int, shop_url: str, webhook_url: str, webhook_secret: str, state: Path) -> None:
    """Serve until the process ends.

    :param state: the file that remembers everything.
    :raises OSError: if the port is taken.
    """
    with _Server(("127.0.0.1", port), _QuietHandler) as server:
        store = Store(state)
        sender = Sender(store, url=webhook_url, secret=webhook_secret)
        server.set_app(Simulator(store, sender, origin=f"http://127.0.0.1:{server.server_port}", shop_url=shop_url))
        threading.Thread(target=sender.run, args=[threading.Event()], daemon=True).start()
        server.serve_forever()
