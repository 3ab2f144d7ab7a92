"""The bill in docs/costs.md is computed from what a purchase needs; here it is measured again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cloudcart import streams
from cloudcart.aws import costs
from cloudcart.dynamo import shared_connection
from cloudcart.local.folder import PROJECT_DIR
from orders.models import Order
from orders.outbox import process_order
from tests.factories import make_product
from tests.orders.checkouts import ANSWERS, fill_cart, place
from tests.stream import follow

FOLLOWED = ("orders", "products", "stock", "stock-ledger")


class Meter:
    """Adds up the capacity that DynamoDB bills."""

    def __init__(self) -> None:
        self.reads = self.writes = 0.0

    def ask(self, params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def read(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity") or []
        units = sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))
        if model.name in {"GetItem", "BatchGetItem", "Query", "TransactGetItems"}:
            self.reads += units
        else:
            self.writes += units


@contextmanager
def metered() -> Iterator[Meter]:
    meter, events = Meter(), shared_connection().client.meta.events
    events.register("provide-client-params.dynamodb", meter.ask)
    events.register("after-call.dynamodb", meter.read)
    try:
        yield meter
    finally:
        events.unregister("provide-client-params.dynamodb", meter.ask)
        events.unregister("after-call.dynamodb", meter.read)


def test_a_purchase_needs_what_the_bill_is_computed_from(client: Client, task_queue: Any) -> None:
    product = make_product()
    requests, read_changes = 0, follow(*FOLLOWED)
    with metered() as meter:
        fill_cart(client, product)
        requests += 1
        for url, answers in ANSWERS.items():
            assert client.get(url).status_code == 200
            client.post(url, answers)
            requests += 2
        response = place(client)
        requests += 2
        number = response["Location"].split("/")[2]
        messages = task_queue()
        process_order(number=number, now=timezone.now())
        assert streams.dispatch(read_changes()) == []
    assert Order.get(number).status == "confirmed"
    assert (requests, messages) == (costs.PURCHASE.requests, costs.PURCHASE.messages)
    assert meter.reads == pytest.approx(costs.PURCHASE.reads, rel=0.35)
    assert meter.writes == pytest.approx(costs.PURCHASE.writes, rel=0.35)


def test_a_page_needs_what_the_bill_is_computed_from(client: Client) -> None:
    product = make_product()
    with metered() as meter:
        pages = [client.get("/"), client.get(f"/products/{product.slug}/")]
    assert [page.status_code for page in pages] == [200, 200]
    assert meter.reads / len(pages) == pytest.approx(costs.PAGE.reads, rel=0.35)
    assert meter.writes == 0


def test_the_table_in_the_documentation_is_the_computed_one() -> None:
    assert costs.as_markdown() in (PROJECT_DIR / "docs/costs.md").read_text()


def test_a_shop_without_orders_costs_less_than_two_dollars_and_the_bill_grows_with_the_orders() -> None:
    nothing, some, many = (costs.total(costs.bill(orders)) for orders in costs.ORDERS_A_MONTH)
    assert nothing < 2
    assert nothing <= some < many


def test_what_is_free_is_not_billed() -> None:
    assert costs.Line("x", 5, 2.0, free=5).dollars == 0
    assert costs.Line("x", 6, 2.0, free=5).dollars == 2.0
