"""Follow what is stored: every change of an item, as DynamoDB Streams tells it, handed to its consumers.

An app has a module ``projections.py`` with functions that follow tables::

    @streams.consumer("orders")
    def count_sale(record: StreamRecord) -> None: ...

A record arrives at least once, in the order of its item's changes, so a consumer has to be idempotent. On
AWS, the event source mapping calls `handle_event`; elsewhere `manage.py read_streams` does its work.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

logger = structlog.get_logger(__name__)

INSERT, MODIFY, REMOVE = "INSERT", "MODIFY", "REMOVE"

# An item before or after its change, as plain values.
Image = Mapping[str, Any]


@dataclass(frozen=True)
class StreamRecord:
    """One change of one item. ``old`` and ``new`` are the item before and after, as plain values.

    ``event_id`` stays the same when the record is delivered again. ``table`` has no stage's prefix;
    numbers are ints (or Decimals, if they have a fraction), times the texts they are stored as.
    """

    event_id: str
    event_name: str
    table: str
    keys: Mapping[str, Any]
    old: Image | None
    new: Image | None
    sequence_number: str
    # To the second: when the change was written.
    created_at: datetime

    def changed(self, attribute: str) -> bool:
        """Whether the attribute is another one than before, or came or went."""
        return (self.old or {}).get(attribute) != (self.new or {}).get(attribute)


Consumer = Callable[[StreamRecord], None]

_consumers: dict[str, list[Consumer]] = {}


def consumer(table: str) -> Callable[[Consumer], Consumer]:
    """Have the decorated function called with every record of the table (its name without the prefix)."""

    def register(function: Consumer) -> Consumer:
        followers = _consumers.setdefault(table, [])
        if function not in followers:
            followers.append(function)
        return function

    return register


def load_consumers() -> dict[str, list[Consumer]]:
    """Import the apps' ``projections.py``; gives the consumers of each table."""
    autodiscover_modules("projections")
    return _consumers


def dispatch(
    records: Iterable[StreamRecord], *, consumers: Mapping[str, list[Consumer]] | None = None
) -> list[StreamRecord]:
    """Hand records, in their order, to the consumers of their tables; gives those that have to come again.

    The first that fails of a table stops that table: later changes of an item must not overtake it. A
    failure of one consumer does not keep the record's others from it.

    :param consumers: who follows which table, for tests.
    """
    known = load_consumers() if consumers is None else consumers
    failed: dict[str, StreamRecord] = {}
    for record in records:
        if record.table not in failed and not _deliver(record, known.get(record.table, [])):
            failed[record.table] = record
    return list(failed.values())


def handle_event(event: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Take a batch of the event source mapping, which has to have ReportBatchItemFailures.

    Lambda keeps what came before the lowest sequence number that is reported, and sends the rest again.
    """
    failed = dispatch(parse_record(raw) for raw in event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": record.sequence_number} for record in failed]}


def parse_record(raw: Mapping[str, Any], *, table_name: str | None = None) -> StreamRecord:
    """Read a record of a Lambda event, or of GetRecords, which does not name the table.

    :param table_name: the table's full name, if the record does not have it in its ``eventSourceARN``.
    """
    change = raw["dynamodb"]
    full_name = table_name or raw["eventSourceARN"].split("/")[1]
    return StreamRecord(
        event_id=raw["eventID"],
        event_name=raw["eventName"],
        table=full_name.removeprefix(settings.TABLE_PREFIX),
        keys=read_item(change["Keys"]),
        old=read_item(change["OldImage"]) if "OldImage" in change else None,
        new=read_item(change["NewImage"]) if "NewImage" in change else None,
        sequence_number=change["SequenceNumber"],
        created_at=_read_time(change["ApproximateCreationDateTime"]),
    )


def read_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item in DynamoDB's own notation as plain values."""
    return {name: _read_value(value) for name, value in item.items()}


def _deliver(record: StreamRecord, followers: Iterable[Consumer]) -> bool:
    is_delivered = True
    for follow in followers:
        try:
            follow(record)
        except Exception as error:
            # Whatever a consumer raises, the record comes again.
            is_delivered = False
            logger.warning(
                "streams.consumer_failed",
                consumer=f"{follow.__module__}.{follow.__name__}",
                table=record.table,
                keys=dict(record.keys),
                event_id=record.event_id,
                sequence_number=record.sequence_number,
                exc_info=error,
            )
    return is_delivered


def _read_time(value: Any) -> datetime:
    # Lambda gives seconds since 1970, boto3 a datetime.
    return value if isinstance(value, datetime) else datetime.fromtimestamp(float(value), UTC)


def _read_value(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    return _READERS.get(kind, _as_it_is)(content)


def _as_it_is(content: Any) -> Any:
    return content


def _read_number(text: str) -> int | Decimal:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def _read_binary(content: bytes | str) -> bytes:
    # Text in an event, which is JSON; bytes from boto3.
    return content if isinstance(content, bytes) else base64.b64decode(content)


_READERS: dict[str, Callable[[Any], Any]] = {
    "N": _read_number,
    "B": _read_binary,
    "M": read_item,
    "L": lambda values: [_read_value(each) for each in values],
    "SS": set,
    "NS": lambda values: {_read_number(each) for each in values},
    "BS": lambda values: {_read_binary(each) for each in values},
    "NULL": lambda _: None,
}
