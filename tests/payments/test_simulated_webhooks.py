"""The simulator's webhooks, as the shop's endpoint meets them."""

import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from tests.live_shop import wait_until
from tests.payments.simulator import SECRET, Simulator, running_simulator
from tests.payments.test_simulated_payments import make_session


class Endpoint:
    """A shop that takes webhooks, after it has refused the first ones."""

    def __init__(self) -> None:
        self.events: list[stripe.Event] = []
        self.refusals = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = endpoint.take(body, self.headers["Stripe-Signature"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe/"

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def take(self, body: bytes, signature: str) -> int:
        if self.refusals:
            self.refusals -= 1
            return 500
        # Raises, and so answers nothing, if the signature is not right.
        self.events.append(stripe.Webhook.construct_event(body, signature, SECRET, api_key="sk_test_x"))
        return 200


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()


@pytest.fixture(scope="module")
def process(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    state = tmp_path_factory.mktemp("payments") / "stripe.sqlite3"
    with running_simulator(state, webhook_url=endpoint.url) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: Simulator, endpoint: Endpoint) -> Simulator:
    process.ask("reset", all=True)
    endpoint.events.clear()
    return process


PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_webhooks_are_signed_by_the_real_scheme_and_come_in_order(simulator: Simulator, endpoint: Endpoint) -> None:
    session = make_session(simulator)
    simulator.pay(session)
    wait_until(lambda: len(endpoint.events) == 4)
    assert endpoint.types == PAID
    assert endpoint.events[-1].data.object["id"] == session


def test_before_the_redirect_means_that_the_shop_has_answered(simulator: Simulator, endpoint: Endpoint) -> None:
    simulator.switch_webhooks(timing="before")
    simulator.pay(make_session(simulator))
    assert endpoint.types == PAID


def test_a_refused_webhook_is_sent_again(simulator: Simulator, endpoint: Endpoint) -> None:
    endpoint.refusals = 1
    session = make_session(simulator)
    simulator.client.v1.checkout.sessions.expire(session)
    wait_until(lambda: simulator.ask("deliveries")[0]["answer"] == "500")
    assert endpoint.events == []
    simulator.advance(5)
    wait_until(lambda: endpoint.types == ["checkout.session.expired"])
    wait_until(lambda: simulator.ask("deliveries")[0]["state"] == "delivered")
    assert simulator.ask("deliveries")[0]["attempts"] == 2


def test_webhooks_can_come_twice_or_late_or_not_at_all(simulator: Simulator, endpoint: Endpoint) -> None:
    simulator.switch_webhooks(copies=2, delay=3600)
    simulator.client.v1.checkout.sessions.expire(make_session(simulator))
    simulator.switch_webhooks(copies=1, delay=0, is_dropped=True)
    simulator.client.v1.checkout.sessions.expire(make_session(simulator))
    assert [row["state"] for row in simulator.ask("deliveries")] == ["waiting", "waiting", "dropped"]
    assert endpoint.events == []
    simulator.advance(3601)
    wait_until(lambda: len(endpoint.events) == 2)
    assert endpoint.events[0].id == endpoint.events[1].id


def test_a_held_webhook_is_given_to_whoever_asks(simulator: Simulator, endpoint: Endpoint) -> None:
    simulator.switch_webhooks(is_held=True)
    simulator.client.v1.checkout.sessions.expire(make_session(simulator))
    [row] = simulator.ask("deliveries")
    taken = simulator.ask(f"deliveries/{row['id']}/take", all=True)
    event = stripe.Webhook.construct_event(taken["payload"], taken["signature"], SECRET, api_key="sk_test_x")
    assert event.type == "checkout.session.expired"
    assert endpoint.events == []


def test_a_kill_loses_nothing(simulator: Simulator) -> None:
    simulator.switch_webhooks(is_held=True)
    paid, made = make_session(simulator), make_session(simulator)
    simulator.pay(paid)
    before = simulator.ask("books"), simulator.ask("deliveries")
    simulator.stop(signal.SIGKILL)
    simulator.start()
    assert (simulator.ask("books"), simulator.ask("deliveries")) == before
    assert simulator.client.v1.checkout.sessions.retrieve(made).status == "open"
