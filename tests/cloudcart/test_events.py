import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings

from cloudcart import events, streams
from cloudcart.events import DomainEvent, EventsNotPublished
from orders import outbox
from tests import event_schemas
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order
from tests.stream import follow

RULE = "tests-everything"


def event(number: int = 1) -> DomainEvent:
    return DomainEvent("catalog", "StockLow", 1, f"POT:{number}", datetime(2026, 11, 26, 9, tzinfo=UTC), {"sku": "POT"})


def documented_examples() -> list[dict[str, Any]]:
    blocks = re.findall(r"```json\n(.*?)```", Path("docs/events.md").read_text(), re.DOTALL)
    return [json.loads(block) for block in blocks]


@pytest.fixture
def inboxes() -> Iterator[dict[str, Callable[[int], list[Any]]]]:
    """Two queues, one behind a rule of the bus, one subscribed to the topic; each gives so many messages."""
    sqs, bus, sns = boto3.client("sqs"), boto3.client("events"), boto3.client("sns")
    urls = {name: sqs.create_queue(QueueName=f"tests-{name}")["QueueUrl"] for name in ("bus", "topic")}
    arns = {
        name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, url in urls.items()
    }
    for name, service in (("bus", "events"), ("topic", "sns")):
        sender = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [sender | {"Resource": arns[name]}]})
        sqs.set_queue_attributes(QueueUrl=urls[name], Attributes={"Policy": policy})
    pattern = json.dumps({"source": [{"prefix": "cloudcart."}]})
    bus.put_rule(Name=RULE, EventBusName=settings.EVENT_BUS_NAME, EventPattern=pattern)
    bus.put_targets(Rule=RULE, EventBusName=settings.EVENT_BUS_NAME, Targets=[{"Id": "q", "Arn": arns["bus"]}])
    subscription = sns.subscribe(TopicArn=settings.EVENT_TOPIC_ARN, Protocol="sqs", Endpoint=arns["topic"])

    def receive(name: str, count: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < count:
            answer = sqs.receive_message(QueueUrl=urls[name], MaxNumberOfMessages=10, WaitTimeSeconds=5)
            assert answer.get("Messages"), f"Only {len(found)} of {count} events came."
            found += [json.loads(message["Body"]) for message in answer["Messages"]]
        return found

    yield {name: lambda count, name=name: receive(name, count) for name in urls}  # type: ignore[misc]
    bus.remove_targets(Rule=RULE, EventBusName=settings.EVENT_BUS_NAME, Ids=["q"])
    bus.delete_rule(Name=RULE, EventBusName=settings.EVENT_BUS_NAME)
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    for url in urls.values():
        sqs.delete_queue(QueueUrl=url)


def test_an_order_is_told_to_the_bus_and_the_topic_exactly_as_documented(inboxes: Any) -> None:
    mug = make_product(title="Blue mug", sku="MUG", price=3600, stock=6)
    changes = follow("orders", "stock")
    order = place_order(make_line(mug, 2))
    outbox.process_order(number=order.number, now=NOW)
    assert streams.dispatch(changes()) == []

    from_bus, from_topic = inboxes["bus"](2), inboxes["topic"](2)
    bodies = {each["detail-type"]: each["detail"] for each in from_bus}
    assert {each["source"] for each in from_bus} == {"cloudcart.orders", "cloudcart.catalog"}
    assert {json.loads(each["Message"])["type"]: json.loads(each["Message"]) for each in from_topic} == bodies
    assert {each["MessageAttributes"]["type"]["Value"] for each in from_topic} == set(bodies)
    for body in bodies.values():
        event_schemas.check(body)
    assert bodies["OrderPlaced"]["data"] == {
        "order_number": order.number,
        "currency": "EUR",
        "customer_id": None,
        "payment_method": "invoice",
        "shipping_method": "standard",
        "subtotal": 7200,
        "shipping_total": 490,
        "tax_total": order.tax_total,
        "total": 7690,
        "lines": [{"sku": "MUG", "product_id": mug.product_id, "quantity": 2, "unit_amount": 3600}],
    }
    assert bodies["StockLow"]["data"] == {
        "sku": "MUG",
        "product_id": mug.product_id,
        "available": 4,
        "threshold": 5,
    }


def test_every_kind_of_event_arrives_as_its_example_in_the_docs(inboxes: Any) -> None:
    happened = [
        DomainEvent("orders", example["type"], example["version"], str(number), NOW, example["data"])
        for number, example in enumerate(documented_examples())
    ]
    events.publish(happened)
    wanted = {each.type: each.body for each in happened}
    assert {each["detail-type"]: each["detail"] for each in inboxes["bus"](7)} == wanted
    from_topic = [json.loads(each["Message"]) for each in inboxes["topic"](7)]
    assert {body["type"]: body for body in from_topic} == wanted
    for body in from_topic:
        event_schemas.check(body)


def test_an_event_that_is_told_again_has_the_same_id(inboxes: Any) -> None:
    events.publish([event(), event()])
    first, second = inboxes["bus"](2)
    assert first["detail"]["id"] == second["detail"]["id"] == event().event_id
    assert event(2).event_id != event(1).event_id


def test_more_events_than_one_request_takes_all_arrive(inboxes: Any) -> None:
    events.publish([event(number) for number in range(23)])
    wanted = {event(number).event_id for number in range(23)}
    assert {each["detail"]["id"] for each in inboxes["bus"](23)} == wanted
    assert {json.loads(each["Message"])["id"] for each in inboxes["topic"](23)} == wanted


class Target:
    """A bus that refuses the events with these keys so many times."""

    def __init__(self, **refusals: int) -> None:
        self.refusals = refusals
        self.sent: list[list[str]] = []

    def send(self, batch: Sequence[DomainEvent]) -> list[tuple[DomainEvent, str]]:
        self.sent.append([each.key for each in batch])
        refused = [each for each in batch if self.refusals.get(each.key, 0) > 0]
        for each in refused:
            self.refusals[each.key] -= 1
        return [(each, "ThrottlingException") for each in refused]


def keyed(key: str) -> DomainEvent:
    return DomainEvent("catalog", "StockLow", 1, key, NOW, {})


def test_only_what_was_refused_is_sent_again() -> None:
    target = Target(b=2)
    events.send_until_taken("bus", target.send, [keyed("a"), keyed("b"), keyed("c")])
    assert target.sent == [["a", "b", "c"], ["b"], ["b"]]


def test_what_is_refused_again_and_again_is_an_error_so_that_the_record_comes_again() -> None:
    target = Target(b=events.ATTEMPTS)
    with pytest.raises(EventsNotPublished, match="The bus refused 1 events: ThrottlingException"):
        events.send_until_taken("bus", target.send, [keyed("a"), keyed("b")])
    assert len(target.sent) == events.ATTEMPTS


def test_the_docs_have_a_valid_example_of_every_schema() -> None:
    examples = documented_examples()
    for example in examples:
        event_schemas.check(example)
    assert sorted(f"{example['type']}.{example['version']}" for example in examples) == sorted(event_schemas.SCHEMAS)
    assert len(event_schemas.SCHEMAS) == 7


def test_no_schema_allows_more_than_it_names() -> None:
    for schema in event_schemas.SCHEMAS.values():
        data = schema["properties"]["data"]
        assert schema["additionalProperties"] is False
        assert data["additionalProperties"] is False
        assert not {"email", "name", "address", "shipping_address", "tracking_number"} & set(data["properties"])
