"""The parts of an order: its lines, its story, and what was sent, paid back or is to come back."""

from datetime import datetime
from typing import cast

from pynamodb.attributes import Attribute, BooleanAttribute, UnicodeAttribute, UTCDateTimeAttribute

from catalog.models import Image
from cloudcart.dynamo import IntegerAttribute, StoredMap
from cloudcart.item_reading import ListOfMaps
from orders.carriers import find_carrier
from orders.status import RefundStatus, ReturnStatus


def maybe_text() -> Attribute[str | None]:
    return cast("Attribute[str | None]", UnicodeAttribute(null=True))


def maybe_time() -> Attribute[datetime | None]:
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

    @property
    def name(self) -> str:
        """What a sentence calls it: "Blue mug, Large"."""
        return ", ".join(part for part in (self.title, self.variant_title) if part)


class TimelineEntry(StoredMap):
    """Something that happened to the order, for people: ``event`` is a stable code like ``placed``."""

    at = UTCDateTimeAttribute()
    event = UnicodeAttribute()
    note = UnicodeAttribute(default="")


class Effect(StoredMap):
    """One consequence that is due once: ``name`` is ``confirmation_mail``, ``refund_mail:<refund_id>``, …

    ``done_at`` is set when it happened; ``claimed_until`` keeps two workers from doing it at once.
    """

    name = UnicodeAttribute()
    done_at = maybe_time()
    claimed_until = maybe_time()

    def can_be_claimed(self, now: datetime) -> bool:
        return self.done_at is None and (self.claimed_until is None or self.claimed_until <= now)


class LineQuantity(StoredMap):
    """Some units of one line: sent, paid back, or to be returned."""

    sku = UnicodeAttribute()
    quantity = IntegerAttribute()


class ShipmentLine(LineQuantity):
    """Units of a line that one parcel holds."""


class Shipment(StoredMap):
    """One parcel."""

    shipment_id = UnicodeAttribute()
    lines: ListOfMaps[ShipmentLine] = ListOfMaps(of=ShipmentLine, default=list)
    carrier = UnicodeAttribute(default="")
    tracking_number = UnicodeAttribute(default="")
    tracking_url = UnicodeAttribute(default="")
    shipped_at = UTCDateTimeAttribute()

    @property
    def carrier_name(self) -> str:
        carrier = find_carrier(self.carrier)
        return carrier.name if carrier else self.carrier


class RefundLine(LineQuantity):
    """Units of a line that a refund is about."""


class Refund(StoredMap):
    """Money on its way back; ``amount`` is minor units, ``lines`` what it is for, if it is for lines.

    ``provider_id`` is the payment provider's id of it, empty until the provider has it and for money that
    the merchant sends by hand. ``is_restocked``: its units can be sold again.
    """

    refund_id = UnicodeAttribute()
    amount = IntegerAttribute()
    reason = UnicodeAttribute(default="")
    status = UnicodeAttribute(default=RefundStatus.REQUESTED)
    is_restocked = BooleanAttribute(default=False)
    lines: ListOfMaps[RefundLine] = ListOfMaps(of=RefundLine, default=list)
    provider_id = UnicodeAttribute(default="")
    created_at = UTCDateTimeAttribute()

    @property
    def is_pending(self) -> bool:
        return self.status == RefundStatus.REQUESTED

    @property
    def is_settled(self) -> bool:
        """Whether its amount is not the shop's any more: it is with the buyer, or was never asked for."""
        return self.status in {RefundStatus.SUCCEEDED, RefundStatus.WAIVED}

    @property
    def is_free(self) -> bool:
        """Whether its units came back when nothing was left to pay for them: no money moves, only goods."""
        return not self.amount

    @property
    def is_waived(self) -> bool:
        return self.status == RefundStatus.WAIVED

    @property
    def has_succeeded(self) -> bool:
        return self.status == RefundStatus.SUCCEEDED

    @property
    def has_failed(self) -> bool:
        return self.status == RefundStatus.FAILED

    @property
    def status_label(self) -> str:
        return "Nothing left to pay back" if self.is_free else RefundStatus(self.status).label


class CreditNote(StoredMap):
    """The document of one refund."""

    number = UnicodeAttribute()
    refund_id = UnicodeAttribute()
    issued_at = UTCDateTimeAttribute()


class ReturnLine(LineQuantity):
    """Units of a line that the shopper wants to send back."""


class Return(StoredMap):
    """What a shopper asked to send back, and how far that is; ``refund_id`` is the refund that ended it."""

    return_id = UnicodeAttribute()
    lines: ListOfMaps[ReturnLine] = ListOfMaps(of=ReturnLine)
    reason = UnicodeAttribute()
    note = UnicodeAttribute(default="")
    status = UnicodeAttribute(default=ReturnStatus.REQUESTED)
    # What staff tells the shopper: where to send it, or why not.
    answer = UnicodeAttribute(default="")
    refund_id = UnicodeAttribute(default="")
    requested_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()

    @property
    def status_label(self) -> str:
        return ReturnStatus(self.status).label

    @property
    def is_open(self) -> bool:
        return ReturnStatus(self.status).is_open
