from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudcart.streams import StreamRecord
from orders.events import events_of
from tests import event_schemas
from tests.clock import NOW

PLACED = "2026-11-26T09:00:00.000000+0000"
LATER = "2026-11-27T10:30:00.250000+0000"
LINE = {"sku": "MUG", "product_id": "p1", "quantity": 2, "unit_amount": 3600, "title": "Blue mug"}
ORDER: dict[str, Any] = {
    "number": "CC-1",
    "status": "confirmed",
    "payment_status": "due",
    "fulfillment_status": "unfulfilled",
    "customer_id": "sub-1",
    "email": "ada@example.com",
    "payment_method": "card",
    "shipping_method": "standard",
    "currency": "EUR",
    "subtotal": 7200,
    "shipping_total": 490,
    "tax_total": 1228,
    "total": 7690,
    "lines": [LINE],
    "placed_at": PLACED,
    "updated_at": LATER,
    "version": 2,
}
SHIPMENT = {
    "shipment_id": "s1",
    "carrier": "DHL",
    "tracking_number": "00340434",
    "shipped_at": LATER,
    "lines": [{"sku": "MUG", "quantity": 1}],
}
REFUND = {"refund_id": "r1", "amount": 3600, "status": "succeeded", "lines": [{"sku": "MUG", "quantity": 1}]}


def told(old: dict[str, Any] | None, **changes: Any) -> list[tuple[str, dict[str, Any]]]:
    """Types and data of the events of one change; each is checked against its schema."""
    new = ORDER | (old or {}) | changes
    record = StreamRecord("e1", "MODIFY", "orders", {"number": "CC-1"}, old, new, "1", NOW)
    bodies = [event.body for event in events_of(record)]
    for body in bodies:
        event_schemas.check(body)
    return [(body["type"], body["data"]) for body in bodies]


def types(old: dict[str, Any] | None, **changes: Any) -> list[str]:
    return [type_ for type_, _ in told(old, **changes)]


def test_a_new_order_is_placed_and_nothing_of_the_buyer_but_an_id_is_told() -> None:
    [(type_, data)] = told(None)
    assert type_ == "OrderPlaced"
    assert (data["customer_id"], data["total"]) == ("sub-1", 7690)
    assert data["lines"] == [{"sku": "MUG", "product_id": "p1", "quantity": 2, "unit_amount": 3600}]


def test_a_guest_s_order_has_no_customer() -> None:
    guest = {name: value for name, value in ORDER.items() if name != "customer_id"}
    record = StreamRecord("e1", "INSERT", "orders", {}, None, guest, "1", NOW)
    [event] = events_of(record)
    event_schemas.check(event.body)
    assert event.data["customer_id"] is None


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("awaiting", "paid", True),
        ("due", "paid", True),
        ("review", "paid", True),
        ("awaiting", "processing", False),
        ("paid", "paid", False),
        ("part_refunded", "paid", False),
        ("paid", "refunded", False),
    ],
)
def test_an_order_is_paid_when_its_money_came_in(before: str, after: str, is_told: bool) -> None:
    assert types(ORDER | {"payment_status": before}, payment_status=after, paid_amount=7690) == (
        ["OrderPaid"] if is_told else []
    )


def test_each_parcel_is_told_once() -> None:
    [(type_, data)] = told(ORDER, shipments=[SHIPMENT], fulfillment_status="part_shipped")
    assert type_ == "OrderShipped"
    assert data == {
        "order_number": "CC-1",
        "currency": "EUR",
        "shipment_id": "s1",
        "carrier": "DHL",
        "is_complete": False,
        "lines": [{"sku": "MUG", "quantity": 1}],
    }
    second = SHIPMENT | {"shipment_id": "s2"}
    [(_, data)] = told(ORDER | {"shipments": [SHIPMENT]}, shipments=[SHIPMENT, second], fulfillment_status="shipped")
    assert (data["shipment_id"], data["is_complete"]) == ("s2", True)


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [("confirmed", "canceled", True), ("pending", "canceled", True), ("canceled", "canceled", False)],
)
def test_an_order_is_canceled_once(before: str, after: str, is_told: bool) -> None:
    assert types(ORDER | {"status": before}, status=after) == (["OrderCanceled"] if is_told else [])


def test_a_refund_is_told_when_the_money_is_back_and_not_when_it_is_asked_for() -> None:
    asked = REFUND | {"status": "requested"}
    assert types(ORDER, refunds=[asked]) == []
    assert types(ORDER | {"refunds": [asked]}, refunds=[REFUND | {"status": "failed"}]) == []
    [(type_, data)] = told(ORDER | {"refunds": [asked]}, refunds=[REFUND], refunded_amount=3600)
    assert type_ == "OrderRefunded"
    assert (data["refund_id"], data["amount"], data["refunded_amount"]) == ("r1", 3600, 3600)
    assert types(ORDER | {"refunds": [REFUND]}, refunds=[REFUND]) == []


@pytest.mark.parametrize("change", [{"due": "effects"}, {"reminders": 1}, {"invoice_number": "R-1"}])
def test_what_the_shop_does_for_itself_is_no_event(change: dict[str, Any]) -> None:
    assert types(ORDER, **change) == []


def test_an_order_that_is_gone_is_no_event() -> None:
    assert events_of(StreamRecord("e1", "REMOVE", "orders", {}, ORDER, None, "1", NOW)) == []


def test_the_same_happening_has_the_same_id_whatever_record_tells_it() -> None:
    first, again = (StreamRecord(each, "INSERT", "orders", {}, None, ORDER, each, NOW) for each in ("e1", "e2"))
    assert [event.event_id for event in events_of(first)] == [event.event_id for event in events_of(again)]
    other = StreamRecord("e1", "INSERT", "orders", {}, None, ORDER | {"number": "CC-2"}, "1", NOW)
    assert events_of(other)[0].event_id != events_of(first)[0].event_id


def test_an_event_tells_when_it_happened_and_not_when_it_was_read() -> None:
    record = StreamRecord("e1", "INSERT", "orders", {}, None, ORDER, "1", NOW + timedelta(days=1))
    assert events_of(record)[0].occurred_at == datetime(2026, 11, 26, 9, tzinfo=UTC)
