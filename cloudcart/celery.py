"""The Celery application: tasks brokered by SQS, no result backend (docs/architecture.md)."""

import os
from datetime import UTC, datetime
from math import ceil
from typing import Any

import structlog
from celery import Celery
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudcart.settings")

# SQS keeps a message back for a quarter of an hour at most. What is to happen later is swept, not sent.
LONGEST_DELAY_SECONDS = 900
# Arguments that tell what a task is about, and what its log lines call them.
_LOGGED_ARGUMENTS = {"number": "order", "product_id": "product"}

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
app.autodiscover_tasks(["catalog", "catalog.spreadsheets", "cart", "orders", "accounts"])


@before_task_publish.connect
def _prepare_message(
    declare: list[Any] | None = None,
    headers: dict[str, Any] | None = None,
    properties: dict[str, Any] | None = None,
    **_: Any,
) -> None:
    """Leave SendMessage as the only call of a publisher, and tell SQS and the worker what Celery does not."""
    if declare:
        # The queue is made by the template.
        declare.clear()
    if headers is None or properties is None:
        return
    # The lines of a task carry the id of the request that asked for it.
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id
    if headers.get("eta"):
        # SQS itself keeps a message back; a worker would hold it, or return it as one more delivery.
        left = datetime.fromisoformat(headers["eta"]) - datetime.now(UTC)
        properties["DelaySeconds"] = max(0, min(LONGEST_DELAY_SECONDS, ceil(left.total_seconds())))


@task_prerun.connect
def _name_task_in_logs(task: Any = None, task_id: str = "", kwargs: dict[str, Any] | None = None, **_: Any) -> None:
    names = {"task": task.name, "task_id": task_id, "request_id": task.request.get("request_id")}
    names |= {log_name: (kwargs or {}).get(name) for name, log_name in _LOGGED_ARGUMENTS.items()}
    structlog.contextvars.bind_contextvars(**{name: value for name, value in names.items() if value})


@task_postrun.connect
def _forget_task_in_logs(**_: Any) -> None:
    structlog.contextvars.unbind_contextvars("task", "task_id", "request_id", *_LOGGED_ARGUMENTS.values())
