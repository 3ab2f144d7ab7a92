from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import Product, Stock
from orders.cancellation import BY_SHOPPER, CANNOT_FULFILL, AlreadyShipped, PaymentUnderWay, cancel_order
from orders.gateway import PaymentUnavailable
from orders.links import order_path
from orders.models import Order
from orders.status import FulfillmentStatus
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import open_page, place_card_order, place_paid_order, settle, stock_of, work
from tests.orders.carts import make_line, place_order


@pytest.fixture
def mug() -> Product:
    return make_product(title="Mug", price=2000, stock=10)


def cancel(order: Order, reason: str = BY_SHOPPER) -> Order:
    return cancel_order(number=order.number, reason=reason, now=NOW, publish=list[str]().append)


def test_an_order_on_invoice_is_called_off_and_nothing_is_owed(mug: Product) -> None:
    order = work(place_order(make_line(mug, 3)))
    canceled = cancel(order)
    assert (canceled.status, canceled.payment_status) == ("canceled", "canceled")
    assert [(each.amount, each.status) for each in canceled.refunds] == [(order.total, "waived")]
    assert stock_of(mug) == (10, 0)


def test_an_order_that_the_worker_has_not_seen_is_called_off_as_well(mug: Product) -> None:
    order = place_order(make_line(mug, 3))
    cancel(order)
    assert work(order).status == "canceled"
    assert stock_of(mug) == (10, 0)


def test_an_unpaid_order_has_its_page_closed_first(mug: Product, gateway: FakeGateway) -> None:
    order = place_card_order(mug, 3)
    session = open_page(order, gateway)
    canceled = cancel(order)
    assert gateway.sessions[session].status == "expired"
    assert (canceled.status, canceled.payment_status) == ("canceled", "canceled")
    assert canceled.timeline[-1].note == BY_SHOPPER
    assert stock_of(mug) == (10, 0)


def test_an_order_without_a_page_is_called_off_at_once(mug: Product, gateway: FakeGateway) -> None:
    assert cancel(place_card_order(mug, 3)).payment_status == "canceled"
    assert gateway.calls == []
    assert stock_of(mug) == (10, 0)


def test_a_page_that_cannot_be_closed_keeps_the_order(mug: Product, gateway: FakeGateway) -> None:
    order = place_card_order(mug, 3)
    open_page(order, gateway)
    gateway.be_unreachable()
    with pytest.raises(PaymentUnavailable):
        cancel(order)
    assert Order.get(order.number).is_payable
    assert stock_of(mug) == (7, 3)


def test_a_payment_at_the_same_moment_is_refunded(mug: Product, gateway: FakeGateway) -> None:
    order = place_card_order(mug, 3)
    gateway.pay(open_page(order, gateway))
    assert cancel(order).status == "canceled"
    done = work(work(order))
    assert (done.payment_status, done.refunded_amount) == ("refunded", order.total)
    assert stock_of(mug) == (10, 0)


def test_a_paid_order_is_refunded_and_its_goods_are_on_sale_at_once(
    mug: Product, gateway: FakeGateway, sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    order = work(place_paid_order(mug, gateway, 3))
    canceled = cancel(order)
    assert (canceled.status, canceled.payment_status) == ("canceled", "paid")
    assert stock_of(mug) == (10, 0)
    done = work(work(order))
    assert (done.payment_status, done.refunded_amount) == ("refunded", order.total)
    assert stock_of(mug) == (10, 0)
    assert cancel(order).version == done.version
    subjects = [mail["Subject"] for mail in sent_mails()]
    assert subjects == [
        f"Your order {order.number}",
        f"Your order {order.number} was canceled",
        f"Your refund for order {order.number}",
    ]


def test_an_order_that_cannot_be_delivered_gets_an_apology(
    mug: Product, gateway: FakeGateway, sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    order = work(place_paid_order(mug, gateway))
    cancel(order, CANNOT_FULFILL)
    assert work(work(order)).payment_status == "refunded"
    assert f"We cannot deliver your order {order.number}" in [mail["Subject"] for mail in sent_mails()]


def test_a_variant_that_is_sold_no_more_does_not_keep_its_order_from_being_called_off(
    mug: Product, gateway: FakeGateway
) -> None:
    order = work(place_paid_order(mug, gateway, 3))
    Stock(mug.variants[0].sku).delete()
    assert cancel(order).status == "canceled"


@pytest.mark.parametrize("shipped", [FulfillmentStatus.PART_SHIPPED, FulfillmentStatus.SHIPPED])
def test_what_is_on_its_way_cannot_be_canceled(mug: Product, gateway: FakeGateway, shipped: FulfillmentStatus) -> None:
    order = place_paid_order(mug, gateway)
    order.fulfillment_status = shipped
    order.save()
    with pytest.raises(AlreadyShipped):
        cancel(order)


def test_a_delayed_payment_cannot_be_stopped(mug: Product, gateway: FakeGateway) -> None:
    order = place_card_order(mug)
    gateway.begin_delayed(open_page(order, gateway))
    settle(order, gateway)
    with pytest.raises(PaymentUnderWay):
        cancel(order)


def test_a_shopper_cancels_on_the_page_of_the_order(client: Client, mug: Product) -> None:
    order = work(place_order(make_line(mug)))
    page = client.get(order_path(order)).content.decode()
    key = order_path(order).partition("?")[2]
    assert f'action="/orders/{order.number}/cancellation/?{key}"' in page
    response = client.post(f"/orders/{order.number}/cancellation/?{key}")
    assert (response.status_code, response["Location"]) == (302, order_path(order))
    page = client.get(order_path(order)).content.decode()
    assert "Your order is canceled." in page
    assert "cancellation/" not in page
    # What was in it can be had again.
    response = client.post(f"/orders/{order.number}/cart/?{key}")
    assert response["Location"] == "/cart/"
    assert "Mug" in client.get("/cart/").content.decode()


def test_nobody_else_can_cancel_an_order_or_have_its_items(alice: Shopper, bob: Shopper, mug: Product) -> None:
    order = place_order(make_line(mug), customer_id=alice.customer_id)
    for act in ("cancellation", "cart", "payment", "returns"):
        assert bob.client.post(f"/orders/{order.number}/{act}/").status_code == 404
    assert Order.get(order.number).status == "pending"


@pytest.mark.parametrize("act", ["cancellation", "cart", "payment"])
def test_acts_are_posts(client: Client, mug: Product, act: str) -> None:
    order = place_order(make_line(mug))
    key = order_path(order).partition("?")[2]
    assert client.get(f"/orders/{order.number}/{act}/?{key}").status_code == 405
