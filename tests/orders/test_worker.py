"""The real thing: a Celery worker of its own process, SQS, SES."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import boto3
import pytest
from django.conf import settings
from django.utils import timezone

from orders.models import Order
from orders.outbox import CLAIM, process_order
from orders.publishing import publish_order
from orders.sweeper import sweep
from tests.factories import make_product
from tests.orders.carts import make_line, place_order

DEAD_LETTERS_URL = f"{settings.TASK_QUEUE_URL}-dead"


@contextmanager
def running_worker() -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "celery", "-A", "cloudcart.celery", "worker", "--concurrency", "1"]
    worker = subprocess.Popen(
        [*command, "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"],
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        stop(worker)
        # The request that it may have left open lasts a second, and would take the next test's message.
        time.sleep(1)


def stop(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(timeout=5)
    except subprocess.TimeoutExpired:
        # A worker that has just taken a message now and then forgets to end.
        kill(worker)


def kill(worker: "subprocess.Popen[bytes]") -> None:
    # Its own group: the pool's process goes with it, in the middle of whatever it does.
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_until(condition: Callable[[], Any], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)


@pytest.fixture
def impatient_queue(task_queue: Callable[[], int]) -> Iterator[Callable[[], int]]:
    """The task queue with messages that come back at once when nobody acknowledged them."""
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=DEAD_LETTERS_URL)
    patience = sqs.get_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL, AttributeNames=["VisibilityTimeout"])
    sqs.set_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL, Attributes={"VisibilityTimeout": "1"})
    yield task_queue
    sqs.set_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL, Attributes=patience["Attributes"])
    sqs.purge_queue(QueueUrl=DEAD_LETTERS_URL)


def dead_letters() -> list[Any]:
    """What lies in the dead-letter queue: the task's header and arguments of each message."""
    sqs = boto3.client("sqs")
    found = sqs.receive_message(QueueUrl=DEAD_LETTERS_URL, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(base64.b64decode(message["Body"])) for message in found.get("Messages", [])]


def test_the_worker_confirms_the_order_and_sends_one_mail(
    task_queue: Callable[[], int], sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    order = place_order(make_line(make_product()), now=timezone.now(), publish=publish_order)
    with running_worker():
        wait_until(lambda: Order.get(order.number).due is None)
        # A second message of the same order is acknowledged and does nothing.
        publish_order(order.number)
        wait_until(lambda: task_queue() == 0)
    stored = Order.get(order.number)
    assert stored.is_confirmed
    assert [mail["Subject"] for mail in sent_mails()] == [f"Your order {order.number}"]


def test_orders_that_the_worker_never_heard_of_are_found_by_the_sweeper(
    task_queue: Callable[[], int], sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    product = make_product()
    orders = [place_order(make_line(product), now=timezone.now()) for _ in range(3)]
    assert task_queue() == 0
    assert sweep(now=timezone.now() + timedelta(minutes=2)) == 3
    with running_worker():
        wait_until(lambda: all(Order.get(order.number).due is None for order in orders))
    assert len(sent_mails()) == 3


def test_a_killed_worker_loses_nothing(
    impatient_queue: Callable[[], int], sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    product = make_product(stock=12)
    numbers = [place_order(make_line(product), now=timezone.now(), publish=publish_order).number for _ in range(12)]
    with running_worker() as worker:
        wait_until(sent_mails)
        kill(worker)
    with running_worker():
        wait_until(lambda: all(Order.get(number).is_confirmed for number in numbers))
        wait_until(lambda: impatient_queue() == 0)
    # What was claimed when the worker died waits for its claim to lapse.
    for number in numbers:
        process_order(number=number, now=timezone.now() + CLAIM)
    assert [Order.get(number).due for number in numbers] == [None] * 12
    mails = Counter(mail["Subject"].rpartition(" ")[2] for mail in sent_mails())
    assert sorted(mails) == sorted(numbers)
    # Killed between sending and recording it, a worker sends one mail again, and never more than one.
    assert mails.total() <= 13


def test_a_message_that_always_fails_ends_among_the_dead_letters(impatient_queue: Callable[[], int]) -> None:
    publish_order("LUSAB-MODIK-47")
    with running_worker():
        wait_until(dead_letters)
    [letter] = dead_letters()
    assert letter["headers"]["task"] == "orders.process_order"
    assert impatient_queue() == 0
