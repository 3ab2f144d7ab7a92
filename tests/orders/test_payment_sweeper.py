from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Product
from orders import queries
from orders.gateway import RefundState
from orders.models import Order
from orders.payment_pages import PAGE_LIFETIME
from orders.refunds import request_refund
from orders.sweeper import sweep_payments
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import alerts_of, open_page, place_card_order, place_paid_order, settle, stock_of, work

TOO_LATE = NOW + PAGE_LIFETIME


@pytest.fixture
def mug() -> Product:
    return make_product(price=2000, stock=10)


@pytest.fixture
def order(mug: Product, gateway: FakeGateway) -> Order:
    return place_card_order(mug, 3)


def sweep(gateway: FakeGateway, *, now: datetime = TOO_LATE) -> int:
    gateway.now = now
    return sweep_payments(now=now, publish=list[str]().append)


def test_an_order_has_its_time(order: Order, gateway: FakeGateway) -> None:
    open_page(order, gateway)
    assert sweep(gateway, now=TOO_LATE - timedelta(seconds=1)) == 0
    assert Order.get(order.number).is_payable


def test_an_abandoned_page_is_closed_before_its_goods_are_given_back(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    session = open_page(order, gateway)
    gateway.requests[session] = replace(gateway.requests[session], expires_at=TOO_LATE + timedelta(hours=1))
    assert sweep(gateway) == 1
    assert gateway.calls[-2:] == ["expire", "fetch"]
    assert Order.get(order.number).payment_status == "canceled"
    assert stock_of(mug) == (10, 0)
    assert sweep(gateway, now=TOO_LATE + timedelta(days=1)) == 0


def test_a_payment_of_the_last_second_is_taken(mug: Product, order: Order, gateway: FakeGateway) -> None:
    gateway.pay(open_page(order, gateway))
    sweep(gateway)
    assert Order.get(order.number).payment_status == "paid"
    assert stock_of(mug) == (7, 0)


def test_an_order_whose_page_was_never_made_is_given_up(mug: Product, order: Order, gateway: FakeGateway) -> None:
    sweep(gateway)
    assert Order.get(order.number).payment_status == "canceled"
    assert stock_of(mug) == (10, 0)
    assert gateway.sessions == {}


def test_a_page_that_was_made_and_never_noted_is_looked_up_first(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    gateway.lose_next_answer()
    with pytest.raises(Exception, match="does not answer"):
        open_page(order, gateway)
    [session] = gateway.sessions
    gateway.pay(session)
    sweep(gateway)
    stored = Order.get(order.number)
    assert (stored.payment_status, stored.payment_session_id) == ("paid", session)


def test_a_provider_out_of_reach_is_asked_again_in_five_minutes(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    other = place_card_order(make_product(stock=1))
    open_page(order, gateway)
    gateway.be_unreachable()
    assert sweep(gateway) == 2
    assert stock_of(mug) == (7, 3)
    assert sweep(gateway, now=TOO_LATE + timedelta(minutes=4)) == 0
    gateway.be_reachable()
    assert sweep(gateway, now=TOO_LATE + timedelta(minutes=5)) == 2
    assert {Order.get(each.number).payment_status for each in (order, other)} == {"canceled"}


def test_a_delayed_payment_is_looked_at_now_and_then(mug: Product, order: Order, gateway: FakeGateway) -> None:
    session = open_page(order, gateway)
    gateway.begin_delayed(session)
    settle(order, gateway)
    assert sweep(gateway, now=NOW + timedelta(hours=6)) == 1
    assert sweep(gateway, now=NOW + timedelta(hours=11)) == 0
    gateway.pay(session)
    assert sweep(gateway, now=NOW + timedelta(hours=12)) == 1
    assert Order.get(order.number).payment_status == "paid"
    assert stock_of(mug) == (7, 0)


def test_a_refund_on_its_way_is_looked_at_until_it_is_there(mug: Product, gateway: FakeGateway) -> None:
    order = work(place_paid_order(mug, gateway))
    gateway.refunds_begin_as = RefundState.PENDING
    request_refund(number=order.number, refund_id="r1", reason="", amount=100, now=NOW, publish=list[str]().append)
    pending = work(order)
    assert sweep(gateway, now=NOW + timedelta(hours=2)) == 1
    gateway.settle_refund(pending.refunds[0].provider_id, RefundState.SUCCEEDED)
    assert sweep(gateway, now=NOW + timedelta(hours=8)) == 1
    assert Order.get(order.number).refunded_amount == 100
    assert queries.list_watched_numbers(now=NOW + timedelta(days=9), limit=9) == []


def test_the_longest_waiting_come_first_and_a_pass_is_bounded(mug: Product, gateway: FakeGateway) -> None:
    orders = [place_card_order(mug, now=NOW + timedelta(seconds=second)) for second in range(3)]
    now = TOO_LATE + timedelta(minutes=1)
    gateway.now = now
    assert sweep_payments(now=now, limit=2, publish=list[str]().append) == 2
    assert [Order.get(each.number).is_canceled for each in orders] == [True, True, False]


def test_the_commands_about_one_order(mug: Product, gateway: FakeGateway) -> None:
    gateway.now = timezone.now()
    order = place_card_order(mug, 3, now=gateway.now)
    gateway.pay(open_page(order, gateway, now=gateway.now))
    out = StringIO()
    call_command("sweep_payments", stdout=out)
    call_command("reconcile_order", order.number.lower(), stdout=out)
    call_command("refund_order", order.number, "--amount", "1050", "--reason", "Late", stdout=out)
    sku = mug.variants[0].sku
    call_command("refund_order", order.number, "--line", f"{sku}=1", "--restock", stdout=out)
    call_command("cancel_order", order.number, "--sorry", stdout=out)
    assert out.getvalue().splitlines() == [
        "Looked after 0 payments.",
        f"{order.number}: confirmed, paid.",
        f"{order.number}: €10.50 refunded.",
        f"{order.number}: €20.00 refunded.",
        f"{order.number} is canceled.",
    ]
    stored = Order.get(order.number)
    assert (stored.payment_status, stored.refunded_amount) == ("refunded", order.total)
    assert alerts_of(stored) == []
    assert stock_of(mug) == (10, 0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["refund_order", "nonsense"], "“nonsense” is no order number. One looks like LUSAB-MODIK-47."),
        (["refund_order", "LUSAB-MODIK-47"], "We cannot find this order."),
        (["refund_order", "LUSAB-MODIK-47", "--restock"], "Say with --line which units can be sold again."),
        (["refund_order", "LUSAB-MODIK-47", "--line", "MUG"], "--line is like MUG-BLUE=2, not MUG."),
        (["cancel_order", "LUSAB-MODIK-47"], "We cannot find this order."),
        (["reconcile_order", "LUSAB-MODIK-47"], "We cannot find this order."),
        (["answer_return", "LUSAB-MODIK-47", "approve"], "We cannot find this order."),
    ],
)
def test_a_command_says_what_is_wrong(gateway: FakeGateway, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command(*arguments)
    assert str(caught.value) == sentence
