"""The embedded AWS of `make run`, killed in the middle of things."""

import itertools
import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from cloudcart.aws import stack
from cloudcart.local.emulator import Emulator, find_free_port
from cloudcart.local.problems import LocalProblem

NAME = "cloudcart-local"
STOCK = f"{NAME}-stock"


@contextmanager
def running(folder: Path) -> Iterator[Emulator]:
    """An embedded AWS on this state folder, ended by a kill -9."""
    emulator = Emulator(find_free_port(), state_dir=folder, log_path=folder / "aws.log")
    process = emulator.start()
    try:
        emulator.wait_until_ready(process)
        yield emulator
    finally:
        process.kill()
        process.wait()


def client(emulator: Emulator, service: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
    return boto3.client(service, endpoint_url=emulator.url, config=config)  # type: ignore[call-overload]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The state of an embedded AWS with the stack in it."""
    with running(tmp_path) as emulator, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", emulator.url)
        stack.deploy(name=NAME, store_email="shop@cloudcart.example", shop_origin="http://127.0.0.1:8000")
    return tmp_path


def write_until(stop: Event, write: Callable[[str], object], prefix: str) -> list[str]:
    """Write under ever new keys; gives those that were answered."""
    answered: list[str] = []
    for number in itertools.count():
        if stop.is_set():
            return answered
        try:
            write(f"{prefix}-{number}")
        except botocore.exceptions.BotoCoreError:
            return answered
        answered.append(f"{prefix}-{number}")
    raise AssertionError


def test_a_kill_in_the_middle_of_writes_loses_nothing_that_was_answered(folder: Path) -> None:
    emulator = Emulator(find_free_port(), state_dir=folder)
    process = emulator.start()
    emulator.wait_until_ready(process)
    dynamodb, sqs, s3, ses = (client(emulator, name) for name in ("dynamodb", "sqs", "s3", "ses"))
    cognito = client(emulator, "cognito-idp")
    queue = sqs.get_queue_url(QueueName=f"{NAME}-tasks")["QueueUrl"]
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    app = cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]["ClientId"]

    def put(key: str) -> None:
        dynamodb.put_item(TableName=STOCK, Item={"sku": {"S": key}, "available": {"N": "7"}})
        dynamodb.update_item(
            TableName=STOCK,
            Key={"sku": {"S": key}},
            UpdateExpression="ADD available :one",
            ExpressionAttributeValues={":one": {"N": "-1"}},
        )

    def transact(key: str) -> None:
        items = [{"sku": {"S": f"{key}{half}"}, "available": {"N": "6"}} for half in ("a", "b")]
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": STOCK, "Item": item}} for item in items])

    def mail(key: str) -> None:
        text = {"Subject": {"Data": key}, "Body": {"Text": {"Data": "Hello"}}}
        ses.send_email(Source="shop@cloudcart.example", Destination={"ToAddresses": ["a@b.example"]}, Message=text)

    writers: dict[str, Callable[[str], object]] = {
        "put": put,
        "transact": transact,
        "mail": mail,
        "object": lambda key: s3.put_object(Bucket=f"{NAME}-media", Key=key, Body=key.encode()),
        "message": lambda key: sqs.send_message(QueueUrl=queue, MessageBody=key),
        "account": lambda key: cognito.sign_up(ClientId=app, Username=f"{key}@b.example", Password="long-enough-1"),
    }
    stop = Event()
    with ThreadPoolExecutor(len(writers)) as threads:
        writing = {name: threads.submit(write_until, stop, write, name) for name, write in writers.items()}
        stop.wait(1.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        stop.set()
    answered = {name: future.result() for name, future in writing.items()}
    assert min(len(keys) for keys in answered.values()) > 5

    with running(folder) as emulator:
        dynamodb, sqs, s3 = (client(emulator, name) for name in ("dynamodb", "sqs", "s3"))
        cognito = client(emulator, "cognito-idp")
        pages = dynamodb.get_paginator("scan").paginate(TableName=STOCK)
        stock = {item["sku"]["S"]: int(item["available"]["N"]) for page in pages for item in page["Items"]}
        # One more may have been written than was answered, and half of it: a put without its update.
        assert {key: stock.get(key) for key in answered["put"]} == dict.fromkeys(answered["put"], 6)
        assert {f"{key}a" for key in answered["transact"]} <= set(stock)
        halves = [{key[:-1] for key in stock if key.startswith("transact") and key.endswith(half)} for half in "ab"]
        assert halves[0] == halves[1]
        objects = s3.list_objects_v2(Bucket=f"{NAME}-media")["Contents"]
        assert set(answered["object"]) <= {item["Key"] for item in objects}
        waiting = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        assert int(waiting["Attributes"]["ApproximateNumberOfMessages"]) >= len(answered["message"])
        pages = cognito.get_paginator("list_users").paginate(UserPoolId=pool)
        emails = {item["Value"] for page in pages for user in page["Users"] for item in user["Attributes"]}
        assert {f"{key}@b.example" for key in answered["account"]} <= emails
        assert set(answered["mail"]) <= {mail["Subject"] for mail in mails(emulator)}


def mails(emulator: Emulator) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{emulator.url}/_ministack/ses/messages", timeout=5) as answer:
        by_account = json.loads(answer.read())["messages"]
    return [mail for mails in by_account.values() for mail in mails]


def test_a_state_that_is_too_large_to_be_written_at_once_is_written_soon(folder: Path) -> None:
    saved = folder / "services" / "sqs.json"
    bodies = [f"{number}-" + "x" * 200_000 for number in range(8)]
    with running(folder) as emulator:
        sqs = client(emulator, "sqs")
        queue = sqs.get_queue_url(QueueName=f"{NAME}-tasks")["QueueUrl"]
        for body in bodies:
            sqs.send_message(QueueUrl=queue, MessageBody=body)
        deadline = time.monotonic() + 30
        while bodies[-1] not in saved.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with running(folder) as emulator:
        sqs = client(emulator, "sqs")
        waiting = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        assert int(waiting["Attributes"]["ApproximateNumberOfMessages"]) == len(bodies)


def test_deleted_items_stay_deleted_and_indexes_are_whole_after_a_kill(folder: Path) -> None:
    table = f"{NAME}-products"
    with running(folder) as emulator:
        dynamodb = client(emulator, "dynamodb")
        for number in range(3):
            dynamodb.put_item(TableName=table, Item={"product_id": {"S": str(number)}, "slug": {"S": f"mug-{number}"}})
        dynamodb.delete_item(TableName=table, Key={"product_id": {"S": "0"}})
        dynamodb.put_item(TableName=table, Item={"product_id": {"S": "1"}, "slug": {"S": "cup"}})
    with running(folder) as emulator:
        dynamodb = client(emulator, "dynamodb")
        found = {
            slug: dynamodb.query(
                TableName=table,
                IndexName="by_slug",
                KeyConditionExpression="slug = :slug",
                ExpressionAttributeValues={":slug": {"S": slug}},
            )["Count"]
            for slug in ("mug-0", "mug-1", "cup", "mug-2")
        }
    assert found == {"mug-0": 0, "mug-1": 0, "cup": 1, "mug-2": 1}


def test_a_line_that_was_torn_by_the_kill_is_dropped_and_the_rest_is_kept(folder: Path) -> None:
    with running(folder) as emulator:
        for key in ("whole", "torn"):
            client(emulator, "dynamodb").put_item(TableName=STOCK, Item={"sku": {"S": key}})
    journal = folder / "services" / "items.jsonl"
    journal.write_bytes(journal.read_bytes()[:-10])
    for _ in range(2):
        with running(folder) as emulator:
            items = client(emulator, "dynamodb").scan(TableName=STOCK)["Items"]
            assert [item["sku"]["S"] for item in items] == ["whole"]


def test_an_orderly_end_keeps_everything_as_well(folder: Path) -> None:
    emulator = Emulator(find_free_port(), state_dir=folder)
    process = emulator.start()
    emulator.wait_until_ready(process)
    client(emulator, "dynamodb").put_item(TableName=STOCK, Item={"sku": {"S": "mug"}})
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert (folder / "services" / "items.jsonl").read_bytes() == b""
    with running(folder) as emulator:
        assert client(emulator, "dynamodb").scan(TableName=STOCK)["Count"] == 1


@pytest.mark.parametrize("damage", ["{", "", '{"payload": '])
def test_a_broken_state_file_is_named_and_not_overwritten(folder: Path, damage: str) -> None:
    broken = folder / "services" / "dynamodb.json"
    broken.write_text(damage)
    with pytest.raises(LocalProblem, match=r"dynamodb\.json cannot be read .*`make reset`"), running(folder):
        pass
    assert broken.read_text() == damage


def test_a_missing_state_file_is_named_instead_of_starting_with_empty_tables(folder: Path) -> None:
    (folder / "services" / "cloudformation.json").unlink()
    with pytest.raises(LocalProblem, match=r"cloudformation\.json is gone\. `make reset`"), running(folder):
        pass
    assert (folder / "services" / "dynamodb.json").exists()


def test_it_listens_on_the_loopback_interface_only(folder: Path) -> None:
    with running(folder) as emulator:
        listening = [
            line.split()[1]
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
            if line.split()[1].endswith(f":{emulator.port:04X}") and line.split()[3] == "0A"
        ]
    assert listening == [f"0100007F:{emulator.port:04X}"]


def test_a_wrong_confirmation_code_is_refused_and_so_are_unsigned_reads(folder: Path) -> None:
    with running(folder) as emulator:
        cognito = client(emulator, "cognito-idp")
        pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
        app = cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"][0]["ClientId"]
        cognito.sign_up(ClientId=app, Username="alice@b.example", Password="long-enough-1")
        with pytest.raises(cognito.exceptions.CodeMismatchException):
            cognito.confirm_sign_up(ClientId=app, Username="alice@b.example", ConfirmationCode="000000")
        client(emulator, "s3").put_object(Bucket=f"{NAME}-media", Key="secret", Body=b"x")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{emulator.url}/{NAME}-media/secret", timeout=5)


def test_changes_that_nobody_has_read_yet_outlive_a_kill_in_their_order(folder: Path) -> None:
    def put(emulator: Emulator, *skus: str) -> None:
        for sku in skus:
            client(emulator, "dynamodb").put_item(TableName=STOCK, Item={"sku": {"S": sku}})

    with running(folder) as emulator:
        put(emulator, "a", "b", "c")
        arn = client(emulator, "dynamodbstreams").list_streams(TableName=STOCK)["Streams"][0]["StreamArn"]
        [first, *_] = read_stream(emulator, arn, ShardIteratorType="TRIM_HORIZON")
    with running(folder) as emulator:
        put(emulator, "d")
        after_first = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": first["SequenceNumber"]}
        read_stream(emulator, arn, **after_first)
    with running(folder) as emulator:
        changes = read_stream(emulator, arn, **after_first)
        assert [change["NewImage"]["sku"]["S"] for change in changes] == ["b", "c", "d"]
        assert client(emulator, "events").describe_event_bus(Name=f"{NAME}-events")["Name"] == f"{NAME}-events"
        topics = {topic["TopicArn"].split(":")[-1] for topic in client(emulator, "sns").list_topics()["Topics"]}
        assert f"{NAME}-events" in topics


def read_stream(emulator: Emulator, arn: str, **position: str) -> list[Any]:
    streams = client(emulator, "dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **position)["ShardIterator"]
    return [record["dynamodb"] for record in streams.get_records(ShardIterator=iterator)["Records"]]
