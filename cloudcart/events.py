"""Tell the world what happened in the shop: domain events, on an EventBridge bus and an SNS topic.

docs/events.md lists the events, their schemas and the rules for new versions. An event says ids and amounts,
never names or addresses. It arrives at least once; its id is the same each time, so that a consumer can drop
what it has had.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import boto3
import structlog
from botocore.config import Config
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

logger = structlog.get_logger(__name__)

# What both services take in one request.
BATCH = 10
ATTEMPTS = 3
_NAMESPACE = UUID("6f2f1c0e-5d0b-4f0e-9a55-0c1b7f7d9b21")
_CONFIG = Config(connect_timeout=2, read_timeout=5)


class EventsNotPublished(Exception):
    """The bus or the topic did not take some events; the stream delivers their record again."""

    def __init__(self, target: str, codes: Sequence[str]) -> None:
        self.target = target
        self.codes = tuple(codes)
        super().__init__(f"The {target} refused {len(codes)} events: {', '.join(sorted(set(codes)))}")


@dataclass(frozen=True)
class DomainEvent:
    """Something that happened. ``key`` names it among the events of its type, so that its id is always the same.

    :param source: the app that it happened in: ``orders`` or ``catalog``.
    """

    source: str
    type: str
    version: int
    key: str
    occurred_at: datetime
    data: Mapping[str, Any]

    @property
    def event_id(self) -> str:
        return str(uuid5(_NAMESPACE, f"{settings.STACK_NAME}:{self.type}:{self.key}"))

    @property
    def body(self) -> dict[str, Any]:
        """What consumers get: EventBridge's ``detail``, SNS's message."""
        return {
            "id": self.event_id,
            "type": self.type,
            "version": self.version,
            "occurred_at": self.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "data": dict(self.data),
        }


Send = Callable[[Sequence[DomainEvent]], Iterable[tuple[DomainEvent, str]]]


def publish(events: Sequence[DomainEvent]) -> None:
    """Put events on the bus and the topic: a request to each for every ten, more only for what was refused.

    :raises EventsNotPublished: if some were refused three times; the others are out.
    """
    for start in range(0, len(events), BATCH):
        batch = events[start : start + BATCH]
        _put_on_bus(batch)
        _send_to_topic(batch)
        for event in batch:
            logger.info("events.published", type=event.type, event_id=event.event_id, key=event.key)


def send_until_taken(target: str, send: Send, events: Sequence[DomainEvent]) -> None:
    """Send what was refused again, three times at most: both services may take a part of a batch only.

    :param send: sends events and gives those that were refused, each with a code.
    :raises EventsNotPublished: if some are still refused.
    """
    left = list(events)
    codes: list[str] = []
    for _ in range(ATTEMPTS):
        refused = list(send(left))
        if not refused:
            return
        left, codes = [event for event, _ in refused], [code for _, code in refused]
    raise EventsNotPublished(target, codes)


@cache
def _bus() -> "EventBridgeClient":
    return boto3.client("events", config=_CONFIG)


@cache
def _topic() -> "SNSClient":
    return boto3.client("sns", config=_CONFIG)


def _put_on_bus(events: Sequence[DomainEvent]) -> None:
    client = _bus()

    def put(batch: Sequence[DomainEvent]) -> Iterator[tuple[DomainEvent, str]]:
        answer = client.put_events(Entries=[_bus_entry(event) for event in batch])
        for event, entry in zip(batch, answer["Entries"], strict=True):
            if "ErrorCode" in entry:
                yield event, entry["ErrorCode"]

    send_until_taken("bus", put, events)


def _send_to_topic(events: Sequence[DomainEvent]) -> None:
    client = _topic()

    def send(batch: Sequence[DomainEvent]) -> Iterator[tuple[DomainEvent, str]]:
        entries = [_topic_entry(str(index), event) for index, event in enumerate(batch)]
        answer = client.publish_batch(TopicArn=settings.EVENT_TOPIC_ARN, PublishBatchRequestEntries=entries)
        for failure in answer.get("Failed", []):
            yield batch[int(failure["Id"])], failure["Code"]

    send_until_taken("topic", send, events)


def _bus_entry(event: DomainEvent) -> "PutEventsRequestEntryTypeDef":
    return {
        "EventBusName": settings.EVENT_BUS_NAME,
        "Source": f"cloudcart.{event.source}",
        "DetailType": event.type,
        "Time": event.occurred_at,
        "Detail": json.dumps(event.body),
    }


def _topic_entry(entry_id: str, event: DomainEvent) -> "PublishBatchRequestEntryTypeDef":
    return {
        "Id": entry_id,
        "Message": json.dumps(event.body),
        # What subscriptions can filter by.
        "MessageAttributes": {
            "type": {"DataType": "String", "StringValue": event.type},
            "version": {"DataType": "Number", "StringValue": str(event.version)},
        },
    }
