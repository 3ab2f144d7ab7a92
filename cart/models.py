"""What a shopper means to buy, as it is stored."""

from pynamodb.attributes import (
    ListAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)

from cloudcart.addresses import Address
from cloudcart.dynamo import IntegerAttribute, StoredMap, StoreModel

MAX_QUANTITY = 20
MAX_LINES = 50


class Line(StoredMap):
    """One line item. ``unit_amount`` is the price the shopper last saw, to tell of a change."""

    sku = UnicodeAttribute()
    product_id = UnicodeAttribute()
    quantity = IntegerAttribute()
    unit_amount = IntegerAttribute()
    # Kept for the day the product is gone and the cart has to name it.
    title = UnicodeAttribute(default="")


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
    lines: ListAttribute[Line] = ListAttribute(of=Line, default=list)
    checkout = CheckoutDetails(default=dict)
    updated_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()
    version = VersionAttribute()

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def unit_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    def find_line(self, sku: str) -> Line | None:
        return next((line for line in self.lines if line.sku == sku), None)
