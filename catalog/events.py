"""What happened to products and stock, read off the items before and after. Pure; see docs/events.md."""

from django.conf import settings

from cloudcart.events import DomainEvent
from cloudcart.streams import INSERT, REMOVE, Image, StreamRecord

SOURCE = "catalog"

# They change with everything else and tell nobody anything.
_INCIDENTAL = {"updated_at", "version"}
_KINDS = {INSERT: "created", REMOVE: "deleted"}


def product_events_of(record: StreamRecord) -> list[DomainEvent]:
    """Give a `ProductChanged` if anything changed that a consumer can see."""
    old, new = record.old or {}, record.new or {}
    changed = sorted(name for name in old.keys() | new.keys() if record.changed(name) and name not in _INCIDENTAL)
    if not changed:
        return []
    stored = record.new or old
    data = {
        "product_id": stored["product_id"],
        "change": _KINDS.get(record.event_name, "updated"),
        "changed": changed,
        "slug": stored["slug"],
        "status": stored["status"],
        "availability": stored["availability"],
        "version": stored["version"],
        "skus": [variant["sku"] for variant in stored["variants"]],
    }
    # The availability changes without a new version, so the version alone does not name a change.
    return [DomainEvent(SOURCE, "ProductChanged", 1, record.event_id, record.created_at, data)]


def stock_events_of(record: StreamRecord) -> list[DomainEvent]:
    """Give a `StockLow` if the units that can be sold fell to the threshold or below it just now."""
    if record.new is None or not has_crossed(record.old, record.new):
        return []
    stock = record.new
    data = {
        "sku": stock["sku"],
        "product_id": stock["product_id"],
        "available": stock["available"],
        "threshold": settings.LOW_STOCK_THRESHOLD,
    }
    key = f"{stock['sku']}:{stock.get('revision', 0)}"
    return [DomainEvent(SOURCE, "StockLow", 1, key, record.created_at, data)]


def is_low(stock: Image) -> bool:
    """Whether so few units are left that the merchant should know; none is low as well."""
    return int(stock["available"]) <= settings.LOW_STOCK_THRESHOLD


def has_crossed(old: Image | None, new: Image) -> bool:
    """Whether a level became low by this change; a SKU that begins low has not."""
    return old is not None and not is_low(old) and is_low(new)
