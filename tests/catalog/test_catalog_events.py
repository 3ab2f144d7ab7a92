from typing import Any

import pytest

from catalog.events import product_events_of, stock_events_of
from cloudcart.streams import StreamRecord
from tests import event_schemas
from tests.clock import NOW

PRODUCT: dict[str, Any] = {
    "product_id": "p1",
    "slug": "mug",
    "title": "Mug",
    "status": "active",
    "availability": "in_stock",
    "version": 3,
    "updated_at": "2026-11-26T09:00:00.000000+0000",
    "variants": [{"sku": "MUG-S"}, {"sku": "MUG-L"}],
}
STOCK: dict[str, Any] = {"sku": "MUG", "product_id": "p1", "available": 6, "reserved": 0, "revision": 4}


def record(name: str, old: dict[str, Any] | None, new: dict[str, Any] | None, event_id: str = "e1") -> StreamRecord:
    return StreamRecord(event_id, name, "products", {}, old, new, "1", NOW)


def product_event(name: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    [event] = product_events_of(record(name, old, new))
    event_schemas.check(event.body)
    return dict(event.data)


def test_a_changed_product_names_what_differs() -> None:
    changed = PRODUCT | {"title": "Cup", "version": 4, "updated_at": "2026-11-27T09:00:00.000000+0000"}
    data = product_event("MODIFY", PRODUCT, changed)
    assert (data["change"], data["changed"], data["version"]) == ("updated", ["title"], 4)
    assert data["skus"] == ["MUG-S", "MUG-L"]


def test_products_that_come_and_go_are_told() -> None:
    assert product_event("INSERT", None, PRODUCT)["change"] == "created"
    assert product_event("REMOVE", PRODUCT, None)["change"] == "deleted"


def test_a_save_that_changes_nothing_is_no_event() -> None:
    saved = PRODUCT | {"version": 4, "updated_at": "2026-11-27T09:00:00.000000+0000"}
    assert product_events_of(record("MODIFY", PRODUCT, saved)) == []


def test_two_changes_without_a_new_version_have_two_ids_and_one_told_twice_has_one() -> None:
    sold_out = PRODUCT | {"availability": "sold_out"}
    [first] = product_events_of(record("MODIFY", PRODUCT, sold_out, "e1"))
    [again] = product_events_of(record("MODIFY", PRODUCT, sold_out, "e1"))
    [back] = product_events_of(record("MODIFY", sold_out, PRODUCT, "e2"))
    assert first.event_id == again.event_id != back.event_id


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [(6, 5, True), (6, 0, True), (5, 4, False), (7, 6, False), (5, 6, False), (0, 5, False)],
)
def test_low_stock_is_told_when_it_begins(before: int, after: int, is_told: bool) -> None:
    found = stock_events_of(
        record("MODIFY", STOCK | {"available": before}, STOCK | {"available": after, "revision": 5})
    )
    assert [event.type for event in found] == (["StockLow"] if is_told else [])
    for event in found:
        event_schemas.check(event.body)
        assert event.key == "MUG:5"


def test_a_sku_that_begins_with_little_has_not_run_low() -> None:
    assert stock_events_of(record("INSERT", None, STOCK | {"available": 1})) == []
    assert stock_events_of(record("REMOVE", STOCK, None)) == []
