"""What was bought, as it is stored. An order is frozen: names and prices are the buyer's."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from pynamodb.attributes import (
    BooleanAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.constants import STREAM_NEW_AND_OLD_IMAGE
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from cloudcart.addresses import Address
from cloudcart.dynamo import IntegerAttribute, StoreModel, list_of_texts
from cloudcart.item_reading import ListOfMaps
from orders.effect_names import GRACE
from orders.parts import (
    CreditNote,
    Effect,
    LineQuantity,
    OrderLine,
    Refund,
    RefundLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    TimelineEntry,
    maybe_text,
    maybe_time,
)
from orders.status import SHIPPABLE, FulfillmentStatus, OrderStatus, PaymentStatus, StockState

__all__ = [
    "CreditNote",
    "Effect",
    "Idempotency",
    "Order",
    "OrderLine",
    "PaymentEvent",
    "Refund",
    "RefundLine",
    "Return",
    "ReturnLine",
    "Shipment",
    "ShipmentLine",
    "TimelineEntry",
]


class OrdersByCustomer(GlobalSecondaryIndex["Order"]):
    """A customer's orders by time; a guest's have no customer and are not in it."""

    class Meta:
        index_name = "by_customer"
        projection = AllProjection()

    customer_id = UnicodeAttribute(hash_key=True)
    placed_at = UTCDateTimeAttribute(range_key=True)


# What the staff's lists show of an order.
_LISTED = (
    *("kind", "status", "email_key", "placed_at", "email", "buyer_name", "customer_id"),
    *("payment_status", "fulfillment_status", "currency", "total"),
)


def _listed_except(*keys: str) -> IncludeProjection:
    return IncludeProjection([name for name in _LISTED if name not in keys])


class OrdersByPlaced(GlobalSecondaryIndex["Order"]):
    """All orders by time, for the staff."""

    class Meta:
        index_name = "by_placed"
        projection = _listed_except("kind", "placed_at")

    kind = UnicodeAttribute(hash_key=True)
    placed_at = UTCDateTimeAttribute(range_key=True)


class OrdersByStatus(GlobalSecondaryIndex["Order"]):
    """Orders of one status by time, for the staff."""

    class Meta:
        index_name = "by_status"
        projection = _listed_except("status", "placed_at")

    status = UnicodeAttribute(hash_key=True)
    placed_at = UTCDateTimeAttribute(range_key=True)


class OrdersByEmail(GlobalSecondaryIndex["Order"]):
    """Orders of one e-mail address by time, guests' as well, for the staff."""

    class Meta:
        index_name = "by_email"
        projection = _listed_except("email_key", "placed_at")

    email_key = UnicodeAttribute(hash_key=True)
    placed_at = UTCDateTimeAttribute(range_key=True)


class OrdersDue(GlobalSecondaryIndex["Order"]):
    """Sparse: only orders with something left to do have ``due``; the sweeper reads it by time."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due = UnicodeAttribute(hash_key=True)
    due_at = UTCDateTimeAttribute(range_key=True)


class OrdersWatched(GlobalSecondaryIndex["Order"]):
    """Sparse: orders whose payment is not over have ``watch``; the payments' sweeper reads it by time."""

    class Meta:
        index_name = "watch"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    watch_at = UTCDateTimeAttribute(range_key=True)


class Order(StoreModel):
    """An order; amounts are minor units of ``currency``. The key is the number that people read."""

    class Meta:
        table = "orders"
        stream_view_type = STREAM_NEW_AND_OLD_IMAGE

    DUE = "effects"
    WATCH = "payment"

    number = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    customer_id = maybe_text()
    email = UnicodeAttribute()
    lines: ListOfMaps[OrderLine] = ListOfMaps(of=OrderLine)
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
    timeline: ListOfMaps[TimelineEntry] = ListOfMaps(of=TimelineEntry, default=list)
    effects: ListOfMaps[Effect] = ListOfMaps(of=Effect, default=list)
    due = maybe_text()
    due_at = maybe_time()
    # How often the sweeper had to remind of the effects; it waits longer each time.
    reminders = IntegerAttribute(default=0)
    tax_rate_basis_points = IntegerAttribute(default=0)

    payment_status = UnicodeAttribute(default=PaymentStatus.DUE)
    # Attempts count the pages to pay on; each is one Checkout Session of the provider's.
    payment_attempt = IntegerAttribute(default=0)
    payment_session_id = maybe_text()
    former_session_ids = list_of_texts()
    # Pages that are not its own, and where a delayed payment is under way.
    delayed_session_ids = list_of_texts()
    payment_intent_id = maybe_text()
    # Until when the page to pay on is open, and the stock reserved for whoever pays there.
    hold_until = maybe_time()
    watch = maybe_text()
    watch_at = maybe_time()
    paid_amount = IntegerAttribute(default=0)
    # The payment provider's sum, where there is one, and never ours.
    refunded_amount = IntegerAttribute(default=0)
    refunds: ListOfMaps[Refund] = ListOfMaps(of=Refund, default=list)
    stock_state = UnicodeAttribute(default=StockState.RESERVED)
    is_disputed = BooleanAttribute(default=False)

    invoice_number = maybe_text()
    invoiced_at = maybe_time()
    credit_notes: ListOfMaps[CreditNote] = ListOfMaps(of=CreditNote, default=list)

    fulfillment_status = UnicodeAttribute(default=FulfillmentStatus.UNFULFILLED)
    shipments: ListOfMaps[Shipment] = ListOfMaps(of=Shipment, default=list)
    returns: ListOfMaps[Return] = ListOfMaps(of=Return, default=list)

    # For the staff's lists: the same in every order, and what is shown and searched.
    kind = UnicodeAttribute(default="order")
    email_key = maybe_text()
    buyer_name = maybe_text()

    version = VersionAttribute()
    by_customer = OrdersByCustomer()
    by_placed = OrdersByPlaced()
    by_status = OrdersByStatus()
    by_email = OrdersByEmail()
    due_index = OrdersDue()
    watch_index = OrdersWatched()

    @property
    def status_label(self) -> str:
        """What a person reads; an order that is to be paid first waits for that and not for the shop."""
        if self.is_pending and self.payment_status != PaymentStatus.DUE:
            return self.payment_label
        return OrderStatus(self.status).label

    @property
    def fulfillment_label(self) -> str:
        return FulfillmentStatus(self.fulfillment_status).label

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
    def is_payable(self) -> bool:
        """Whether its buyer can be led to a page to pay on."""
        return self.is_pending and self.payment_status in {PaymentStatus.NEW, PaymentStatus.AWAITING}

    @property
    def is_shipped(self) -> bool:
        return self.fulfillment_status == FulfillmentStatus.SHIPPED

    @property
    def is_unsettled(self) -> bool:
        """Whether its page may say something else in a while without the shopper's doing anything."""
        return self.is_pending or self.pending_refund_amount > 0

    @property
    def payment_label(self) -> str:
        return PaymentStatus(self.payment_status).label

    @property
    def prices_include_tax(self) -> bool:
        """Whether they did when it was placed, whatever the shop does now."""
        return self.total == self.subtotal + self.shipping_total

    @property
    def unit_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def has_invoice(self) -> bool:
        """Whether there is an invoice, or will be as soon as the worker comes to it."""
        return self.invoice_number is not None or self.find_effect("invoice") is not None

    @property
    def pending_effects(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.done_at is None]

    @property
    def can_ship(self) -> bool:
        """Whether its goods may leave: taken on, the money there or due on invoice, and not disputed."""
        return self.is_confirmed and self.payment_status in SHIPPABLE and not self.is_disputed

    @property
    def pending_refund_amount(self) -> int:
        """Minor units that were asked back and are not there yet."""
        return sum(refund.amount for refund in self.refunds if refund.is_pending)

    @property
    def shipped_quantities(self) -> Counter[str]:
        """Units sent, by SKU."""
        return _count(line for shipment in self.shipments for line in shipment.lines)

    @property
    def canceled_quantities(self) -> Counter[str]:
        """Units paid back (or on their way to be), by SKU."""
        return _count(line for refund in self.refunds if not refund.has_failed for line in refund.lines)

    @property
    def restocked_quantities(self) -> Counter[str]:
        """Units that a refund has put back on the shelf, by SKU."""
        refunds = [refund for refund in self.refunds if refund.is_restocked and refund.is_settled]
        return _count(line for refund in refunds for line in refund.lines)

    @property
    def returned_quantities(self) -> Counter[str]:
        """Units that came back and were paid back, by SKU."""
        return _count(line for each in self.returns if each.refund_id for line in each.lines)

    def shipped_quantity(self, sku: str) -> int:
        return self.shipped_quantities[sku]

    def canceled_quantity(self, sku: str) -> int:
        return self.canceled_quantities[sku]

    @property
    def returns_with_lines(self) -> list[tuple[Return, list[tuple[OrderLine | None, int]]]]:
        """Each return with the lines that it is about and their units, the newest first."""
        return [
            (each, [(self.find_line(line.sku), line.quantity) for line in each.lines]) for each in self.returns[::-1]
        ]

    def find_line(self, sku: str) -> OrderLine | None:
        return next((line for line in self.lines if line.sku == sku), None)

    def find_refund(self, refund_id: str) -> Refund | None:
        return next((refund for refund in self.refunds if refund.refund_id == refund_id), None)

    def find_shipment(self, shipment_id: str) -> Shipment | None:
        return next((each for each in self.shipments if each.shipment_id == shipment_id), None)

    def find_return(self, return_id: str) -> Return | None:
        return next((each for each in self.returns if each.return_id == return_id), None)

    def owe(self, *names: str, now: datetime) -> None:
        """Note what is to be done, each name once in the order's life, and when the sweeper asks after it."""
        missing = [name for name in names if self.find_effect(name) is None]
        if missing:
            self.effects += [Effect(name=name) for name in missing]
            self.due, self.due_at, self.reminders = self.DUE, now + GRACE, 0

    def note(self, event: str, *, now: datetime, note: str = "") -> None:
        """Add to the timeline."""
        self.updated_at = now
        self.timeline.append(TimelineEntry(at=now, event=event, note=note))

    def watch_until(self, at: datetime | None) -> None:
        """Have the payments' sweeper look after the order at this time, or not at all.

        As long as a payment is under way on another page than its own, it stays watched.
        """
        if at is None and self.delayed_session_ids:
            return
        self.watch, self.watch_at = (self.WATCH, at) if at is not None else (None, None)

    def find_effect(self, name: str) -> Effect | None:
        return next((effect for effect in self.effects if effect.name == name), None)

    def find_event(self, event: str) -> TimelineEntry | None:
        return next((entry for entry in self.timeline if entry.event == event), None)


def _count(lines: Iterable[LineQuantity]) -> Counter[str]:
    counted = Counter[str]()
    for line in lines:
        counted[line.sku] += line.quantity
    return counted


class Idempotency(StoreModel):
    """What must happen once and did: the key of one attempt to place an order, and its order."""

    class Meta:
        table = "idempotency"

    key = UnicodeAttribute(hash_key=True)
    order_number = UnicodeAttribute()
    expires_at = TTLAttribute()


class PaymentEvent(StoreModel):
    """A message of the payment provider that was acted on; it is kept for 60 days, so that it is acted on once."""

    class Meta:
        table = "payment-events"

    event_id = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute()
    order_number = UnicodeAttribute()
    received_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()
