"""What becomes of two carts when a guest signs in. Pure: carts in memory, the stock as a mapping."""

from collections.abc import Mapping
from dataclasses import dataclass

from cart.models import MAX_MERGED_LINES, Cart, CheckoutDetails, Line
from catalog.offers import MAX_QUANTITY


@dataclass(frozen=True)
class Cap:
    """Units of one line that could not be kept; ``available`` is the stock."""

    sku: str
    name: str
    wanted: int
    kept: int
    available: int

    def __str__(self) -> str:
        if self.kept < MAX_QUANTITY:
            reason = f"only {self.available} {'is' if self.available == 1 else 'are'} left"
        else:
            reason = f"one order takes at most {MAX_QUANTITY}"
        return f"{self.name}: we kept {self.kept} of {self.wanted}, because {reason}."


@dataclass(frozen=True)
class LeftOut:
    """A line for which the customer's cart had no room."""

    sku: str
    name: str
    quantity: int

    def __str__(self) -> str:
        return f"{self.name}: we could not bring {self.quantity} over, because your cart is full."


@dataclass(frozen=True)
class MergeReport:
    """What a merge did: units that came, units that were waiting, and whatever was not kept."""

    cart: Cart
    units_brought: int = 0
    units_waiting: int = 0
    losses: tuple[Cap | LeftOut, ...] = ()

    @property
    def has_joined(self) -> bool:
        return self.units_brought > 0 and self.units_waiting > 0


def merge_into(cart: Cart, guest: Cart, *, available: Mapping[str, int]) -> MergeReport:
    """Put a guest's lines and checkout details into a customer's cart, in memory.

    Quantities of the same SKU are summed and capped at 20 and at what is left. A line that is sold
    out altogether keeps its quantity: there is nothing to cap it to, and the cart explains it. Lines
    that only the customer's cart has stay as they are. Every unit that is not kept is in the report.

    :param available: units that can be sold, by SKU; a SKU that is absent has none.
    """
    units_brought, units_waiting = guest.unit_count, cart.unit_count
    losses = [_merge_line(cart, line, available.get(line.sku, 0)) for line in guest.lines]
    _fill_gaps(cart.checkout, guest.checkout)
    return MergeReport(cart, units_brought, units_waiting, tuple(loss for loss in losses if loss is not None))


def _merge_line(cart: Cart, line: Line, available: int) -> Cap | LeftOut | None:
    own = cart.find_line(line.sku)
    if own is None:
        if len(cart.lines) >= MAX_MERGED_LINES:
            return LeftOut(line.sku, line.name, line.quantity)
        own = Line(**line.attribute_values)
        own.quantity = 0
        cart.append_line(own)
    wanted = own.quantity + line.quantity
    own.quantity = min(wanted, MAX_QUANTITY, available or MAX_QUANTITY)
    # The guest's price is the one that was seen last.
    own.unit_amount = line.unit_amount
    return Cap(line.sku, line.name, wanted, own.quantity, available) if own.quantity < wanted else None


def _fill_gaps(own: CheckoutDetails, other: CheckoutDetails) -> None:
    own.email = own.email or other.email
    own.shipping_method = own.shipping_method or other.shipping_method
    own.payment_method = own.payment_method or other.payment_method
    # An address is taken whole or not at all: half of one and half of another is a third place.
    if not own.shipping_address.line1:
        own.shipping_address = other.shipping_address
