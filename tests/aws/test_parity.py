"""The bridge does with every kind of message what a real Celery worker does: as many runs, the same dead letters."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from celery import chain
from django.conf import settings

from tests.aws import parity_tasks as tasks
from tests.aws.parity_tasks import app
from tests.live_shop import wait_until

WORKER = ["-m", "celery", "-A", "tests.aws.parity_tasks", "worker", "--concurrency", "2", "--loglevel", "ERROR"]
COMMANDS = {
    "worker": [*WORKER, "--without-gossip", "--without-mingle", "--without-heartbeat"],
    "bridge": ["-m", "tests.aws.parity_bridge"],
}
# How often each task runs, however often its message came.
RUNS = {
    "success": 1,
    "failure": 2,
    "autoretry": 5,
    "manual retry": 3,
    "reject": 2,
    "ignore": 1,
    "chained": 1,
    "second after chained": 1,
    "linked": 1,
    "callback after linked": 1,
    "early": 1,
    "slow": 2,
}
MALFORMED = "This is no task."
DEAD = Counter(["parity.failure", "parity.autoretry", "parity.reject", "parity.slow", "parity.unknown", MALFORMED])
# Long enough for the slowest machine to get through all messages before the first one comes again.
VISIBILITY_SECONDS = 5


@dataclass(frozen=True)
class Side:
    """A queue, its dead letters, and the file in which its tasks note their runs."""

    name: str
    url: str
    dead_url: str
    runs_path: Path

    @property
    def runs(self) -> Counter[str]:
        return Counter(self.runs_path.read_text().splitlines())

    @property
    def waiting(self) -> int:
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return sum(int(count) for name, count in found.items() if name.startswith("ApproximateNumberOfMessages"))

    @property
    def dead(self) -> Counter[str]:
        answer = boto3.client("sqs").receive_message(QueueUrl=self.dead_url, MaxNumberOfMessages=10)
        return Counter(_task_of(message["Body"]) for message in answer.get("Messages", []))


def _task_of(body: str) -> str:
    try:
        return str(json.loads(base64.b64decode(body))["headers"]["task"])
    except ValueError:
        return body


@contextmanager
def side(name: str, folder: Path) -> Iterator[Side]:
    sqs = boto3.client("sqs")
    dead_url = sqs.create_queue(QueueName=f"parity-{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    attributes: Any = {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": redrive}
    url = sqs.create_queue(QueueName=f"parity-{name}", Attributes=attributes)["QueueUrl"]
    runs_path = folder / f"{name}.txt"
    runs_path.touch()
    process = start(name, url, runs_path)
    try:
        yield Side(name, url, dead_url, runs_path)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        sqs.delete_queue(QueueUrl=url)
        sqs.delete_queue(QueueUrl=dead_url)


def start(name: str, url: str, runs_path: Path) -> "subprocess.Popen[bytes]":
    variables = {"TASK_QUEUE_URL": url, "PARITY_RUNS": str(runs_path), "DJANGO_SETTINGS_MODULE": "cloudcart.settings"}
    environment = os.environ | variables | {"LOG_LEVEL": "CRITICAL"}
    command = [sys.executable, *COMMANDS[name]]
    with runs_path.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(command, env=environment, start_new_session=True, stderr=log)


def write_messages() -> list[str]:
    """One message of every kind, as the shop publishes it and SQS keeps it."""
    tasks.success.delay()
    tasks.failure.delay()
    tasks.autoretry.delay()
    tasks.manual_retry.delay()
    tasks.reject.delay()
    tasks.ignore.delay()
    chain(tasks.success.s("chained"), tasks.after.s("second")).delay()
    tasks.success.apply_async(("linked",), link=tasks.after.s("callback"))
    tasks.success.apply_async(("expired",), expires=datetime.now(UTC) - timedelta(minutes=1))
    tasks.success.delay("early")
    tasks.slow.delay()
    app.send_task("parity.unknown")
    written: list[str] = []
    while len(written) < 12:
        found = boto3.client("sqs").receive_message(QueueUrl=settings.TASK_QUEUE_URL, MaxNumberOfMessages=10)
        written += [message["Body"] for message in found.get("Messages", [])]
    return [*(_made_early(body) for body in written), MALFORMED]


def _made_early(body: str) -> str:
    """A message that SQS delivers before its time, as it may if that is more than 15 minutes away."""
    envelope = json.loads(base64.b64decode(body))
    if "early" in envelope["headers"]["argsrepr"]:
        envelope["headers"]["eta"] = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    return base64.b64encode(json.dumps(envelope).encode()).decode()


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[list[Side]]:
    with ExitStack() as stack:
        yield [stack.enter_context(side(name, tmp_path)) for name in COMMANDS]


def test_the_bridge_runs_as_often_and_buries_the_same_as_a_celery_worker(
    sides: list[Side], task_queue: Callable[[], int]
) -> None:
    messages = write_messages()
    for each in sides:
        for body in messages:
            boto3.client("sqs").send_message(QueueUrl=each.url, MessageBody=body)
    for each in sides:
        wait_until(lambda each=each: not each.waiting)  # type: ignore[misc]
    worker, bridge = sides
    assert worker.runs == bridge.runs == Counter(RUNS)
    assert worker.dead == bridge.dead == DEAD
