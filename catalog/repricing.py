"""New prices for many products at once: by percent or by an amount. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from catalog.models import Product, Variant

PERCENT = "percent"
AMOUNT = "amount"


@dataclass(frozen=True)
class PriceChange:
    """By how much every variant's price changes.

    :param value: percent (-10 makes everything a tenth cheaper), or minor units to add.
    :param keeps_regular: a lower price is shown as a reduction of the one before.
    """

    kind: str
    value: Decimal
    keeps_regular: bool = False

    def new_amount(self, amount: int) -> int:
        """Give the new price in minor units, rounded half up, never below zero."""
        changed = amount * (1 + self.value / 100) if self.kind == PERCENT else amount + self.value
        return max(0, int(Decimal(changed).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


@dataclass(frozen=True)
class NewPrice:
    """One line of the preview."""

    product: Product
    variant: Variant
    unit_amount: int
    compare_at_amount: int | None

    @property
    def is_changed(self) -> bool:
        return self.unit_amount != self.variant.unit_amount


def preview(products: Sequence[Product], change: PriceChange) -> Iterator[NewPrice]:
    """Give the price that each variant would have."""
    for product in products:
        for variant in product.variants:
            amount = change.new_amount(variant.unit_amount)
            regular = variant.compare_at_amount
            if change.keeps_regular and amount < variant.unit_amount:
                regular = regular or variant.unit_amount
            # A regular price that is not above the price is none.
            yield NewPrice(product, variant, amount, regular if regular and regular > amount else None)


def apply(product: Product, change: PriceChange) -> bool:
    """Set the new prices on the product; True if any differs."""
    changed = [price for price in preview([product], change) if price.is_changed]
    for price in changed:
        price.variant.unit_amount = price.unit_amount
        price.variant.compare_at_amount = price.compare_at_amount
    return bool(changed)
