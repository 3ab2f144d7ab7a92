"""The worker function on Lambda: tasks from SQS by Celery, and what `cloudcart.aws.events` lists."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudcart.settings")
django.setup()

from django.conf import settings  # noqa: E402

from cloudcart.aws import events  # noqa: E402
from cloudcart.aws.celery_bridge import Bridge, Record  # noqa: E402
from cloudcart.aws.lambda_context import invocation  # noqa: E402
from cloudcart.celery import app  # noqa: E402

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def _postpone(record: Record, seconds: int) -> None:
    _sqs().change_message_visibility(
        QueueUrl=settings.TASK_QUEUE_URL, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
    )


@cache
def _sqs() -> "SQSClient":
    import boto3

    return boto3.client("sqs", region_name=settings.AWS_REGION)


# At import, which is Lambda's init phase, with more CPU than a task has.
_bridge = Bridge(app, postpone=_postpone)


def handler(event: dict[str, Any], context: Any) -> Any:
    with invocation(context, "worker"):
        if _is_batch_of_tasks(event):
            return _bridge.handle(event, context)
        return events.dispatch(event)


def _is_batch_of_tasks(event: dict[str, Any]) -> bool:
    # An empty batch is what the check after a deployment sends.
    records: list[dict[str, Any]] | None = event.get("Records")
    return records is not None and all(record.get("eventSource") == "aws:sqs" for record in records)
