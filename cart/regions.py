"""What the region of the cart shows, on its page and in the drawer."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from cart.models import UNDO_LIFETIME, RemovedLine
from cart.pricing import PricedLine
from cart.queries import CartOverview
from catalog import delivery


@dataclass(frozen=True)
class Trouble:
    """What could not be done, in a sentence; ``entered`` is the quantity as it was typed.

    ``is_addition`` tells a refused "add 30 of these" from a refused "make it 30 of these".
    """

    sentence: str
    sku: str = ""
    entered: str | None = None
    is_addition: bool = False

    def is_about(self, sku: str) -> bool:
        return self.sku == sku and not self.can_be_corrected

    @property
    def can_be_corrected(self) -> bool:
        """Whether the shopper gets the quantity to add once more, to put it right."""
        return self.is_addition and bool(self.sku) and self.entered is not None


@dataclass(frozen=True)
class Row:
    """One line as it is shown, or one that was removed and can be put back."""

    line: PricedLine | None = None
    removed: RemovedLine | None = None
    trouble: Trouble | None = None

    @property
    def quantity(self) -> str:
        """What the stepper holds: what was typed, if it was refused."""
        if self.trouble and self.trouble.entered is not None:
            return self.trouble.entered
        return str(self.line.quantity) if self.line else ""

    @property
    def shows_unit_amount(self) -> bool:
        """The price of one says nothing new beside the price of one."""
        return self.line is not None and self.line.quantity > 1


@dataclass(frozen=True)
class Region:
    """Everything that the template ``cart-region`` needs."""

    overview: CartOverview
    rows: tuple[Row, ...]
    trouble: Trouble | None

    @property
    def shipping_from(self) -> int:
        """The cheapest shipping, in minor units: no surprise later."""
        return delivery.cheapest_amount()

    @property
    def prices_include_tax(self) -> bool:
        return settings.PRICES_INCLUDE_TAX


def build_region(overview: CartOverview, *, now: datetime, trouble: Trouble | None = None) -> Region:
    """Lay the lines out with the removed ones in their places.

    Trouble is told at the line that it is about, or on top if there is no such line.
    """
    priced = {line.sku: line for line in overview.lines}
    rows = []
    for entry in overview.cart.entries:
        if isinstance(entry, RemovedLine):
            if entry.removed_at > now - UNDO_LIFETIME:
                rows.append(Row(removed=entry))
        else:
            own = trouble if trouble and trouble.is_about(entry.sku) else None
            rows.append(Row(line=priced[entry.sku], trouble=own))
    is_told = any(row.trouble for row in rows)
    return Region(overview, tuple(rows), None if is_told else trouble)
