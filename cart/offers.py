"""What the catalog sells under a SKU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cart.models import Line
from catalog.models import Product, Stock, Variant
from catalog.offers import chosen_values, find_variant_with, is_choice
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


class NotMade(StorefrontError):
    """A product's options were combined in a way in which it does not come."""

    code = "not-made"

    def __init__(self, sku: str, *, title: str, values: Sequence[str]) -> None:
        self.sku = sku
        super().__init__(f"{title} does not come in {' / '.join(values)}. Please choose another combination.")

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


def get_offer(sku: str, *, choice: Mapping[str, str] | None = None) -> Offer:
    """Find what is sold under a SKU, by the stock item that guards it: two GetItems.

    :param choice: values of the product's options by `catalog.offers.option_field`, as the form on the
        product page sends them. Without script they may name another variant than the SKU beside
        them, and they are what the shopper saw: then that variant is meant, at one GetItem more.
    :raises UnknownSku: if no product has the SKU.
    :raises NoLongerSold: if its product cannot be bought (any more).
    :raises NotMade: if no variant has the chosen values.
    """
    stock = Stock.find(sku, consistent=True)
    if stock is None:
        raise UnknownSku(sku)
    product = Product.find(stock.product_id)
    if product is None:
        raise UnknownSku(sku)
    variant = product.find_variant(sku)
    if variant is None or not product.is_active:
        raise NoLongerSold(sku, title=product.title)
    offer = Offer(product, variant, stock.available)
    return _chosen(offer, choice) if choice and is_choice(product, choice) else offer


def _chosen(offer: Offer, choice: Mapping[str, str]) -> Offer:
    values = chosen_values(offer.product, offer.variant, choice)
    variant = find_variant_with(offer.product, values)
    if variant is None:
        raise NotMade(offer.variant.sku, title=offer.product.title, values=values)
    if variant.sku == offer.variant.sku:
        return offer
    return Offer(offer.product, variant, count_available(variant.sku))


def count_available(sku: str) -> int:
    """Count the units that can be sold; an unknown SKU has none."""
    stock = Stock.find(sku, consistent=True)
    return stock.available if stock else 0
