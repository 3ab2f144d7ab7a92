"""What the catalog sells under a SKU."""

from dataclasses import dataclass
from typing import Any

from cart.models import Line
from catalog.models import Product, Stock, Variant
from cloudcart.errors import StorefrontError


class UnknownSku(StorefrontError):
    """No product has, or had, this SKU."""

    code = "unknown-sku"

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__("We do not know this item. It may have been taken out of the shop.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku}


class NoLongerSold(StorefrontError):
    """The product of this SKU is a draft, is archived, or has lost this variant."""

    code = "no-longer-sold"

    def __init__(self, sku: str, *, title: str) -> None:
        self.sku = sku
        super().__init__(f"{title} is no longer sold.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku}


@dataclass(frozen=True)
class Offer:
    """A variant that is on sale, with the units that are left."""

    product: Product
    variant: Variant
    available: int

    def as_line(self, quantity: int) -> Line:
        return Line(
            sku=self.variant.sku,
            product_id=self.product.product_id,
            quantity=quantity,
            unit_amount=self.variant.unit_amount,
            title=self.product.title,
            variant_title=self.variant.title,
        )


def get_offer(sku: str) -> Offer:
    """Find what is sold under a SKU, by the stock item that guards it: two GetItems.

    :raises UnknownSku: if no product has the SKU.
    :raises NoLongerSold: if its product cannot be bought (any more).
    """
    stock = _find_stock(sku)
    if stock is None:
        raise UnknownSku(sku)
    try:
        product = Product.get(stock.product_id)
    except Product.DoesNotExist as error:
        raise UnknownSku(sku) from error
    variant = product.find_variant(sku)
    if variant is None or not product.is_active:
        raise NoLongerSold(sku, title=product.title)
    return Offer(product, variant, stock.available)


def count_available(sku: str) -> int:
    """Count the units that can be sold; an unknown SKU has none."""
    stock = _find_stock(sku)
    return stock.available if stock else 0


def _find_stock(sku: str) -> Stock | None:
    try:
        return Stock.get(sku, consistent_read=True)
    except Stock.DoesNotExist:
        return None
