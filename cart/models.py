"""What a shopper means to buy, as it is stored."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from pynamodb.attributes import (
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)

from cloudcart.addresses import Address
from cloudcart.dynamo import IntegerAttribute, StoredMap, StoreModel
from cloudcart.item_reading import ListOfMaps

MAX_LINES = 50
# A merge at sign-in may exceed MAX_LINES so that nothing is lost, and the cart then asks to be thinned out.
MAX_MERGED_LINES = 2 * MAX_LINES

UNDO_LIFETIME = timedelta(minutes=15)
_UNDO_LIMIT = 5


class Line(StoredMap):
    """One line item. ``unit_amount`` is the price the shopper last saw, to tell of a change."""

    sku = UnicodeAttribute()
    product_id = UnicodeAttribute()
    quantity = IntegerAttribute()
    unit_amount = IntegerAttribute()
    # Kept for the day the product is gone and the cart has to name it.
    title = UnicodeAttribute(default="")
    variant_title = UnicodeAttribute(default="")

    @property
    def name(self) -> str:
        """What a sentence calls it: "Blue mug, Large"."""
        return ", ".join(part for part in (self.title or self.sku, self.variant_title) if part)


class RemovedLine(StoredMap):
    """A line that was taken out and can be put back; ``position`` counts the removed lines too."""

    line = Line()
    position = IntegerAttribute()
    removed_at = UTCDateTimeAttribute()


class CheckoutDetails(StoredMap):
    """What the shopper has told the checkout so far; it survives the order for the next one."""

    email = UnicodeAttribute(default="")
    shipping_address = Address(default=dict)
    shipping_method = UnicodeAttribute(default="")
    payment_method = UnicodeAttribute(default="")


class Cart(StoreModel):
    """A cart. ``cart_id`` is ``guest:<random>`` or ``customer:<sub>``."""

    class Meta:
        table = "carts"

    cart_id = UnicodeAttribute(hash_key=True)
    lines: ListOfMaps[Line] = ListOfMaps(of=Line, default=list)
    removed: ListOfMaps[RemovedLine] = ListOfMaps(of=RemovedLine, default=list)
    checkout = CheckoutDetails(default=dict)
    updated_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()
    version = VersionAttribute()

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def is_stored(self) -> bool:
        return self.version is not None

    @property
    def unit_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def entries(self) -> list[Line | RemovedLine]:
        """The lines with the removed ones where they were."""
        entries: list[Line | RemovedLine] = list(self.lines)
        for removed in sorted(self.removed, key=lambda removed: removed.position):
            entries.insert(removed.position, removed)
        return entries

    def find_line(self, sku: str) -> Line | None:
        return next((line for line in self.lines if line.sku == sku), None)

    def find_removed(self, sku: str) -> RemovedLine | None:
        return next((removed for removed in self.removed if removed.line.sku == sku), None)

    def name_of(self, sku: str) -> str:
        """What a sentence calls a line that is in the cart or was just removed."""
        removed = self.find_removed(sku)
        line = self.find_line(sku) or (removed.line if removed else None)
        return line.name if line is not None else "The item"

    def append_line(self, line: Line) -> None:
        """Put a new SKU at the end; a removed line of that SKU is past undoing."""
        self._set_entries(entry for entry in [*self.entries, line] if _sku(entry) != line.sku or entry is line)

    def remove_line(self, sku: str, *, now: datetime) -> None:
        """Take a line out, to be put back for a while; the latest few removals are remembered."""
        if self.find_line(sku) is None:
            return
        taken: list[Line | RemovedLine] = [
            RemovedLine(line=entry, removed_at=now) if isinstance(entry, Line) and entry.sku == sku else entry
            for entry in self.entries
        ]
        latest = sorted(entry.removed_at for entry in taken if isinstance(entry, RemovedLine))[-_UNDO_LIMIT:]
        oldest = max(latest[0], now - UNDO_LIFETIME)
        self._set_entries(entry for entry in taken if isinstance(entry, Line) or entry.removed_at >= oldest)

    def restore_line(self, sku: str) -> None:
        """Put a removed line back where it was, with its quantity."""
        self._set_entries(
            entry.line if isinstance(entry, RemovedLine) and _sku(entry) == sku else entry for entry in self.entries
        )

    def empty(self) -> None:
        """Take everything out, as an order does; the checkout's details stay for the next one."""
        self.lines = []
        self.removed = []

    def touch(self, now: datetime) -> None:
        """Note a change, which gives the cart its full lifetime again."""
        self.updated_at = now
        self.expires_at = now + timedelta(days=settings.CART_LIFETIME_DAYS)

    def _set_entries(self, entries: Iterable[Line | RemovedLine]) -> None:
        self.lines, self.removed = [], []
        for position, entry in enumerate(entries):
            if isinstance(entry, RemovedLine):
                entry.position = position
                self.removed.append(entry)
            else:
                self.lines.append(entry)


def _sku(entry: Line | RemovedLine) -> str:
    return str(entry.line.sku if isinstance(entry, RemovedLine) else entry.sku)
