"""A whole shop for the tests that use it from outside: web server, worker and sweeper as `make run` starts them."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
from django.conf import settings

from cloudcart.local import programs
from cloudcart.local.emulator import Emulator, find_free_port
from cloudcart.local.folder import LocalFolder
from cloudcart.local.shop import Shop


@contextmanager
def running_shop(*, payments_port: int | None = None) -> Iterator[Shop]:
    """The shop's programs on the tests' embedded AWS. What is in it, each test stores itself.

    It ends with the package that asked for it: its worker takes the tasks of every test.

    :param payments_port: of the payment simulator, if the shop is to take cards.
    """
    port = find_free_port()
    # As a customer's machine has it: nothing for developers.
    variables = {"DEBUG": "", "LOG_FORMAT": "json", "PORT": str(port)}
    if payments_port is not None:
        variables |= _card_variables(payments_port)
    emulator = Emulator(urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0)
    shop = Shop(LocalFolder(settings.LOCAL_DIR), emulator, port=port, environment=variables)
    with shop.folder.lock():
        shop.manage("collectstatic", "--no-input", "--verbosity", "0")
        # Other tests of this process have left tasks about orders that are gone: they would fail, and wait unseen.
        boto3.client("sqs").purge_queue(QueueUrl=settings.TASK_QUEUE_URL)
        try:
            if payments_port is not None:
                shop.folder.payments.parent.mkdir(exist_ok=True)
                programs.start_payments(shop, port=payments_port, webhook_secret=variables["STRIPE_WEBHOOK_SECRET"])
            web = programs.start_web(shop)
            programs.start_worker(shop)
            shop.wait_until_served(web)
            yield shop
        finally:
            shop.end()
            # The request for tasks that the worker may have left open lasts a second.
            time.sleep(1)


@contextmanager
def resting_worker(shop: Shop) -> Iterator[None]:
    """Orders stay pending meanwhile: the worker does not get on."""
    worker = json.loads((shop.folder.processes / "worker.json").read_bytes())["pid"]
    os.killpg(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker, signal.SIGCONT)


def wait_until(
    condition: Callable[[], object],
    *,
    seconds: float = 60,
    otherwise: Callable[[], object] = lambda: "It did not happen in time.",
) -> None:
    """Wait for what other processes do; the time only ends a wait that is in vain.

    :param otherwise: says what is there instead of what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.1)


def wait_until_settled() -> None:
    """Wait until no task waits or is being worked on."""
    wait_until(lambda: not any(count_tasks().values()), otherwise=lambda: f"The queue still has {count_tasks()}.")


def count_tasks() -> dict[str, int]:
    kinds: list[Any] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = boto3.client("sqs").get_queue_attributes(QueueUrl=settings.TASK_QUEUE_URL, AttributeNames=kinds)
    return {kind: int(count) for kind, count in queue["Attributes"].items()}


def _card_variables(port: int) -> dict[str, str]:
    """What has a shop take cards at a simulator; on invoice stays what it offers first."""
    return {
        "PAYMENT_METHODS": "invoice,card",
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "STRIPE_SECRET_KEY": "sk_test_of_the_browsers",
        "STRIPE_WEBHOOK_SECRET": "whsec_of_the_browsers",
    }
