"""`make run`, whose programs are killed while people buy: no order is lost, none is doubled."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from cloudcart.local import mailbox
from cloudcart.local.folder import PROJECT_DIR
from tests.journeys.program import Program
from tests.journeys.test_program_buys import ADDRESS
from tests.live_shop import wait_until
from tests.make_run import Run, bare_environment, running

STOCK = 1000
# One for each shopper, who buys it again and again.
PRODUCTS = ("Kettle", "Ladle", "Whisk")
ORDERS_EACH = 7
# After how many orders which program is killed.
KILLS = {4: "worker", 8: "web", 12: "aws", 16: "payments"}
# Each of the worker's two processes may die, or lose the embedded AWS, after a mail was sent and before that
# is noted. Nothing can close this gap; the mail is sent once more then.
MOST_MAILS_AGAIN = 2 * len({"worker", "aws"})

# What was claimed by a worker that died is free again after two minutes, which nobody waits for here.
LATER = """
import sys, django
django.setup()
from django.utils import timezone
from orders.outbox import CLAIM, process_order
for number in sys.argv[1:]:
    process_order(number=number, now=timezone.now() + CLAIM)
"""


@dataclass(frozen=True)
class Aftermath:
    """What shoppers were told, and what the shop knows when all is done."""

    told: list[str]
    orders: list[dict[str, Any]]
    keys: list[dict[str, Any]]
    stocks: list[dict[str, Any]]
    mails: list[str]
    # Of the payment simulator: what it captured for which order.
    books: list[dict[str, Any]]


class Till:
    """The orders that shoppers were told of; others wait here until there are so many."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self._changed = threading.Condition()

    def note(self, number: str) -> None:
        with self._changed:
            self.numbers.append(number)
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.numbers) >= count, timeout=120)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A shop that sells three products of its own, and plenty of each."""
    folder = tmp_path_factory.mktemp("shop")
    # Where this lies, the demo products are taken to be in already.
    (folder / "aws").mkdir()
    (folder / "aws" / "prepared").touch()
    with running(folder) as run:
        products = folder / "products.yaml"
        rows = (
            f"{{id: {name}, name: {name}, category: kitchen, price: 12.5, current_stock: {STOCK}}}" for name in PRODUCTS
        )
        products.write_text("".join(f"- {row}\n" for row in rows))
        within(run, "manage.py", "seed", "--file", str(products))
        yield run


@pytest.fixture(scope="module")
def aftermath(run: Run) -> Aftermath:
    till = Till()
    hurry(run)
    with ThreadPoolExecutor(len(PRODUCTS)) as pool:
        shoppers = [pool.submit(buy_again_and_again, run, product, till) for product in PRODUCTS]
        for count, name in KILLS.items():
            till.wait_for(count)
            kill(run, name)
        for shopper in shoppers:
            shopper.result()
    # What the queue never heard of, because it was dead, the sweeper finds after half a minute.
    wait_until(lambda: all(order["status"] == "confirmed" for order in stored(run, "orders")), seconds=120)
    within(run, "-c", LATER, *till.numbers)
    mails = [mail.subject for mail in mailbox.list_mails(endpoint_url=aws_url(run))]
    with urllib.request.urlopen(f"http://127.0.0.1:{run.payments_port}/_simulator/books", timeout=20) as answer:
        books = json.loads(answer.read())
    return Aftermath(
        till.numbers, stored(run, "orders"), stored(run, "idempotency"), stored(run, "stock"), mails, books
    )


def test_every_order_that_a_shopper_was_told_of_is_there_once(aftermath: Aftermath) -> None:
    assert len(set(aftermath.told)) == len(PRODUCTS) * ORDERS_EACH
    assert sorted(order["number"] for order in aftermath.orders) == sorted(aftermath.told)
    assert sorted(key["order_number"] for key in aftermath.keys) == sorted(aftermath.told)


def test_nothing_is_left_to_be_done_for_any_order(aftermath: Aftermath) -> None:
    assert {order["status"] for order in aftermath.orders} == {"confirmed"}
    assert [order["number"] for order in aftermath.orders if "due" in order] == []


def test_every_order_was_paid_once(aftermath: Aftermath) -> None:
    totals = {order["number"]: int(order["total"]) for order in aftermath.orders}
    assert {order["payment_status"] for order in aftermath.orders} == {"paid"}
    captured = [(entry["client_reference_id"], entry["captured"]) for entry in aftermath.books if entry["captured"]]
    assert sorted(captured) == sorted(totals.items())
    assert {entry["charges"] for entry in aftermath.books if entry["captured"]} == {1}


def test_exactly_the_ordered_units_have_left_the_stock(aftermath: Aftermath) -> None:
    units = Counter[str]()
    for order in aftermath.orders:
        units.update({line["sku"]: int(line["quantity"]) for line in order["lines"]})
    left = {stock["sku"]: (int(stock["available"]), int(stock["reserved"])) for stock in aftermath.stocks}
    assert left == {name: (STOCK - units[name], 0) for name in PRODUCTS}
    assert units.total() >= len(aftermath.told)


def test_every_order_has_its_mail(aftermath: Aftermath) -> None:
    mails = Counter(subject.removeprefix("Your order ") for subject in aftermath.mails)
    assert sorted(mails) == sorted(aftermath.told)
    assert mails.total() <= len(aftermath.told) + MOST_MAILS_AGAIN


def buy_again_and_again(run: Run, product: str, till: Till) -> None:
    start = f"http://127.0.0.1:{run.port}"
    for _ in range(ORDERS_EACH):
        with Program(start, ADDRESS | {"email": f"{product.lower()}@example.com"}, patience=60) as shopper:
            shopper.follow(product)
            shopper.submit(button="Add to cart")
            shopper.follow("Checkout")
            while not shopper.path.startswith("/orders/"):
                shopper.submit()
            # The page to pay on could not be had, or did not answer.
            while "Pay now" in shopper.text:
                shopper.submit(button="Pay now")
                while not shopper.path.startswith("/orders/"):
                    shopper.submit()
            till.note(shopper.path.split("/")[2])


def hurry(run: Run) -> None:
    """Let the queue give a task again after seconds that a killed worker had taken, not after minutes."""
    sqs = boto3.client("sqs", endpoint_url=aws_url(run))
    [queue] = [url for url in sqs.list_queues()["QueueUrls"] if url.endswith("-tasks")]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "5"})


def kill(run: Run, name: str) -> None:
    """Kill -9 a program, and wait until it runs again."""
    pid = run.pid(name)
    os.kill(pid, signal.SIGKILL)
    run.wait_until(lambda: run.pid(name) != pid)


def stored(run: Run, table: str) -> list[dict[str, Any]]:
    dynamodb = boto3.resource("dynamodb", endpoint_url=aws_url(run))
    return dynamodb.Table(f"cloudcart-local-{table}").scan(ConsistentRead=True)["Items"]


def aws_url(run: Run) -> str:
    return f"http://127.0.0.1:{run.aws_port}"


def within(run: Run, *arguments: str) -> None:
    """Run Python as in another terminal beside the shop."""
    variables = {"CLOUDCART_LOCAL_DIR": str(run.folder), "DJANGO_SETTINGS_MODULE": "cloudcart.settings"}
    command = [sys.executable, *arguments]
    told = subprocess.run(
        command, cwd=PROJECT_DIR, env=bare_environment() | variables, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
