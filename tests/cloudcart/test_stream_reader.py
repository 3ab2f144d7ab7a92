import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings

from catalog.ledger import StockMovement
from catalog.models import Stock
from cloudcart import stream_reader, streams
from cloudcart.stream_reader import ATTEMPTS, Checkpoints, RecordsGone, StreamReader
from cloudcart.streams import StreamRecord
from tests.clock import NOW
from tests.factories import make_product
from tests.live_shop import wait_until
from tests.stream import follow, reached_end

SECOND = timedelta(seconds=1)


class Consumer:
    """Takes records, but for those of the SKUs that it was told to fail at."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.tries: list[str] = []
        self.taken: list[str] = []

    def __call__(self, records: Sequence[StreamRecord]) -> list[StreamRecord]:
        for record in records:
            sku = str(next(iter(record.keys.values())))
            self.tries.append(sku)
            if sku in self.failing:
                return [record]
            self.taken.append(sku)
        return []


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    """A file of checkpoints behind all that other tests wrote."""
    path = tmp_path / "streams.json"
    path.write_text(json.dumps(reached_end("stock", "stock-ledger")))
    return path


@pytest.fixture
def dead_letters() -> Iterator[Any]:
    """Give the letters that wait; the queue is emptied around the test."""
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=settings.STREAM_DEAD_LETTERS_URL)

    def receive() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=settings.STREAM_DEAD_LETTERS_URL, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    yield receive
    sqs.purge_queue(QueueUrl=settings.STREAM_DEAD_LETTERS_URL)


def reader_of(path: Path, consumer: Any, *tables: str, **options: Any) -> StreamReader:
    return StreamReader(checkpoints=Checkpoints(path), tables=tables or ("stock",), dispatch=consumer, **options)


def store(*skus: str) -> None:
    for sku in skus:
        Stock(sku, product_id="p1").save()


def test_every_change_is_handed_over_and_none_twice(checkpoints: Path) -> None:
    consumer = Consumer()
    reader = reader_of(checkpoints, consumer)
    store("a", "b")
    assert reader.read_pass(now=NOW) == 2
    assert reader.read_pass(now=NOW) == 0
    store("c")
    assert reader.read_pass(now=NOW + SECOND) == 1
    assert consumer.taken == ["a", "b", "c"]


def test_another_reader_goes_on_where_the_last_one_was(checkpoints: Path) -> None:
    store("a")
    reader_of(checkpoints, Consumer()).read_pass(now=NOW)
    store("b")
    consumer = Consumer()
    reader_of(checkpoints, consumer).read_pass(now=NOW)
    assert consumer.taken == ["b"]


def test_what_was_being_worked_on_at_a_kill_comes_again(checkpoints: Path) -> None:
    class Killed(BaseException):
        """Nothing runs after it, as after a kill."""

    def die(records: Sequence[StreamRecord]) -> list[StreamRecord]:
        raise Killed

    store("a", "b")
    with pytest.raises(Killed):
        reader_of(checkpoints, die).read_pass(now=NOW)
    consumer = Consumer()
    reader_of(checkpoints, consumer).read_pass(now=NOW)
    assert consumer.taken == ["a", "b"]


def test_a_checkpoint_that_the_stream_has_forgotten_begins_at_what_it_still_has(checkpoints: Path) -> None:
    store("a")
    reached = json.loads(checkpoints.read_text())
    checkpoints.write_text(json.dumps(dict.fromkeys(reached, "1" * 21)))
    consumer = Consumer()
    reader = reader_of(checkpoints, consumer)
    while reader.read_pass(now=NOW):
        pass
    assert consumer.taken[-1] == "a"


def test_a_record_that_fails_is_tried_again_after_growing_pauses(checkpoints: Path) -> None:
    consumer = Consumer("b")
    reader = reader_of(checkpoints, consumer)
    store("a", "b", "c")
    assert reader.read_pass(now=NOW) == 1
    assert reader.read_pass(now=NOW + SECOND / 2) == 0
    assert consumer.tries == ["a", "b"]
    assert reader.read_pass(now=NOW + SECOND) == 0
    assert reader.read_pass(now=NOW + 2 * SECOND) == 0
    assert consumer.tries == ["a", "b", "b"]
    consumer.failing = ()
    assert reader.read_pass(now=NOW + 3 * SECOND) == 2
    assert consumer.taken == ["a", "b", "c"]


def test_a_record_that_fails_holds_up_its_own_table_only(checkpoints: Path) -> None:
    consumer = Consumer("b")
    reader = reader_of(checkpoints, consumer, "stock", "stock-ledger")
    store("b")
    make_product(sku="pot")
    reader.read_pass(now=NOW)
    assert "pot" not in consumer.taken
    assert len(consumer.taken) == 1


def test_a_poison_record_ends_in_the_dead_letters_and_the_others_are_done(checkpoints: Path, dead_letters: Any) -> None:
    consumer = Consumer("b")
    reader = reader_of(checkpoints, consumer)
    changes = follow("stock")
    store("a", "b", "c")
    for index in range(ATTEMPTS):
        reader.read_pass(now=NOW + index * 60 * SECOND)
    reader.read_pass(now=NOW + ATTEMPTS * 60 * SECOND)
    assert consumer.taken == ["a", "c"]
    assert consumer.tries.count("b") == ATTEMPTS
    [letter] = dead_letters()
    poison = changes()[1]
    batch = letter["DDBStreamBatchInfo"]
    assert letter["requestContext"] == {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": ATTEMPTS}
    assert (batch["startSequenceNumber"], batch["endSequenceNumber"]) == (poison.sequence_number,) * 2
    assert batch["streamArn"].split("/")[1] == f"{settings.TABLE_PREFIX}stock"
    assert batch["batchSize"] == 1


def test_a_dead_letter_is_delivered_again_once_its_cause_is_mended(checkpoints: Path) -> None:
    letters: list[dict[str, Any]] = []
    make_product(sku="pot", stock=3)
    [entry] = follow_ledger(checkpoints, letters)
    assert list(StockMovement.query("pot")) == []
    assert stream_reader.redeliver(letters[0]) == []
    assert [item.available for item in StockMovement.query("pot")] == [3]
    assert entry.table == "stock-ledger"


def follow_ledger(path: Path, letters: list[dict[str, Any]]) -> list[StreamRecord]:
    """Let the ledger's records fail until they are given up; gives them."""
    failed: list[StreamRecord] = []

    def fail(records: Sequence[StreamRecord]) -> list[StreamRecord]:
        failed[:] = records[:1]
        return failed

    reader = reader_of(path, fail, "stock-ledger", send_dead_letter=letters.append)
    for index in range(ATTEMPTS):
        reader.read_pass(now=NOW + index * 60 * SECOND)
    return failed


def test_a_dead_letter_of_a_stream_that_is_gone_says_so() -> None:
    arn = f"arn:aws:dynamodb:{settings.AWS_REGION}:000000000000:table/{settings.TABLE_PREFIX}stock/stream/2020-01-01"
    shard = f"shardId-{0:020d}-{0:08d}"
    batch = {"streamArn": arn, "shardId": shard, "startSequenceNumber": "1" * 21, "batchSize": 1}
    with pytest.raises(RecordsGone):
        stream_reader.redeliver({"DDBStreamBatchInfo": batch})


def test_every_table_with_a_consumer_has_a_stream() -> None:
    client = boto3.client("dynamodbstreams")
    followed = {table for table, consumers in streams.load_consumers().items() if consumers}
    assert followed == {"orders", "products", "stock", "stock-ledger"}
    for table in followed:
        assert client.list_streams(TableName=settings.TABLE_PREFIX + table)["Streams"]


def test_the_program_loses_nothing_at_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "streams.json"
    path.write_text(json.dumps(reached_end("orders", "products", "stock", "stock-ledger")))
    command = [sys.executable, "manage.py", "read_streams", "--checkpoints", str(path)]

    def moved(sku: str) -> bool:
        return bool(list(StockMovement.query(sku)))

    program = subprocess.Popen(command)
    try:
        make_product(sku="first")
        wait_until(lambda: moved("first"))
        program.send_signal(signal.SIGKILL)
        program.wait()
        make_product(sku="second")
        program = subprocess.Popen(command)
        wait_until(lambda: moved("second"))
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=30) == 0
    finally:
        program.kill()
        program.wait()
