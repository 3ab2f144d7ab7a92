"""How much waits in the shop's queues."""

from dataclasses import dataclass

import boto3
from botocore.config import Config
from django.conf import settings

_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})


@dataclass(frozen=True)
class Depths:
    """Messages: tasks that wait, tasks that were given up, changes that no projection could take."""

    tasks: int
    dead_tasks: int
    dead_changes: int

    @property
    def has_dead_letters(self) -> bool:
        return bool(self.dead_tasks or self.dead_changes)


def read_depths() -> Depths:
    """Ask SQS, which tells approximately: three requests.

    :raises BotoCoreError, ClientError: if it does not answer.
    """
    sqs = boto3.client("sqs", config=_CONFIG)

    def count(url: str) -> int:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    tasks = settings.TASK_QUEUE_URL
    return Depths(count(tasks), count(f"{tasks}-dead"), count(settings.STREAM_DEAD_LETTERS_URL))
