"""Many shoppers, few units: exactly as many orders as there are units, and no trace of the others."""

from collections import Counter
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


def test_mixed_carts_never_take_more_than_there_is() -> None:
    products = [make_product(stock=15) for _ in range(4)]
    skus = [product.variants[0].sku for product in products]
    # Each wants three of the four, in a different order: transactions that meet on several items at once.
    carts = [make_cart(*[make_line(products[(buyer + i) % 4], 1 + buyer % 2) for i in range(3)]) for buyer in range(40)]
    submissions = [Submission.of(cart) for cart in carts]

    def buy(submission: Submission) -> Order | None:
        try:
            return submission.place()
        except InsufficientStock:
            return None

    with ThreadPoolExecutor(20) as pool:
        orders = [order for order in pool.map(buy, submissions) if order]

    sold = Counter(dict.fromkeys(skus, 0))
    for order in orders:
        sold.update({line.sku: line.quantity for line in order.lines})
    stocks = {sku: Stock.get(sku) for sku in skus}
    assert 5 <= len(orders) < 40
    assert {sku: stock.reserved for sku, stock in stocks.items()} == dict(sold)
    assert {stock.available + stock.reserved for stock in stocks.values()} == {15}
    assert min(stock.available for stock in stocks.values()) >= 0
    assert Order.count() == len(orders) == Idempotency.count()
