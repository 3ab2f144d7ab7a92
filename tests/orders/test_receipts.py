from io import StringIO

import pytest
from django.core.management import call_command

from catalog.models import Product, Stock
from orders.models import Order
from orders.payment_pages import PAGE_LIFETIME
from orders.receipts import GoodsGone, NotToBePaid, mark_paid
from orders.refunds import request_refund
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import open_page, place_card_order, settle, stock_of, work
from tests.orders.carts import make_line, place_order


@pytest.fixture
def mug() -> Product:
    return make_product(price=2000, stock=10)


def mark(order: Order) -> Order:
    return mark_paid(number=order.number, now=NOW, publish=list[str]().append)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_transfer_pays_an_order_on_invoice_once(mug: Product, is_confirmed: bool) -> None:
    order = place_order(make_line(mug, 3))
    if is_confirmed:
        work(order)
    paid = mark(order)
    assert (paid.payment_status, paid.status, paid.paid_amount) == ("paid", "confirmed", order.total)
    assert work(order).version == mark(order).version
    assert [entry.event for entry in Order.get(order.number).timeline].count("paid") == 1
    assert stock_of(mug) == (7, 0)


def test_money_of_a_transfer_is_sent_back_by_hand_and_noted_at_once(mug: Product) -> None:
    order = work(place_order(make_line(mug, 3)))
    mark(order)
    request_refund(number=order.number, refund_id="r1", reason="", amount=490, now=NOW, publish=list[str]().append)
    stored = Order.get(order.number)
    assert (stored.payment_status, stored.refunded_amount) == ("part_refunded", 490)
    assert stored.refunds[0].has_succeeded


def test_a_payment_in_review_can_be_accepted(mug: Product, gateway: FakeGateway) -> None:
    order = place_card_order(mug, 3)
    gateway.pay(open_page(order, gateway), amount=6400)
    settle(order, gateway)
    accepted = mark(order)
    assert (accepted.payment_status, accepted.status, accepted.paid_amount) == ("paid", "confirmed", 6400)
    assert accepted.can_ship
    assert stock_of(mug) == (7, 0)


def test_an_accepted_payment_needs_goods(mug: Product, gateway: FakeGateway) -> None:
    order = place_card_order(mug, 3)
    session = open_page(order, gateway)
    gateway.now = NOW + PAGE_LIFETIME
    settle(order, gateway, now=gateway.now)
    gateway.pay(session, amount=6400)
    assert settle(order, gateway, now=gateway.now).payment_status == "review"
    Stock(mug.variants[0].sku).update([Stock.available.set(2)])
    with pytest.raises(GoodsGone):
        mark(order)
    assert Order.get(order.number).payment_status == "review"


def test_what_waits_for_the_provider_is_not_decided_here(mug: Product, gateway: FakeGateway) -> None:
    with pytest.raises(NotToBePaid) as caught:
        mark(place_card_order(mug))
    assert "“not paid yet”" in str(caught.value)


def test_the_command_says_how_much(mug: Product) -> None:
    order, out = place_order(make_line(mug)), StringIO()
    call_command("mark_paid", order.number, stdout=out)
    assert out.getvalue() == f"{order.number}: €24.90 paid.\n"
