import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command

from catalog.ledger import StockMovement
from cloudcart import publishing
from cloudcart.aws import stack
from tests.factories import make_product
from tests.stream import follow

OUTPUTS = stack.read_outputs("cloudcart-local")
DEAD, TASKS = OUTPUTS["TaskDeadLettersUrl"], OUTPUTS["TaskQueueUrl"]
STREAMS = OUTPUTS["StreamDeadLettersUrl"]


def dead_letters(*arguments: str, **options: Any) -> str:
    told = io.StringIO()
    call_command("dead_letters", *arguments, **{"stage": "local", "yes": True, "stdout": told, **options})
    return told.getvalue()


def bodies(url: str) -> list[str]:
    messages = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in messages.get("Messages", [])]


def bury(number: str) -> str:
    """Have a task fail for good: published as the shop does, and moved to the dead letters; gives its body."""
    sqs = boto3.client("sqs")
    publishing.publish("orders.process_order", number=number)
    [message] = sqs.receive_message(QueueUrl=TASKS)["Messages"]
    sqs.delete_message(QueueUrl=TASKS, ReceiptHandle=message["ReceiptHandle"])
    sqs.send_message(QueueUrl=DEAD, MessageBody=message["Body"])
    return message["Body"]


@pytest.fixture(autouse=True)
def empty_queues(task_queue: Any) -> Iterator[None]:
    for url in (DEAD, STREAMS):
        boto3.client("sqs").purge_queue(QueueUrl=url)
    yield
    for url in (DEAD, STREAMS):
        boto3.client("sqs").purge_queue(QueueUrl=url)


def test_without_failures_it_says_so() -> None:
    assert dead_letters("list") == "cloudcart-local-tasks-dead is empty: nothing failed.\n"
    assert "nothing to send again" in dead_letters("redrive", "all")


def test_failed_tasks_are_listed_by_what_they_were_to_do_and_stay_for_the_next_look() -> None:
    bury("1001")
    bury("1002")
    first = dead_letters("list")
    assert len(first.splitlines()) == 2
    assert "orders.process_order" in first
    assert "'number': '1001'" in first
    assert sorted(dead_letters("list").splitlines()) == sorted(first.splitlines())


def test_one_is_shown_in_full_by_the_first_letters_of_its_id() -> None:
    bury("1001")
    shown = dead_letters("show", dead_letters("list")[:8])
    assert "orders.process_order" in shown
    assert '"headers": {' in shown


def test_a_redriven_task_is_back_in_the_queue_as_it_was_and_dead_no_more() -> None:
    body = bury("1001")
    assert "Sent 1 message again." in dead_letters("redrive", "all")
    assert bodies(TASKS) == [body]
    assert bodies(DEAD) == []


def test_only_the_chosen_one_is_sent_again() -> None:
    kept, chosen = bury("1001"), bury("1002")
    line = next(line for line in dead_letters("list").splitlines() if "1002" in line)
    dead_letters("redrive", line[:8])
    assert bodies(TASKS) == [chosen]
    assert bodies(DEAD) == [kept]


def test_a_purged_one_is_gone_for_good() -> None:
    bury("1001")
    assert "Gave up" in dead_letters("purge", dead_letters("list")[:8])
    assert bodies(DEAD) == []
    assert bodies(TASKS) == []


@pytest.mark.parametrize("arguments", [("redrive", "all"), ("purge", "")])
def test_without_somebody_to_ask_nothing_is_done(arguments: tuple[str, str]) -> None:
    body = bury("1001")
    action, which = arguments[0], arguments[1] or dead_letters("list")[:8]
    with pytest.raises(CommandError, match="nobody to ask"):
        dead_letters(action, which, yes=False)
    assert bodies(DEAD) == [body]


@pytest.mark.parametrize(("which", "sentence"), [("nothing", "No message has"), ("", "Say which one")])
def test_an_id_that_is_none_is_told(which: str, sentence: str) -> None:
    bury("1001")
    with pytest.raises(CommandError, match=sentence):
        dead_letters("purge", *filter(None, [which]))


def test_a_message_that_nobody_can_read_is_listed_all_the_same() -> None:
    boto3.client("sqs").send_message(QueueUrl=DEAD, MessageBody="{broken")
    assert "unreadable" in dead_letters("list")
    assert "{broken" in dead_letters("show", dead_letters("list")[:8])


def give_up_ledger_of(sku: str) -> None:
    """Have the ledger's entry of a new SKU given up by its reader, as if its consumer were broken."""
    changes = follow("stock-ledger")
    make_product(sku=sku, stock=3)
    [entry] = changes()
    client = boto3.client("dynamodbstreams")
    arn = client.list_streams(TableName="cloudcart-local-stock-ledger")["Streams"][0]["StreamArn"]
    shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][-1]["ShardId"]
    batch = {"streamArn": arn, "shardId": shard, "startSequenceNumber": entry.sequence_number, "batchSize": 1}
    boto3.client("sqs").send_message(QueueUrl=STREAMS, MessageBody=json.dumps({"DDBStreamBatchInfo": batch}))


def test_changes_of_a_stream_are_listed_and_taken_in_once_their_consumer_is_mended() -> None:
    give_up_ledger_of("POT")
    listed = dead_letters("list", queue="streams")
    assert "stock-ledger" in listed
    assert "1 changes from" in listed
    assert list(StockMovement.query("POT")) == []
    assert "Sent 1 message again" in dead_letters("redrive", "all", queue="streams")
    assert [item.available for item in StockMovement.query("POT")] == [3]
    assert "nothing failed" in dead_letters("list", queue="streams")


def test_changes_that_the_stream_has_no_more_are_said_to_be_gone_and_stay() -> None:
    arn = "arn:aws:dynamodb:eu-central-1:000000000000:table/cloudcart-local-orders/stream/2020-01-01T00:00:00.000"
    shard = f"shardId-{0:020d}-{0:08d}"
    batch = {"streamArn": arn, "shardId": shard, "startSequenceNumber": "7" * 21, "batchSize": 2}
    boto3.client("sqs").send_message(QueueUrl=STREAMS, MessageBody=json.dumps({"DDBStreamBatchInfo": batch}))
    with pytest.raises(CommandError, match="keeps them for a day"):
        dead_letters("redrive", "all", queue="streams")
    assert "2 changes from 777" in dead_letters("list", queue="streams")


def test_a_stage_that_is_not_there_is_told() -> None:
    with pytest.raises(CommandError, match="There is no stack cloudcart-nowhere here"):
        dead_letters("list", stage="nowhere")
