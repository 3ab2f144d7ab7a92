"""Read DynamoDB Streams where no event source mapping does it: on a laptop, or on a server.

Like the mapping, it delivers at least once, in the order of each shard, tries a record that fails again after
growing pauses, gives it up in the end and sends word of it to a dead-letter queue.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from cloudcart import streams
from cloudcart.streams import StreamRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

logger = structlog.get_logger(__name__)

# How often a record is tried, and the first pause, which doubles: the last try is 15 s after the first.
ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=1)
# Shards split and end by themselves, every few hours on AWS.
LOOK_AROUND_EVERY = timedelta(seconds=30)
BATCH = 100

Dispatch = Callable[[Sequence[StreamRecord]], list[StreamRecord]]
SendDeadLetter = Callable[[dict[str, Any]], None]


class Checkpoints:
    """Up to which sequence number each shard was read, in a file that is replaced as a whole."""

    _END = "end"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reached: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def find(self, shard: "Shard") -> str | None:
        return self._reached.get(shard.key)

    def is_finished(self, shard_key: str) -> bool:
        return self._reached.get(shard_key) == self._END

    def put(self, shard: "Shard", sequence_number: str) -> None:
        self._reached[shard.key] = sequence_number
        self._write()

    def finish(self, shard: "Shard") -> None:
        self.put(shard, self._END)

    def forget_all_but(self, shard_keys: Iterable[str]) -> None:
        """Drop shards that no longer exist."""
        keys = set(shard_keys)
        if self._reached.keys() - keys:
            self._reached = {key: reached for key, reached in self._reached.items() if key in keys}
            self._write()

    def _write(self) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self._reached, indent=1))
        new.replace(self._path)


@dataclass
class Shard:
    """A part of a table's stream, and where its reading stands."""

    stream_arn: str
    shard_id: str
    parent_id: str | None
    iterator: str | None = None
    failures: int = 0
    rests_until: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    @property
    def key(self) -> str:
        return f"{self.stream_arn}/{self.shard_id}"

    @property
    def parent_key(self) -> str:
        return f"{self.stream_arn}/{self.parent_id}"

    @property
    def table_name(self) -> str:
        return self.stream_arn.split("/")[1]


class StreamReader:
    """Reads the streams of all tables that have consumers, pass by pass.

    :param dispatch: takes records and gives those that failed, as `streams.dispatch`.
    :param send_dead_letter: is told of a record that was given up.
    """

    def __init__(
        self,
        *,
        checkpoints: Checkpoints,
        tables: Iterable[str] | None = None,
        dispatch: Dispatch = streams.dispatch,
        send_dead_letter: SendDeadLetter | None = None,
    ) -> None:
        self._checkpoints = checkpoints
        self._tables = sorted(streams.load_consumers() if tables is None else tables)
        self._dispatch = dispatch
        self._send_dead_letter = send_dead_letter or send_to_queue
        self._client: DynamoDBStreamsClient = boto3.client("dynamodbstreams")
        self._shards: dict[str, Shard] = {}
        self._looked_around_at: datetime | None = None

    def read_pass(self, *, now: datetime) -> int:
        """Read once from every shard that is not resting; gives how many records were done with.

        :raises ClientError, BotoCoreError: if AWS cannot be reached or refuses; the next pass goes on.
        """
        if self._looked_around_at is None or now - self._looked_around_at >= LOOK_AROUND_EVERY:
            self._look_around()
            self._looked_around_at = now
        return sum(self._read(shard, now) for shard in list(self._shards.values()) if self._is_ready(shard, now))

    def _look_around(self) -> None:
        found: dict[str, Shard] = {}
        for table in self._tables:
            for stream in self._client.list_streams(TableName=settings.TABLE_PREFIX + table)["Streams"]:
                for shard in self._list_shards(stream["StreamArn"]):
                    found[shard.key] = self._shards.get(shard.key, shard)
        self._checkpoints.forget_all_but(found)
        self._shards = {key: shard for key, shard in found.items() if not self._checkpoints.is_finished(key)}

    def _list_shards(self, stream_arn: str) -> Iterable[Shard]:
        start: dict[str, Any] = {}
        while True:
            stream = self._client.describe_stream(StreamArn=stream_arn, **start)["StreamDescription"]
            for shard in stream["Shards"]:
                yield Shard(stream_arn, shard["ShardId"], shard.get("ParentShardId"))
            if "LastEvaluatedShardId" not in stream:
                return
            start = {"ExclusiveStartShardId": stream["LastEvaluatedShardId"]}

    def _is_ready(self, shard: Shard, now: datetime) -> bool:
        # What a shard has is older than what its children have.
        return shard.rests_until <= now and shard.parent_key not in self._shards

    def _read(self, shard: Shard, now: datetime) -> int:
        answer = self._get_records(shard)
        records = [streams.parse_record(raw, table_name=shard.table_name) for raw in answer.get("Records", [])]
        failed = self._dispatch(records) if records else []
        if failed:
            return self._stop_at(shard, records, failed[0], now)
        if records:
            self._checkpoints.put(shard, records[-1].sequence_number)
        shard.failures, shard.iterator = 0, answer.get("NextShardIterator")
        if shard.iterator is None:
            self._checkpoints.finish(shard)
            self._shards.pop(shard.key)
        return len(records)

    def _get_records(self, shard: Shard) -> Mapping[str, Any]:
        try:
            return self._client.get_records(ShardIterator=shard.iterator or self._find_start(shard), Limit=BATCH)
        except self._client.exceptions.ExpiredIteratorException:
            shard.iterator = None
        except self._client.exceptions.TrimmedDataAccessException:
            shard.iterator = self._start_at_horizon(shard)
        return self._client.get_records(ShardIterator=shard.iterator or self._find_start(shard), Limit=BATCH)

    def _find_start(self, shard: Shard) -> str:
        reached = self._checkpoints.find(shard)
        if reached is None:
            return self._iterator(shard, ShardIteratorType="TRIM_HORIZON")
        try:
            return self._iterator(shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=reached)
        except self._client.exceptions.TrimmedDataAccessException:
            return self._start_at_horizon(shard)

    def _start_at_horizon(self, shard: Shard) -> str:
        # A stream keeps 24 hours. Projections that missed more than that are made again by their commands.
        logger.error("streams.records_missed", table=shard.table_name, shard=shard.shard_id)
        return self._iterator(shard, ShardIteratorType="TRIM_HORIZON")

    def _iterator(self, shard: Shard, **position: Any) -> str:
        answer = self._client.get_shard_iterator(StreamArn=shard.stream_arn, ShardId=shard.shard_id, **position)
        return answer["ShardIterator"]

    def _stop_at(self, shard: Shard, records: Sequence[StreamRecord], failed: StreamRecord, now: datetime) -> int:
        done = records.index(failed)
        if done:
            self._checkpoints.put(shard, records[done - 1].sequence_number)
            shard.failures = 0
        shard.failures += 1
        shard.iterator = None
        if shard.failures < ATTEMPTS:
            shard.rests_until = now + FIRST_PAUSE * 2 ** (shard.failures - 1)
            return done
        # First the word of it, then on: a kill in between sends it twice, and never not at all.
        self._send_dead_letter(_dead_letter(shard, failed, now))
        self._checkpoints.put(shard, failed.sequence_number)
        shard.failures = 0
        logger.error("streams.given_up", table=failed.table, keys=dict(failed.keys), event_id=failed.event_id)
        return done + 1


def send_to_queue(letter: dict[str, Any]) -> None:
    """Put word of a record that was given up into the streams' dead-letter queue."""
    boto3.client("sqs").send_message(QueueUrl=settings.STREAM_DEAD_LETTERS_URL, MessageBody=json.dumps(letter))


def redeliver(letter: Mapping[str, Any]) -> list[StreamRecord]:
    """Hand the records of a dead letter, the mapping's or ours, to their consumers again; gives those that failed.

    :raises RecordsGone: if the stream has them no more; it keeps them for 24 hours.
    """
    batch = letter["DDBStreamBatchInfo"]
    shard = Shard(batch["streamArn"], batch["shardId"], None)
    client = boto3.client("dynamodbstreams")
    try:
        start = client.get_shard_iterator(
            StreamArn=shard.stream_arn,
            ShardId=shard.shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        found = client.get_records(ShardIterator=start, Limit=batch["batchSize"])["Records"]
    except (
        client.exceptions.ResourceNotFoundException,
        client.exceptions.TrimmedDataAccessException,
    ) as error:
        raise RecordsGone from error
    records: list[Mapping[str, Any]] = [dict(raw) for raw in found]
    return streams.dispatch([streams.parse_record(raw, table_name=shard.table_name) for raw in records])


class RecordsGone(Exception):
    """The stream has the records no more; a command that makes the projection again helps."""


def is_passing(error: BotoCoreError | ClientError) -> bool:
    """Whether it may work in a moment: AWS is out of reach, or has too much to do."""
    return not isinstance(error, ClientError) or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500


def _dead_letter(shard: Shard, record: StreamRecord, now: datetime) -> dict[str, Any]:
    """The message that Lambda sends to the OnFailure destination of a stream's mapping."""
    at = record.created_at.isoformat()
    return {
        "version": "1.0",
        "timestamp": now.isoformat(),
        "requestContext": {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": ATTEMPTS},
        "DDBStreamBatchInfo": {
            "streamArn": shard.stream_arn,
            "shardId": shard.shard_id,
            "startSequenceNumber": record.sequence_number,
            "endSequenceNumber": record.sequence_number,
            "approximateArrivalOfFirstRecord": at,
            "approximateArrivalOfLastRecord": at,
            "batchSize": 1,
        },
    }
