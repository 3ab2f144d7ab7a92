"""The worker function as Lambda starts it, in a process of its own: what it does to the queue itself."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from django.conf import settings

from cloudcart.local.folder import PROJECT_DIR
from tests.aws.lambda_events import sqs_event

CODE = """
import json, sys
from cloudcart.aws import worker
from tests.aws.lambda_events import Context
print(json.dumps(worker.handler(json.load(sys.stdin), Context())))
"""


def call_worker(event: dict[str, Any]) -> Any:
    # By this word in its command line, what it does is recorded as the worker's.
    command = [sys.executable, "-c", CODE, "celery"]
    ended = subprocess.run(
        command, cwd=PROJECT_DIR, input=json.dumps(event), capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_task_before_its_time_is_put_off_and_kept(task_queue: Callable[[], int]) -> None:
    sqs, url = boto3.client("sqs"), settings.TASK_QUEUE_URL
    envelope = {
        "body": base64.b64encode(b"[[], {}, {}]").decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "task": "orders.process_order",
            "id": "early",
            "eta": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        },
        "properties": {"body_encoding": "base64", "delivery_info": {}},
    }
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(envelope))
    [message] = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    event = sqs_event(message["Body"])
    event["Records"][0] |= {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"]}
    assert task_queue() == 1

    assert call_worker(event) == {"batchItemFailures": [{"itemIdentifier": message["MessageId"]}]}
    # Nobody sees it until its time has come.
    assert task_queue() == 0
