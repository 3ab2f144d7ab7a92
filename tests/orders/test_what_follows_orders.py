"""Orders that live through everything, as the stream tells of them."""

from collections import Counter

import pytest

from catalog import verification
from catalog.ledger import StockEntry
from cloudcart import streams
from cloudcart.streams import StreamRecord
from orders import counters
from orders.cancellation import BY_SHOPPER, cancel_order
from orders.counters import SalesCounter
from orders.events import events_of
from orders.fulfillment import ship_order
from orders.models import Order
from orders.refunds import request_refund
from tests import event_schemas
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import place_card_order, place_paid_order, work
from tests.orders.carts import make_line, place_order
from tests.stream import follow


def nobody(number: str) -> None:
    """There is no worker; the test does its work."""


@pytest.fixture
def records(gateway: FakeGateway) -> list[StreamRecord]:
    """All that is written while one order is sent and partly refunded, one called off, one never paid."""
    mug = make_product(title="Mug", sku="MUG", price=2000, stock=20)
    changes = follow("orders")
    sent = work(place_paid_order(mug, gateway, 3))
    for parcel, units in (("s1", 2), ("s2", 1)):
        ship_order(number=sent.number, shipment_id=parcel, carrier="dhl", lines={"MUG": units}, now=NOW, publish=nobody)
    lines = {"MUG": 1}
    request_refund(
        number=sent.number, refund_id="r1", reason="", lines=lines, is_restocked=True, now=NOW, publish=nobody
    )
    work(work(sent))
    called_off = work(place_order(make_line(mug, 2)))
    cancel_order(number=called_off.number, reason=BY_SHOPPER, now=NOW, publish=nobody)
    place_card_order(mug, 4)
    return changes()


def figures(generation: str) -> dict[str, tuple[int, int, int]]:
    return {
        item.part: (item.orders, item.units, item.amount)
        for item in SalesCounter.scan()
        if item.counter.startswith(f"{generation}#") and (item.orders or item.units or item.amount)
    }


def test_each_happening_is_told_once_and_as_documented(records: list[StreamRecord]) -> None:
    told = [event for record in records for event in events_of(record)]
    for event in told:
        event_schemas.check(event.body)
    assert Counter(event.type for event in told) == {
        "OrderPlaced": 3,
        "OrderPaid": 1,
        "OrderShipped": 2,
        "OrderCanceled": 1,
        "OrderRefunded": 1,
    }
    assert len({event.event_id for event in told}) == len(told)


def test_what_the_stream_has_counted_is_what_a_rebuild_counts(records: list[StreamRecord]) -> None:
    assert streams.dispatch(records) == []
    counted = figures(counters.FIRST_GENERATION)
    assert {part: numbers[0] for part, numbers in counted.items() if part.startswith("stage#")} == {
        "stage#shipped": 1,
        "stage#canceled": 1,
        "stage#unpaid": 1,
    }
    day = next(numbers for part, numbers in counted.items() if part.startswith("day#"))
    assert day == (1, 2, 2 * 2000 + 490)
    images = (streams.read_item(order.to_dynamodb_dict()) for order in Order.scan())
    counters.rebuild(generation="anew", orders=images)
    assert figures("anew") == counted


def test_the_ledger_adds_up_afterwards(records: list[StreamRecord]) -> None:
    found = verification.verify_stock()
    assert (found.differences, found.unsettled, found.skus) == ((), (), 1)
    assert Counter(entry.reason for entry in StockEntry.scan()) == {
        "opened": 1,
        "reserved": 3,
        "sold": 2,
        "restocked": 2,
    }
