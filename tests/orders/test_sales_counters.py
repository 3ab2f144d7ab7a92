import itertools
import random
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from cloudcart import streams
from cloudcart.streams import StreamRecord
from orders import counters, outbox, sales
from orders.counters import CountedOrder, SalesCounter
from orders.models import Order
from orders.sales import Stage
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order
from tests.stream import follow

BERLIN = ZoneInfo("Europe/Berlin")
LINES = [
    {"sku": "MUG-S", "product_id": "mug", "quantity": 2, "unit_amount": 1000, "title": "Mug"},
    {"sku": "MUG-L", "product_id": "mug", "quantity": 1, "unit_amount": 1500, "title": "Mug"},
    {"sku": "POT", "product_id": "pot", "quantity": 1, "unit_amount": 4000, "title": "Pot"},
]
ORDER: dict[str, Any] = {
    "number": "CC-1",
    "version": 1,
    "status": "pending",
    "payment_status": "due",
    "fulfillment_status": "unfulfilled",
    "placed_at": "2026-11-26T22:30:00.000000+0000",
    "total": 7990,
    "lines": LINES,
}


def version(number: int, **parts: Any) -> dict[str, Any]:
    return ORDER | {"version": number} | parts


def figures(generation: str = counters.FIRST_GENERATION) -> dict[str, tuple[int, int, int]]:
    """Every counter that is not zero, by its part."""
    found = {
        item.part: (item.orders, item.units, item.amount)
        for item in SalesCounter.scan()
        if item.counter.startswith(f"{generation}#")
    }
    return {part: numbers for part, numbers in found.items() if any(numbers)}


@pytest.mark.parametrize(
    ("parts", "stage"),
    [
        ({"payment_status": "new"}, Stage.UNPAID),
        ({"payment_status": "awaiting"}, Stage.UNPAID),
        ({"payment_status": "processing"}, Stage.UNPAID),
        ({"payment_status": "paid"}, Stage.NEW),
        ({}, Stage.NEW),
        ({"status": "confirmed", "payment_status": "review"}, Stage.REVIEW),
        ({"status": "confirmed", "payment_status": "paid"}, Stage.TO_SHIP),
        ({"status": "confirmed", "fulfillment_status": "part_shipped"}, Stage.PART_SHIPPED),
        ({"status": "confirmed", "fulfillment_status": "shipped"}, Stage.SHIPPED),
        ({"status": "canceled", "payment_status": "review"}, Stage.CANCELED),
    ],
)
def test_an_order_stands_in_one_stage(parts: dict[str, Any], stage: Stage) -> None:
    assert sales.stage_of(ORDER | parts) == stage


def test_a_day_begins_at_midnight_in_the_shop() -> None:
    evening = sales.contribution_of(ORDER, zone=BERLIN)
    night = sales.contribution_of(ORDER | {"placed_at": "2026-11-26T23:30:00.000000+0000"}, zone=BERLIN)
    assert (evening.day, night.day) == ("2026-11-26", "2026-11-27")


def test_a_sale_counts_what_was_kept() -> None:
    refund = {"refund_id": "r", "status": "succeeded", "lines": [{"sku": "MUG-S", "quantity": 1}]}
    asked = {"refund_id": "s", "status": "requested", "lines": [{"sku": "POT", "quantity": 1}]}
    order = ORDER | {"status": "confirmed", "refunds": [refund, asked], "refunded_amount": 1000}
    found = sales.contribution_of(order, zone=BERLIN)
    assert (found.orders, found.units, found.amount) == (1, 3, 6990)
    assert {each: (share.units, share.amount) for each, share in found.products.items()} == {
        "mug": (2, 2500),
        "pot": (1, 4000),
    }


def test_an_invoice_that_is_lowered_lowers_the_sale() -> None:
    waived = {"refund_id": "r", "status": "waived", "amount": 4000, "lines": [{"sku": "POT", "quantity": 1}]}
    found = sales.contribution_of(ORDER | {"status": "confirmed", "refunds": [waived]}, zone=BERLIN)
    assert (found.units, found.amount, found.products["pot"].units) == (3, 3990, 0)


def test_what_was_not_confirmed_or_was_canceled_is_no_sale() -> None:
    for status in ("pending", "canceled"):
        found = sales.contribution_of(ORDER | {"status": status}, zone=BERLIN)
        assert (found.orders, found.amount, dict(found.products)) == (0, 0, {})


def test_a_contribution_is_kept_and_read_again() -> None:
    found = sales.contribution_of(ORDER | {"status": "confirmed"}, zone=BERLIN)
    assert sales.from_item(sales.to_item(found)) == found


def test_the_counters_follow_an_order_from_its_placing_to_its_end() -> None:
    placed, confirmed = version(1), version(2, status="confirmed")
    shipped = version(3, status="confirmed", fulfillment_status="shipped")
    counters.count_order(old=None, new=placed)
    assert figures() == {"stage#new": (1, 0, 0)}
    counters.count_order(old=placed, new=confirmed)
    sold = {"day#2026-11-26": (1, 4, 7990), "mug": (0, 3, 3500), "pot": (0, 1, 4000)}
    assert figures() == {"stage#to_ship": (1, 0, 0), **sold}
    counters.count_order(old=confirmed, new=shipped)
    assert figures() == {"stage#shipped": (1, 0, 0), **sold}
    counters.count_order(old=shipped, new=version(4, status="canceled", fulfillment_status="shipped"))
    assert figures() == {"stage#canceled": (1, 0, 0)}


def test_records_that_come_twice_or_late_or_in_disorder_count_once() -> None:
    history = [None, version(1), version(2, status="confirmed"), version(3, status="confirmed", refunded_amount=90)]
    changes = list(itertools.pairwise(history)) * 3
    random.Random(7).shuffle(changes)
    for old, new in changes:
        counters.count_order(old=old, new=new)
    assert figures()["day#2026-11-26"] == (1, 4, 7900)
    assert figures()["stage#to_ship"] == (1, 0, 0)
    assert "stage#new" not in figures()


def test_a_change_that_alters_no_sum_asks_dynamodb_nothing(dynamodb_calls: Any) -> None:
    with dynamodb_calls() as log:
        counters.count_order(old=version(1), new=version(2, due="effects"))
    assert log.count == 0


def test_an_order_that_is_deleted_is_taken_off() -> None:
    confirmed = version(1, status="confirmed")
    counters.count_order(old=None, new=confirmed)
    counters.count_order(old=confirmed, new=None)
    counters.count_order(old=None, new=confirmed)
    assert figures() == {}


def test_the_stream_counts_real_orders() -> None:
    mug = make_product(title="Mug", price=3600, stock=10)
    changes = follow("orders")
    order = place_order(make_line(mug, 2))
    outbox.process_order(number=order.number, now=NOW)
    records = changes()
    assert streams.dispatch(records + records) == []
    day = NOW.astimezone(BERLIN).date().isoformat()
    assert figures() == {
        f"day#{day}": (1, 2, 7690),
        "stage#to_ship": (1, 0, 0),
        mug.product_id: (0, 2, 7200),
    }
    [best] = counters.list_best(counters.FIRST_GENERATION, month=day[:7], limit=5)
    assert (best.title, best.units, best.amount) == ("Mug", 2, 7200)


def place(quantity: int, product: Any) -> Order:
    order = place_order(make_line(product, quantity))
    outbox.process_order(number=order.number, now=NOW)
    return order


def test_sums_that_were_lost_are_made_anew() -> None:
    mug = make_product(title="Mug", price=3600, stock=10)
    changes = follow("orders")
    place(2, mug)
    place(1, mug)
    streams.dispatch(changes())
    wanted = figures()
    for item in list(SalesCounter.scan()):
        item.delete()
    out = StringIO()
    # The second time there is a former generation to be deleted.
    call_command("rebuild_counters", stdout=out)
    call_command("rebuild_counters", stdout=out)
    generation, building = counters.find_generations()
    assert out.getvalue() == "Counted 2 orders anew.\n" * 2
    assert (figures(generation), building) == (wanted, None)
    assert {mark.generation for mark in CountedOrder.scan()} == {generation}


def test_orders_that_come_in_while_the_sums_are_made_anew_count_once() -> None:
    mug = make_product(title="Mug", price=3600, stock=10)
    changes = follow("orders")
    first = place(1, mug)
    late: list[StreamRecord] = changes()

    def scan() -> Any:
        # The first order is read, its own records come late; one more is placed and told of meanwhile.
        yield streams.read_item(Order.get(first.number).to_dynamodb_dict())
        assert streams.dispatch(late) == []
        second = place(2, mug)
        assert streams.dispatch(changes()) == []
        yield streams.read_item(Order.get(second.number).to_dynamodb_dict())

    assert counters.rebuild(generation="anew", orders=scan()) == 2
    day = NOW.astimezone(BERLIN).date().isoformat()
    assert counters.find_generations() == ("anew", None)
    assert figures("anew") == {
        f"day#{day}": (2, 3, 2 * 490 + 3 * 3600),
        "stage#to_ship": (2, 0, 0),
        mug.product_id: (0, 3, 3 * 3600),
    }
    assert figures() == {}


def test_after_a_rebuild_that_was_broken_off_the_former_sums_stand_and_the_next_cleans_up() -> None:
    confirmed = version(1, status="confirmed")
    counters.count_order(old=None, new=confirmed)

    def broken() -> Any:
        yield confirmed
        raise RuntimeError("The machine went down.")

    with pytest.raises(RuntimeError):
        counters.rebuild(generation="broken", orders=broken())
    assert counters.find_generations() == (counters.FIRST_GENERATION, "broken")
    assert figures()["day#2026-11-26"] == (1, 4, 7990)
    counters.rebuild(generation="whole", orders=iter([confirmed]))
    assert {item.counter.split("#")[0] for item in SalesCounter.scan()} == {"generations", "whole"}
    assert figures("whole")["day#2026-11-26"] == (1, 4, 7990)
