from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from cart.models import MAX_LINES, Cart
from catalog import services
from catalog.models import Product, Status, Stock
from cloudcart.dynamo import CallLog
from cloudcart.publishing import PublishFailed
from orders import idempotency
from orders.checkout import (
    CartChanged,
    CartEmpty,
    CartTooLong,
    CheckoutIncomplete,
    InsufficientStock,
    PriceChanged,
)
from orders.models import Idempotency, Order
from tests.clock import NOW
from tests.factories import LONG_AGO, make_product
from tests.orders.carts import Submission, make_cart, make_line


def assert_nothing_was_written(cart: Cart) -> None:
    assert Order.count() == 0
    assert next(iter(Order.scan()), None) is None
    assert next(iter(Idempotency.scan()), None) is None
    assert Cart.get(cart.cart_id).serialize() == cart.serialize()
    assert [stock.reserved for stock in Stock.scan()] == [0] * Stock.count()


def test_an_order_is_frozen_reserves_its_stock_and_empties_the_cart() -> None:
    mug = make_product(title="Blue mug", price=3600, stock=10, images=1)
    shirt = make_product(title="Shirt", price=2000, options={"Size": ["S", "M"]}, stock=5)
    cart = make_cart(make_line(mug, 2), make_line(shirt, 1, shirt.variants[1]))
    published: list[str] = []

    order = Submission.of(cart).place(new_number=lambda: "LUSAB-MODIK-47", publish=published.append)

    assert published == ["LUSAB-MODIK-47"]
    assert order.serialize() == Order.get("LUSAB-MODIK-47").serialize()
    assert order.is_pending
    assert order.email == "ada@example.com"
    assert order.shipping_address.as_lines == ["Ada Lovelace", "Torstrasse 1", "10115 Berlin", "Germany"]
    assert [(line.title, line.variant_title, line.quantity, line.amount) for line in order.lines] == [
        ("Blue mug", "", 2, 7200),
        ("Shirt", "M", 1, 2000),
    ]
    assert order.lines[0].image.key == mug.images[0].key
    assert (order.subtotal, order.shipping_total, order.tax_total, order.total) == (9200, 490, 1547, 9690)
    assert (order.shipping_method_name, order.payment_method_name) == ("Standard delivery", "Pay on invoice")
    assert [effect.name for effect in order.effects] == ["confirmation_mail", "availability"]
    assert [(entry.event, entry.at) for entry in order.timeline] == [("placed", NOW)]
    stock = Stock.get(mug.variants[0].sku)
    assert (stock.available, stock.reserved) == (8, 2)
    emptied = Cart.get(cart.cart_id)
    assert emptied.is_empty
    assert emptied.checkout.email == "ada@example.com"


@pytest.mark.parametrize("method", ["card", "invoice"])
def test_placing_takes_one_read_one_transaction_and_one_message(
    method: str,
    dynamodb_calls: Callable[[], AbstractContextManager[CallLog]],
    task_queue: Callable[[], int],
    settings: Any,
) -> None:
    from orders.publishing import publish_order

    settings.STRIPE_SECRET_KEY = "sk_test_of_the_tests"
    submission = Submission.of(make_cart(make_line(make_product()), payment_method=method))
    with dynamodb_calls() as log:
        submission.place(publish=publish_order)
    assert [operation for operation, _ in log.calls] == ["BatchGetItem", "TransactWriteItems"]
    assert task_queue() == 1


@pytest.mark.parametrize("reviewed", [(), (("none", "NONE"),)], ids=["none", "others"])
def test_lines_that_the_page_did_not_name_are_read_as_well(
    reviewed: tuple[tuple[str, str], ...], dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    submission = Submission.of(make_cart(make_line(make_product(price=1200), 2)))
    with dynamodb_calls() as log:
        order = submission.place(reviewed=reviewed)
    assert [operation for operation, _ in log.calls] == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert order.subtotal == 2400


def test_fifty_lines_are_one_order() -> None:
    products = [make_product(stock=3) for _ in range(MAX_LINES)]
    order = Submission.of(make_cart(*[make_line(product, 3) for product in products])).place()
    assert len(order.lines) == MAX_LINES
    assert {stock.available for stock in Stock.scan()} == {0}


def test_more_than_fifty_lines_are_refused() -> None:
    products = [make_product() for _ in range(MAX_LINES + 1)]
    cart = make_cart(*[make_line(product) for product in products])
    with pytest.raises(CartTooLong, match="51 different items, and one order takes 50"):
        Submission.of(cart).place()
    assert_nothing_was_written(cart)


def test_the_same_form_sent_again_gives_the_same_order() -> None:
    submission = Submission.of(make_cart(make_line(make_product(stock=10), 2)))
    first = submission.place()
    again = submission.place(now=NOW + timedelta(days=29))
    assert again.number == first.number
    assert Order.count() == 1
    assert [stock.available for stock in Stock.scan()] == [8]


def test_a_double_click_gives_one_order() -> None:
    submission = Submission.of(make_cart(make_line(make_product(stock=10), 2)))
    with ThreadPoolExecutor(4) as pool:
        numbers = {order.number for order in pool.map(lambda _: submission.place(), range(4))}
    assert len(numbers) == 1
    assert Order.count() == 1
    assert [(stock.available, stock.reserved) for stock in Stock.scan()] == [(8, 2)]


def test_a_new_cart_after_an_order_is_another_order() -> None:
    product = make_product(stock=10)
    cart = make_cart(make_line(product))
    first = Submission.of(cart).place()
    cart.refresh()
    cart.lines = [make_line(product)]
    cart.save()
    second = Submission.of(cart).place()
    assert first.number != second.number
    assert Order.count() == 2


def test_a_key_of_another_cart_opens_nothing() -> None:
    product = make_product()
    submission = Submission.of(make_cart(make_line(product)))
    submission.place()
    other = make_cart(make_line(product))
    with pytest.raises(CartChanged):
        submission.place(cart_id=other.cart_id)


@pytest.mark.parametrize("key", ["", "1", "1.x", "x.y", "²." + "a" * 43, "-1.x"])
def test_an_invented_key_is_refused(key: str) -> None:
    cart = make_cart(make_line(make_product()))
    assert not idempotency.is_own_key(key, cart_id=cart.cart_id)
    with pytest.raises(CartChanged):
        Submission.of(cart).place(idempotency_key=key or "none")
    assert_nothing_was_written(cart)


def test_a_key_that_has_expired_is_free_again() -> None:
    cart = make_cart(make_line(make_product()))
    submission = Submission.of(cart)
    Idempotency(submission.idempotency_key, order_number="GONE", expires_at=NOW - timedelta(seconds=1)).save()
    order = submission.place()
    assert Idempotency.get(submission.idempotency_key).order_number == order.number


def test_a_number_that_is_taken_is_not_used_twice() -> None:
    product = make_product()
    Submission.of(make_cart(make_line(product))).place(new_number=lambda: "LUSAB-MODIK-47")
    numbers = iter(["LUSAB-MODIK-47", "NARIV-TOPEL-02"])
    second = Submission.of(make_cart(make_line(product))).place(new_number=lambda: next(numbers))
    assert second.number == "NARIV-TOPEL-02"
    assert Order.count() == 2


def test_a_changed_price_stops_the_order() -> None:
    product = make_product(price=3600)
    cart = make_cart(make_line(product))
    submission = Submission.of(cart)
    product.variants[0].unit_amount = 3900
    services.save_product(product=product, now=NOW)
    with pytest.raises(PriceChanged) as caught:
        submission.place()
    assert caught.value.extra == {"expected": 4090, "actual": 4390, "currency": "EUR"}
    assert str(caught.value) == (
        "The total is now €43.90; it was €40.90 when you last saw it. Nothing was ordered yet."
    )
    assert_nothing_was_written(cart)


def test_a_price_from_the_client_is_never_the_price() -> None:
    cart = make_cart(make_line(make_product(price=3600)))
    with pytest.raises(PriceChanged):
        Submission.of(cart).place(expected_total=1)
    assert_nothing_was_written(cart)


def test_what_sold_out_meanwhile_is_told_line_by_line() -> None:
    mug, cup, pot = (make_product(title=title, stock=2) for title in ("Mug", "Cup", "Pot"))
    cart = make_cart(make_line(mug, 2), make_line(cup, 2), make_line(pot, 2))
    submission = Submission.of(cart)
    services.set_stock(sku=mug.variants[0].sku, available=0, now=LONG_AGO)
    services.set_stock(sku=cup.variants[0].sku, available=1, now=LONG_AGO)
    with pytest.raises(InsufficientStock) as caught:
        submission.place()
    assert list(map(str, caught.value.shortages)) == ["Mug has just sold out.", "Only 1 of Cup is left."]
    assert_nothing_was_written(cart)


def test_what_is_no_longer_sold_stops_the_order() -> None:
    product = make_product(title="Mug", options={"Size": ["S", "M"]})
    cart = make_cart(make_line(product, 1, product.variants[1]))
    submission = Submission.of(cart)
    archived = Product.get(product.product_id)
    archived.status = Status.ARCHIVED
    services.save_product(product=archived, now=NOW)
    with pytest.raises(InsufficientStock, match="Mug, M has just sold out"):
        submission.place()
    assert_nothing_was_written(cart)


def test_a_cart_changed_in_another_tab_stops_the_order() -> None:
    product = make_product()
    cart = make_cart(make_line(product))
    submission = Submission.of(cart)
    cart.lines[0].quantity = 2
    cart.save()
    with pytest.raises(CartChanged):
        submission.place()
    assert_nothing_was_written(cart)


def test_an_empty_absent_or_expired_cart_is_no_order() -> None:
    empty = make_cart()
    with pytest.raises(CartEmpty):
        Submission.of(empty).place()
    with pytest.raises(CartEmpty):
        Submission("guest:nobody", "1.x", 0, ()).place()
    expired = make_cart(make_line(make_product()), now=NOW - timedelta(days=91))
    with pytest.raises(CartEmpty):
        Submission.of(expired).place()
    assert Order.count() == 0


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ({"email": ""}, "contact"),
        ({"shipping_method": "by-balloon"}, "shipping"),
        ({"payment_method": "barter"}, "payment"),
    ],
)
def test_a_checkout_with_a_missing_answer_is_no_order(answers: dict[str, Any], step: str) -> None:
    cart = make_cart(make_line(make_product()), **answers)
    with pytest.raises(CheckoutIncomplete) as caught:
        Submission.of(cart).place()
    assert caught.value.step == step
    assert_nothing_was_written(cart)


def test_an_order_stands_when_the_worker_cannot_be_told() -> None:
    def fail(number: str) -> None:
        raise PublishFailed

    order = Submission.of(make_cart(make_line(make_product()))).place(publish=fail)
    stored = Order.get(order.number)
    assert stored.due == Order.DUE
    assert stored.due_at == NOW + timedelta(seconds=30)


def test_a_process_killed_after_the_transaction_leaves_an_order_that_a_retry_finds() -> None:
    class Killed(BaseException):
        pass

    def die(number: str) -> None:
        raise Killed

    submission = Submission.of(make_cart(make_line(make_product())))
    with pytest.raises(Killed):
        submission.place(publish=die)
    assert submission.place().is_pending
    assert Order.count() == 1


def test_a_cart_that_begins_anew_under_its_old_id_is_a_new_order() -> None:
    product = make_product()
    first = make_cart(make_line(product), cart_id="guest:1")
    order = Submission.of(first).place()
    Cart("guest:1").delete(add_version_condition=False)
    second = make_cart(make_line(product), cart_id="guest:1", now=NOW + timedelta(hours=1))
    assert second.version == first.version
    assert Submission.of(second).place().number != order.number
