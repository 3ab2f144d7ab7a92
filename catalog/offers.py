"""What a product page offers for the variant in its address: options, stock in words, pictures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.models import Image, Product, Variant

# What one line of a cart may hold: the page offers no more, and the cart takes no more.
MAX_QUANTITY = 20


@dataclass(frozen=True)
class Choice:
    """One value of an option; sold out if the variant that it leads to is."""

    value: str
    is_chosen: bool
    is_sold_out: bool


@dataclass(frozen=True)
class OptionGroup:
    """An option with its choices; ``field`` is its name in the form."""

    name: str
    field: str
    value: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Offer:
    """A product seen through one of its variants; ``available`` is units by SKU."""

    product: Product
    variant: Variant
    available: Mapping[str, int]
    low_below: int

    @property
    def units(self) -> int:
        return self.available.get(self.variant.sku, 0)

    @property
    def is_sold_out(self) -> bool:
        return self.units == 0

    @property
    def is_low(self) -> bool:
        return 0 < self.units <= self.low_below

    @property
    def max_quantity(self) -> int:
        return min(self.units, MAX_QUANTITY)

    @property
    def stock_sentence(self) -> str:
        if self.is_low:
            return f"Only {self.units} left"
        if not self.is_sold_out:
            return "In stock"
        is_any_left = any(self.available.get(variant.sku, 0) for variant in self.product.variants)
        return f"{self.variant.title} is sold out. Other choices are in stock." if is_any_left else "Sold out"

    @property
    def image(self) -> Image | None:
        first = self.product.images[0] if self.product.images else None
        return self.product.find_image(self.variant.image_key) or first

    @property
    def has_own_images(self) -> bool:
        """Whether another variant may show another picture."""
        return any(variant.image_key for variant in self.product.variants)

    @property
    def groups(self) -> list[OptionGroup]:
        return [
            OptionGroup(
                name=option.name,
                field=option_field(index),
                value=self.variant.values[index],
                choices=[self._choice(index, value) for value in option.values],
            )
            for index, option in enumerate(self.product.options)
        ]

    def _choice(self, index: int, value: str) -> Choice:
        target = nearest_variant(self.product, self.variant, index=index, value=value)
        is_sold_out = target is None or not self.available.get(target.sku, 0)
        return Choice(value=value, is_chosen=self.variant.values[index] == value, is_sold_out=is_sold_out)


def option_field(index: int) -> str:
    """The name of an option's radio buttons; its own name might be anything."""
    return f"option-{index}"


def make_offer(product: Product, available: Mapping[str, int], *, sku: str | None, low_below: int) -> Offer:
    """Offer the variant that was asked for, or else the first that can be bought."""
    in_stock = (variant for variant in product.variants if available.get(variant.sku, 0))
    variant = product.find_variant(sku or "") or next(in_stock, product.variants[0])
    return Offer(product=product, variant=variant, available=available, low_below=low_below)


def is_choice(product: Product, fields: Mapping[str, str]) -> bool:
    """Whether the form of the options was sent."""
    return any(option_field(index) in fields for index in range(len(product.options)))


def chosen_variant(product: Product, *, current_sku: str | None, fields: Mapping[str, str]) -> Variant:
    """The variant that a shopper means who changed one option and sent the form.

    :param fields: values by `option_field`; of several changes the first counts, for what the form
        showed is one variant.
    """
    current = product.find_variant(current_sku or "") or product.variants[0]
    for index, _ in enumerate(product.options):
        value = fields.get(option_field(index), current.values[index])
        if value != current.values[index]:
            exact = find_variant_with(product, chosen_values(product, current, fields))
            return exact or nearest_variant(product, current, index=index, value=value) or current
    return current


def nearest_variant(product: Product, current: Variant, *, index: int, value: str) -> Variant | None:
    """The variant with this value that shares most other values with the current one."""
    having = [variant for variant in product.variants if variant.values[index] == value]
    return max(having, key=lambda variant: _shared_values(variant, current), default=None)


def chosen_values(product: Product, current: Variant, fields: Mapping[str, str]) -> list[str]:
    """The values that a form names, by `option_field`; what it leaves out is as in the current variant."""
    return [fields.get(option_field(index), current.values[index]) for index in range(len(product.options))]


def find_variant_with(product: Product, values: Sequence[str]) -> Variant | None:
    """Give the variant with exactly these values, in the order of the options."""
    return next((variant for variant in product.variants if list(variant.values) == list(values)), None)


def _shared_values(variant: Variant, other: Variant) -> int:
    return sum(own == theirs for own, theirs in zip(variant.values, other.values, strict=True))
