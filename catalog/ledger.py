"""The ledger of the stock: what changed, by how much and why. Entries are added and never altered.

An entry is written in the transaction that changes the levels (`catalog.stock`), so that the sum of a SKU's
lines is its level at any moment (docs/adr/0025-one-ledger-entry-for-each-transaction.md).
"""

from enum import StrEnum
from typing import Any

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.constants import STREAM_NEW_AND_OLD_IMAGE

from cloudcart.dynamo import IntegerAttribute, StoredMap, StoreModel
from cloudcart.item_reading import ListOfMaps


class Reason(StrEnum):
    """Why levels changed. Those that a person may give are in `MANUAL`."""

    OPENED = "opened"
    CLOSED = "closed"
    IMPORTED = "imported"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"
    RESTOCKED = "restocked"
    RECEIVED = "received"
    COUNTED = "counted"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"
    OTHER = "other"
    CORRECTED = "corrected"

    @property
    def label(self) -> str:
        return _LABELS[self]


MANUAL = (Reason.RECEIVED, Reason.COUNTED, Reason.RETURNED, Reason.DAMAGED, Reason.LOST, Reason.OTHER)

_LABELS = {
    Reason.OPENED: "First stock",
    Reason.CLOSED: "Variant removed",
    Reason.IMPORTED: "Imported",
    Reason.RESERVED: "Ordered",
    Reason.RELEASED: "Order called off",
    Reason.SOLD: "Sold",
    Reason.RESTOCKED: "Back from an order",
    Reason.RECEIVED: "Received from a supplier",
    Reason.COUNTED: "Counted",
    Reason.DAMAGED: "Damaged",
    Reason.LOST: "Lost or stolen",
    Reason.RETURNED: "Returned by a customer",
    Reason.OTHER: "Other",
    Reason.CORRECTED: "Ledger corrected",
}


class StockLine(StoredMap):
    """By how many units one SKU's two levels changed; negative if there are fewer."""

    sku = UnicodeAttribute()
    available = IntegerAttribute(default=0)
    reserved = IntegerAttribute(default=0)


class StockEntry(StoreModel):
    """What one transaction did to the stock, with a line for each SKU.

    ``entry_id`` says for an order what happened to it (``order:<number>:reserved``), which can so happen
    once; others are a time and a random part. ``actor`` is who did it: an e-mail address of the staff, or
    empty for the shop itself.
    """

    class Meta:
        table = "stock-ledger"
        stream_view_type = STREAM_NEW_AND_OLD_IMAGE

    entry_id = UnicodeAttribute(hash_key=True)
    at = UTCDateTimeAttribute()
    reason = UnicodeAttribute()
    note = UnicodeAttribute(default="")
    actor = UnicodeAttribute(default="")
    order_number = UnicodeAttribute(null=True)
    lines: ListOfMaps[StockLine] = ListOfMaps(of=StockLine)


class StockMovement(StoreModel):
    """A ledger's line by SKU and time, for people to read: a projection, which the stream keeps.

    ``moved_key`` is ``<time>#<entry_id>``.
    """

    class Meta:
        table = "stock-movements"

    sku = UnicodeAttribute(hash_key=True)
    moved_key = UnicodeAttribute(range_key=True)
    at = UTCDateTimeAttribute()
    available = IntegerAttribute(default=0)
    reserved = IntegerAttribute(default=0)
    reason = UnicodeAttribute()
    note = UnicodeAttribute(default="")
    actor = UnicodeAttribute(default="")
    order_number = UnicodeAttribute(null=True)

    @property
    def reason_label(self) -> str:
        return Reason(self.reason).label

    @classmethod
    def of_entry(cls, entry: StockEntry) -> "list[StockMovement]":
        """Give an entry's lines as movements, one for each SKU."""
        shared: dict[str, Any] = {
            name: getattr(entry, name) for name in ("at", "reason", "note", "actor", "order_number")
        }
        key = f"{entry.at:%Y-%m-%dT%H:%M:%S.%f}#{entry.entry_id}"
        return [cls(line.sku, key, available=line.available, reserved=line.reserved, **shared) for line in entry.lines]
