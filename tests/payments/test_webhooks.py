"""Messages of the provider at the shop's door: signed by the simulator, forged, stale, too large, doubled."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from django.test import Client
from django.utils import timezone

from orders.gateway import WebhookEvent
from orders.models import Order, PaymentEvent
from orders.payment_pages import start_or_resume
from orders.stripe_gateway import StripeGateway
from orders.tasks import reconcile_payment
from orders.webhooks import LARGEST_MESSAGE, acknowledge
from tests.factories import make_product
from tests.orders.card_orders import place_card_order
from tests.payments.simulator import SECRET, Simulator

URL = "/webhooks/stripe/"


@pytest.fixture
def stripes_own() -> Client:
    """A client that sends what Stripe sends: no Origin, no Sec-Fetch-Site, no cookies."""
    return Client()


@pytest.fixture
def order(gateway: StripeGateway) -> Order:
    order = place_card_order(make_product(price=2000), now=timezone.now())
    start_or_resume(number=order.number, now=timezone.now(), gateway=gateway)
    return Order.get(order.number)


def sign(payload: str, *, secret: str = SECRET, at: float | None = None) -> str:
    """Sign as https://docs.stripe.com/webhooks#verify-manually describes."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def message(kind: str = "checkout.session.completed", **parts: Any) -> str:
    item = {"id": "cs_test_1", "object": "checkout.session", "metadata": {"order": "LUSAB-MODIK-47"}} | parts
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": item}})


def post(client: Client, payload: str, signature: str) -> Any:
    return client.post(URL, payload, content_type="application/json", headers={"Stripe-Signature": signature})


def take_deliveries(simulator: Simulator) -> list[dict[str, str]]:
    """Give what the simulator would post, with its signatures."""
    deliveries = simulator.ask("deliveries")
    return [simulator.ask(f"deliveries/{each['id']}/take", take=True) for each in deliveries]


def test_what_the_simulator_signs_is_taken_and_queued(
    stripes_own: Client, simulator: Simulator, order: Order, task_queue: Callable[[], int]
) -> None:
    simulator.pay(order.payment_session_id or "")
    answers = [post(stripes_own, each["payload"], each["signature"]) for each in take_deliveries(simulator)]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    # Of all that Stripe tells, one thing is of interest here.
    assert task_queue() == 1


def test_the_task_pays_the_order_whatever_the_order_of_messages(
    gateway: StripeGateway, simulator: Simulator, order: Order
) -> None:
    simulator.pay(order.payment_session_id or "")
    messages = [
        gateway.parse_webhook(each["payload"].encode(), each["signature"]) for each in take_deliveries(simulator)
    ]
    assert {event.order_number for event in messages} == {order.number}
    for event in [*reversed(messages), *messages]:
        reconcile_payment(event.event_id, event.kind, event.order_number, event.session_id, event.payment_intent_id)
    stored = Order.get(order.number)
    assert (stored.payment_status, stored.status) == ("paid", "confirmed")
    assert [entry.event for entry in stored.timeline] == ["placed", "paid", "confirmed"]
    assert len(list(PaymentEvent.scan())) == len(messages)


def test_a_dispute_names_no_order_and_is_found_by_its_payment(
    gateway: StripeGateway, simulator: Simulator, order: Order
) -> None:
    simulator.pay(order.payment_session_id or "")
    acknowledge(event=WebhookEvent("evt_0", "", order.number), now=timezone.now(), gateway=gateway)
    intent = Order.get(order.number).payment_intent_id or ""
    simulator.ask("disputes", payment_intent=intent)
    last = take_deliveries(simulator)[-1]
    event = gateway.parse_webhook(last["payload"].encode(), last["signature"])
    assert (event.kind, event.order_number, event.payment_intent_id) == ("charge.dispute.created", "", intent)
    assert acknowledge(event=event, now=timezone.now(), gateway=gateway) == order.number
    assert Order.get(order.number).is_disputed


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=,v1=",
        sign(message(), secret="whsec_of_somebody_else"),
        sign(message("charge.refunded")),
        sign(message(), at=time.time() - 301),
        sign(message()).replace("v1=", "v0="),
    ],
    ids=["none", "nonsense", "empty", "other secret", "other message", "stale", "other scheme"],
)
def test_what_is_not_signed_for_this_message_now_is_refused(
    stripes_own: Client, gateway: StripeGateway, task_queue: Callable[[], int], signature: str
) -> None:
    response = post(stripes_own, message(), signature)
    assert response.status_code == 400
    assert response.content == b"This message is not signed by the payment provider.\n"
    assert task_queue() == 0


def test_a_signed_message_that_is_no_event_is_refused(stripes_own: Client, gateway: StripeGateway) -> None:
    assert post(stripes_own, "not json", sign("not json")).status_code == 400


def test_a_message_that_is_too_large_is_refused_unread(
    stripes_own: Client, gateway: StripeGateway, task_queue: Callable[[], int]
) -> None:
    payload = message(padding="x" * LARGEST_MESSAGE)
    assert post(stripes_own, payload, sign(payload)).status_code == 413
    assert task_queue() == 0


def test_what_no_order_follows_from_is_answered_and_dropped(
    stripes_own: Client, gateway: StripeGateway, task_queue: Callable[[], int]
) -> None:
    payload = message("customer.created")
    assert post(stripes_own, payload, sign(payload)).status_code == 200
    assert task_queue() == 0


@pytest.fixture
def queue_away(settings: Any) -> Iterator[None]:
    """Have no queue for a while; it comes back as it was."""
    sqs, url = boto3.client("sqs"), settings.TASK_QUEUE_URL
    kept = ["VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy"]
    found: Any = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    sqs.delete_queue(QueueUrl=url)
    yield
    attributes: Any = {name: found[name] for name in kept if name in found}
    sqs.create_queue(QueueName=url.rsplit("/", 1)[1], Attributes=attributes)


@pytest.mark.usefixtures("queue_away")
def test_a_message_that_cannot_be_queued_is_asked_for_again(stripes_own: Client, gateway: StripeGateway) -> None:
    assert post(stripes_own, message(), sign(message())).status_code == 500


def test_messages_about_others_are_let_go(gateway: StripeGateway) -> None:
    now = timezone.now()
    assert acknowledge(event=WebhookEvent("evt_1", "", "LUSAB-MODIK-47", "cs_1"), now=now, gateway=gateway) == ""
    assert acknowledge(event=WebhookEvent("evt_2", "", "", "", "pi_unknown"), now=now, gateway=gateway) == ""
    assert acknowledge(event=WebhookEvent("evt_3", ""), now=now, gateway=gateway) == ""


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts_are_messages(stripes_own: Client, method: str) -> None:
    assert getattr(stripes_own, method)(URL).status_code == 405
