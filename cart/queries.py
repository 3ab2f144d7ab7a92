"""What is asked of DynamoDB about carts; docs/access-patterns.md has the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from cart import pricing
from cart.models import MAX_LINES, Cart, Line
from cart.pricing import PricedLine, Problem, TooManyLines, Totals
from catalog.models import Product, Stock
from cloudcart.dynamo import BatchGot, StoreModel, batch_get


@dataclass(frozen=True)
class CartOverview:
    """A cart with the catalog's present word on it.

    ``totals`` has no shipping yet and counts only lines that can be bought as they are. An absent
    cart reads as an empty one that is not stored.
    """

    cart: Cart
    lines: tuple[PricedLine, ...]
    totals: Totals

    @property
    def too_many_lines(self) -> TooManyLines | None:
        count = len(self.lines)
        return TooManyLines(count, MAX_LINES) if count > MAX_LINES else None

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, the whole cart's problem first."""
        own: list[Problem] = [self.too_many_lines] if self.too_many_lines else []
        return own + [problem for line in self.lines for problem in line.problems]

    @property
    def can_check_out(self) -> bool:
        """Whether all of it can be bought: an order never leaves out a line that the shopper sees."""
        return bool(self.lines) and not any(problem.blocks_checkout for problem in self.problems)

    @property
    def checkout_obstacle(self) -> str:
        """Why it cannot be bought, in a sentence; empty if it can."""
        if self.can_check_out:
            return ""
        if not self.lines:
            return "Your cart is empty."
        if self.too_many_lines:
            return str(self.too_many_lines)
        return "Before you check out, please change or remove the items that are marked."


def find_cart(cart_id: str, *, now: datetime | None = None) -> Cart | None:
    """Give a cart or None, by its key, consistently; an expired one counts as absent.

    DynamoDB deletes expired items days late.
    """
    cart = find_stored_cart(cart_id)
    return cart if cart is not None and cart.expires_at > (now or timezone.now()) else None


def find_stored_cart(cart_id: str) -> Cart | None:
    """Give a cart even if it has expired, for those who write: its version is still in the way."""
    return Cart.find(cart_id, consistent=True)


def get_overview(cart_id: str | None, *, now: datetime | None = None) -> CartOverview:
    """Read a cart with its products and stock: one GetItem and one BatchGetItem, nothing for None.

    A cart of more than 50 lines (merged at sign-in) may need a second batch of 100 keys.
    """
    cart = find_cart(cart_id, now=now) if cart_id is not None else None
    return price_cart(cart if cart is not None else Cart(cart_id or ""))


def keys_of(lines: Iterable[tuple[str, str]]) -> dict[type[StoreModel], list[str]]:
    """Give what `price_cart` needs to know of lines, each a product's id and a SKU."""
    pairs = list(lines)
    return {Product: [product_id for product_id, _ in pairs], Stock: [sku for _, sku in pairs]}


def price_cart(cart: Cart, *, at_hand: BatchGot | None = None) -> CartOverview:
    """Put a cart that is at hand beside the catalog: one BatchGetItem, none if it is empty.

    :param at_hand: what was read already; if all lines are in it, nothing is read.
    """
    lines = _price_lines(cart.lines, at_hand) if cart.lines else ()
    totals = pricing.total_up(
        [(line.unit_amount, line.quantity) for line in lines if line.is_buyable],
        shipping_total=0,
        tax_rate_basis_points=settings.TAX_RATE_BASIS_POINTS,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        currency=settings.CURRENCY,
    )
    return CartOverview(cart, lines, totals)


def _price_lines(lines: Sequence[Line], at_hand: BatchGot | None) -> tuple[PricedLine, ...]:
    wanted = keys_of((line.product_id, line.sku) for line in lines)
    got = at_hand if at_hand is not None and at_hand.has_asked_for(wanted) else batch_get(wanted)
    priced = []
    for line in lines:
        stock = got.find(Stock, line.sku)
        available = stock.available if stock else 0
        product = got.find(Product, line.product_id)
        priced.append(pricing.price_line(line, product, available=available, currency=settings.CURRENCY))
    return tuple(priced)
