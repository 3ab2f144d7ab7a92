"""Messages that no task can do anything with: they end among the dead letters, and everything else is done."""

import json

import boto3

from cloudcart.aws import stack
from cloudcart.aws.names import Names
from cloudcart.local.rehearsal.steps import expect
from cloudcart.local.rehearsal.waiting import wait_until


class TaskQueue:
    """The stage's queue of tasks, with messages that come back soon: nobody waits for nine minutes in a rehearsal."""

    def __init__(self, names: Names, *, visibility_seconds: int = 2) -> None:
        outputs = stack.read_outputs(names.stack)
        self._sqs = boto3.client("sqs")
        self._url, self._dead_url = outputs["TaskQueueUrl"], outputs["TaskDeadLettersUrl"]
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"VisibilityTimeout": str(visibility_seconds)})

    def send_poison(self) -> list[str]:
        """Send what is no task, and a task that nobody knows; gives the messages."""
        unknown = {"headers": {"task": "no.such_task", "id": "1"}, "properties": {}, "body": "W10="}
        poison = ["This is no task.", json.dumps(unknown)]
        for body in poison:
            self._sqs.send_message(QueueUrl=self._url, MessageBody=body)
        return poison

    def wait_until_buried(self, poison: list[str]) -> None:
        """:raises RehearsalFailed: if they, and only they, are not among the dead letters in time."""
        wait_until(lambda: self.count_dead() >= len(poison), "The poison is not among the dead letters.", 120)
        wait_until(lambda: not self.count_waiting(), "The queue does not get empty.", 60)
        found = self._sqs.receive_message(QueueUrl=self._dead_url, MaxNumberOfMessages=10)["Messages"]
        bodies = sorted(message["Body"] for message in found)
        expect(bodies == sorted(poison), f"Other messages are among the dead letters: {bodies}")

    def count_waiting(self) -> int:
        return self._count(self._url)

    def count_dead(self) -> int:
        return self._count(self._dead_url)

    def _count(self, url: str) -> int:
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(count) for name, count in found.items() if name.startswith("ApproximateNumberOfMessages"))
