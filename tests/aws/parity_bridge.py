"""Does what Lambda does with a queue: takes batches, calls the bridge, deletes what it did not report.

Run by test_parity.py in a process of its own, until it is terminated.
"""

import os
from typing import Any

import boto3
import django

django.setup()

from cloudcart.aws.celery_bridge import Bridge  # noqa: E402
from tests.aws.parity_tasks import app  # noqa: E402

QUEUE_URL = os.environ["TASK_QUEUE_URL"]
sqs = boto3.client("sqs")


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def as_record(message: Any) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:parity",
    }


def postpone(record: Any, seconds: int) -> None:
    sqs.change_message_visibility(QueueUrl=QUEUE_URL, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds)


def main() -> None:
    bridge = Bridge(app, postpone=postpone)
    while True:
        found = sqs.receive_message(
            QueueUrl=QUEUE_URL, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["All"]
        )
        records = [as_record(message) for message in found.get("Messages", [])]
        answer = bridge.handle({"Records": records}, Context())
        kept = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in kept:
                sqs.delete_message(QueueUrl=QUEUE_URL, ReceiptHandle=record["receiptHandle"])


if __name__ == "__main__":
    main()
