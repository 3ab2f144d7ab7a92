"""Many shoppers, few units: exactly as many orders as there are units, and no trace of the others."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cart.models import Cart
from catalog.models import Stock
from orders.checkout import InsufficientStock
from orders.models import Idempotency, Order
from tests.factories import make_product
from tests.orders.carts import Submission, make_cart, make_line

BUYERS, UNITS = 50, 10


@pytest.mark.parametrize("round_number", range(10))
def test_fifty_buyers_of_ten_units_make_ten_orders(round_number: int) -> None:
    product = make_product(title="Last mug", stock=UNITS)
    carts = [make_cart(make_line(product)) for _ in range(BUYERS)]
    submissions = [Submission.of(cart) for cart in carts]
    start = Barrier(BUYERS)

    def buy(submission: Submission) -> Order | InsufficientStock:
        start.wait()
        try:
            return submission.place()
        except InsufficientStock as error:
            return error

    with ThreadPoolExecutor(BUYERS) as pool:
        outcomes = list(pool.map(buy, submissions))

    orders = [outcome for outcome in outcomes if isinstance(outcome, Order)]
    losers = [cart for cart, outcome in zip(carts, outcomes, strict=True) if not isinstance(outcome, Order)]
    assert len(orders) == UNITS
    assert {order.number for order in Order.scan()} == {order.number for order in orders}
    assert {item.order_number for item in Idempotency.scan()} == {order.number for order in orders}
    stock = Stock.get(product.variants[0].sku)
    assert (stock.available, stock.reserved) == (0, UNITS)
    stored = {cart.cart_id: cart.serialize() for cart in Cart.scan()}
    assert len(losers) == BUYERS - UNITS
    assert all(stored[cart.cart_id] == cart.serialize() for cart in losers)
