"""What was bought, as it is stored. An order is frozen: names and prices are the buyer's."""

from datetime import datetime
from typing import cast

from pynamodb.attributes import (
    Attribute,
    ListAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.constants import STREAM_NEW_AND_OLD_IMAGE
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from catalog.models import Image
from cloudcart.addresses import Address
from cloudcart.dynamo import IntegerAttribute, StoredMap, StoreModel
from orders.status import OrderStatus


def _maybe_text() -> Attribute[str | None]:
    return cast("Attribute[str | None]", UnicodeAttribute(null=True))


def _maybe_time() -> Attribute[datetime | None]:
    return cast("Attribute[datetime | None]", UTCDateTimeAttribute(null=True))


class OrderLine(StoredMap):
    """One line as it was sold; amounts are minor units of the order's currency."""

    sku = UnicodeAttribute()
    product_id = UnicodeAttribute()
    slug = UnicodeAttribute()
    title = UnicodeAttribute()
    variant_title = UnicodeAttribute(default="")
    quantity = IntegerAttribute()
    unit_amount = IntegerAttribute()
    image = Image(null=True)

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


class TimelineEntry(StoredMap):
    """Something that happened to the order, for people: ``event`` is a stable code like ``placed``."""

    at = UTCDateTimeAttribute()
    event = UnicodeAttribute()
    note = UnicodeAttribute(default="")


class Effect(StoredMap):
    """One consequence that is due once: ``name`` is ``confirmation_mail``, ``availability``, …

    ``done_at`` is set when it happened; ``claimed_until`` keeps two workers from doing it at once.
    """

    name = UnicodeAttribute()
    done_at = _maybe_time()
    claimed_until = _maybe_time()

    def can_be_claimed(self, now: datetime) -> bool:
        return self.done_at is None and (self.claimed_until is None or self.claimed_until <= now)


class OrdersByCustomer(GlobalSecondaryIndex["Order"]):
    """A customer's orders by time; a guest's have no customer and are not in it."""

    class Meta:
        index_name = "by_customer"
        projection = AllProjection()

    customer_id = UnicodeAttribute(hash_key=True)
    placed_at = UTCDateTimeAttribute(range_key=True)


class OrdersDue(GlobalSecondaryIndex["Order"]):
    """Sparse: only orders with something left to do have ``due``; the sweeper reads it by time."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UTCDateTimeAttribute(range_key=True)


class Order(StoreModel):
    """An order; amounts are minor units of ``currency``. The key is the number that people read."""

    class Meta:
        table = "orders"
        stream_view_type = STREAM_NEW_AND_OLD_IMAGE

    DUE = "effects"

    number = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    customer_id = _maybe_text()
    email = UnicodeAttribute()
    lines: ListAttribute[OrderLine] = ListAttribute(of=OrderLine)
    shipping_address = Address()
    shipping_method = UnicodeAttribute()
    shipping_method_name = UnicodeAttribute()
    payment_method = UnicodeAttribute()
    payment_method_name = UnicodeAttribute(default="")
    currency = UnicodeAttribute()
    subtotal = IntegerAttribute()
    shipping_total = IntegerAttribute()
    tax_total = IntegerAttribute()
    total = IntegerAttribute()
    placed_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    timeline: ListAttribute[TimelineEntry] = ListAttribute(of=TimelineEntry, default=list)
    effects: ListAttribute[Effect] = ListAttribute(of=Effect, default=list)
    due = _maybe_text()
    due_at = _maybe_time()
    # How often the sweeper had to remind of the effects; it waits longer each time.
    reminders = IntegerAttribute(default=0)
    version = VersionAttribute()
    by_customer = OrdersByCustomer()
    due_index = OrdersDue()

    @property
    def status_label(self) -> str:
        return OrderStatus(self.status).label

    @property
    def is_pending(self) -> bool:
        return self.status == OrderStatus.PENDING

    @property
    def is_confirmed(self) -> bool:
        return self.status == OrderStatus.CONFIRMED

    @property
    def is_canceled(self) -> bool:
        return self.status == OrderStatus.CANCELED

    @property
    def prices_include_tax(self) -> bool:
        """Whether they did when it was placed, whatever the shop does now."""
        return self.total == self.subtotal + self.shipping_total

    @property
    def unit_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def pending_effects(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.done_at is None]

    def find_effect(self, name: str) -> Effect | None:
        return next((effect for effect in self.effects if effect.name == name), None)

    def find_event(self, event: str) -> TimelineEntry | None:
        return next((entry for entry in self.timeline if entry.event == event), None)


class Idempotency(StoreModel):
    """What must happen once and did: the key of one attempt to place an order, and its order."""

    class Meta:
        table = "idempotency"

    key = UnicodeAttribute(hash_key=True)
    order_number = UnicodeAttribute()
    expires_at = TTLAttribute()
