"""What the lines of a cart cost and what is wrong with them. Pure: no storage, no clock.

Amounts are whole minor units. Tax is computed once, on the sum of an order, and rounded half up to a
minor unit. EU law leaves the way of rounding to the member states (CJEU C-484/06, Koninklijke Ahold);
once per document loses less than once per line. Shipping is taxed like the goods, because what is
ancillary to a sale shares its tax treatment (CJEU C-349/96, Card Protection Plan).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cart.models import Line
from catalog.models import Image, Product, Variant
from cloudcart.money import format_amount

_WHOLE_IN_BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Problem:
    """Something about a line or a cart that the shopper should know; ``str`` is one sentence."""

    code: ClassVar[str]
    blocks_checkout: ClassVar[bool] = True


@dataclass(frozen=True)
class Gone(Problem):
    """The product or this variant of it is no longer sold."""

    code = "gone"

    def __str__(self) -> str:
        return "This is no longer sold."


@dataclass(frozen=True)
class SoldOut(Problem):
    """Nothing is left of it."""

    code = "sold-out"

    def __str__(self) -> str:
        return "This is sold out."


@dataclass(frozen=True)
class OnlyLeft(Problem):
    """Fewer units are left than the line asks for."""

    available: int
    code = "only-left"

    def __str__(self) -> str:
        return f"Only {self.available} {'is' if self.available == 1 else 'are'} left."


@dataclass(frozen=True)
class PriceChanged(Problem):
    """The price is not the one the shopper saw; amounts are minor units of the currency."""

    old: int
    new: int
    currency: str
    code = "price-changed"
    blocks_checkout = False

    def __str__(self) -> str:
        old, new = format_amount(self.old, self.currency), format_amount(self.new, self.currency)
        return f"Price changed from {old} to {new}."


@dataclass(frozen=True)
class TooManyLines(Problem):
    """A merged cart holds more different items than one order takes."""

    count: int
    limit: int
    code = "too-many-lines"

    def __str__(self) -> str:
        return (
            f"Your cart has {self.count} different items, and one order takes {self.limit}. "
            f"Please remove {self.count - self.limit} of them."
        )


@dataclass(frozen=True)
class PricedLine:
    """A line with what the catalog says of it now.

    ``available`` is the number of units that can be sold; amounts are minor units of ``currency``.
    A line whose product is gone keeps the name and the price that the shopper saw.
    """

    line: Line
    product: Product | None
    variant: Variant | None
    available: int
    currency: str

    @property
    def sku(self) -> str:
        return str(self.line.sku)

    @property
    def title(self) -> str:
        return self.product.title if self.product else str(self.line.title) or self.sku

    @property
    def variant_title(self) -> str:
        return self.variant.title if self.variant else str(self.line.variant_title)

    @property
    def slug(self) -> str:
        return self.product.slug if self.product else ""

    @property
    def image(self) -> Image | None:
        if self.product is None or not self.product.images:
            return None
        own = self.product.find_image(self.variant.image_key) if self.variant else None
        return own or self.product.images[0]

    @property
    def quantity(self) -> int:
        return int(self.line.quantity)

    @property
    def unit_amount(self) -> int:
        return self.variant.unit_amount if self.variant else self.seen_unit_amount

    @property
    def seen_unit_amount(self) -> int:
        return int(self.line.unit_amount)

    @property
    def compare_at_amount(self) -> int | None:
        return self.variant.compare_at_amount if self.variant and self.variant.is_on_sale else None

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity

    @property
    def is_gone(self) -> bool:
        return self.variant is None

    @property
    def problems(self) -> list[Problem]:
        if self.is_gone:
            return [Gone()]
        return [problem for problem in (self.stock_problem, self.price_change) if problem is not None]

    @property
    def stock_problem(self) -> SoldOut | OnlyLeft | None:
        if self.available <= 0:
            return SoldOut()
        return OnlyLeft(self.available) if self.available < self.quantity else None

    @property
    def price_change(self) -> PriceChanged | None:
        if self.unit_amount == self.seen_unit_amount:
            return None
        return PriceChanged(self.seen_unit_amount, self.unit_amount, self.currency)

    @property
    def is_buyable(self) -> bool:
        """Whether the line can be bought just as it is, in its whole quantity."""
        return not any(problem.blocks_checkout for problem in self.problems)


@dataclass(frozen=True)
class Totals:
    """Sums in minor units of ``currency``; ``total`` is what is paid, ``tax_total`` is part of it."""

    subtotal: int
    shipping_total: int
    tax_total: int
    total: int
    currency: str


def price_line(line: Line, product: Product | None, *, available: int, currency: str) -> PricedLine:
    """Put a line beside its product; one that is not on sale any more counts as gone."""
    sold = product if product is not None and product.is_active else None
    variant = sold.find_variant(line.sku) if sold else None
    return PricedLine(line, sold if variant else None, variant, available, currency)


def total_up(
    lines: Sequence[tuple[int, int]],
    *,
    shipping_total: int,
    tax_rate_basis_points: int,
    prices_include_tax: bool,
    currency: str,
) -> Totals:
    """Add up (unit amount, quantity) pairs; the module's docstring has the rules and their sources.

    Tax-inclusive prices have their tax extracted (rate / (1 + rate) of the sum) and the total is
    what the price tags say; otherwise it is added on top. 1900 basis points are 19 %.
    """
    subtotal = sum(unit_amount * quantity for unit_amount, quantity in lines)
    sum_of_prices = subtotal + shipping_total
    if prices_include_tax:
        base = _WHOLE_IN_BASIS_POINTS + tax_rate_basis_points
        tax_total = divide_half_up(sum_of_prices * tax_rate_basis_points, base)
        total = sum_of_prices
    else:
        tax_total = divide_half_up(sum_of_prices * tax_rate_basis_points, _WHOLE_IN_BASIS_POINTS)
        total = sum_of_prices + tax_total
    return Totals(subtotal, shipping_total, tax_total, total, currency)


def divide_half_up(dividend: int, divisor: int) -> int:
    """The nearest whole number to a quotient of non-negative numbers; a half goes up."""
    return (2 * dividend + divisor) // (2 * divisor)
