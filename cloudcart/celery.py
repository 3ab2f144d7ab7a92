"""The Celery application: tasks brokered by SQS, no result backend (docs/architecture.md)."""

import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudcart.settings")

app = Celery("cloudcart")
app.conf.update(
    # No host and no keys: boto3 finds both, as everywhere else.
    broker_url="sqs://",
    broker_transport="cloudcart.sqs:Transport",
    broker_transport_options={
        "region": settings.AWS_REGION,
        "predefined_queues": {settings.TASK_QUEUE_NAME: {"url": settings.TASK_QUEUE_URL}},
        # A worker that was killed leaves a request open that still takes a message with it. On a laptop,
        # where that happens, such a request is short; on AWS a long one saves requests.
        "wait_time_seconds": 1 if settings.IS_LOCAL else 20,
        "polling_interval": 0,
        # A shopper waits for the message to be sent, so a queue out of reach is given up soon.
        # Reading lasts longer than the 20 s for which the worker's requests stay open.
        "client-config": {"connect_timeout": 2, "read_timeout": 25, "retries": {"total_max_attempts": 2}},
    },
    broker_connection_retry_on_startup=True,
    task_default_queue=settings.TASK_QUEUE_NAME,
    task_create_missing_queues=False,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    # What fails goes back to SQS, which counts and in the end moves it to the dead-letter queue.
    task_acks_on_failure=False,
    task_acks_on_timeout=False,
    task_reject_on_worker_lost=True,
    task_soft_time_limit=60,
    task_time_limit=90,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
)
app.autodiscover_tasks(["catalog", "cart", "orders", "accounts"])


@before_task_publish.connect
def _declare_nothing(declare: list[Any] | None = None, **_: Any) -> None:
    """Leave SendMessage as the only call of a publisher: the queue is made by the template."""
    if declare:
        declare.clear()
