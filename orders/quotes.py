"""What an order would cost and contain if it were placed now."""

from dataclasses import dataclass

from django.conf import settings

from cart import pricing, queries
from cart.models import Cart
from cart.pricing import Totals
from cart.queries import CartOverview
from cloudcart.dynamo import BatchGot
from orders import shipping
from orders.shipping import ShippingMethod


@dataclass(frozen=True)
class Quote:
    """A priced cart with its shipping; until one was chosen, the first way to ship is assumed."""

    overview: CartOverview
    shipping_method: ShippingMethod
    totals: Totals

    @property
    def cart(self) -> Cart:
        return self.overview.cart

    @property
    def prices_include_tax(self) -> bool:
        return settings.PRICES_INCLUDE_TAX

    @property
    def is_orderable(self) -> bool:
        return self.overview.can_check_out


def quote_cart(cart: Cart, *, at_hand: BatchGot | None = None) -> Quote:
    """Price a cart that is at hand, by today's catalog: one BatchGetItem, unless its products are at hand, too."""
    return quote_overview(queries.price_cart(cart, at_hand=at_hand))


def quote_overview(overview: CartOverview) -> Quote:
    """Add shipping to an overview. Every line that is still sold counts, in its whole quantity."""
    method = shipping.find_method(overview.cart.checkout.shipping_method) or shipping.list_methods()[0]
    totals = pricing.total_up(
        [(line.unit_amount, line.quantity) for line in overview.lines if not line.is_gone],
        shipping_total=method.unit_amount,
        tax_rate_basis_points=settings.TAX_RATE_BASIS_POINTS,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        currency=settings.CURRENCY,
    )
    return Quote(overview, method, totals)
