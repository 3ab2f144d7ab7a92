from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Product, Stock
from cloudcart import faults
from cloudcart.dynamo import CallLog
from orders.gateway import DisputeState, PaymentUnavailable, WebhookEvent
from orders.models import Order, PaymentEvent
from orders.payment_pages import PAGE_LIFETIME
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import (
    alerts_of,
    open_page,
    place_card_order,
    place_paid_order,
    settle,
    stock_of,
    work,
)
from tests.orders.carts import make_line, place_order

LATER = NOW + timedelta(minutes=5)
TOO_LATE = NOW + PAGE_LIFETIME


@pytest.fixture
def mug() -> Product:
    return make_product(title="Mug", price=2000, stock=10)


@pytest.fixture
def order(mug: Product, gateway: FakeGateway) -> Order:
    return place_card_order(mug, 3)


def buy_all(product: Product) -> None:
    """Somebody else takes every unit that is left."""
    Stock(product.variants[0].sku).update([Stock.available.set(0)])


def test_an_order_by_card_waits_for_its_payment_with_its_stock_reserved(mug: Product, order: Order) -> None:
    assert (order.payment_status, order.status) == ("new", "pending")
    assert order.hold_until == NOW + PAGE_LIFETIME
    assert stock_of(mug) == (7, 3)
    stored = work(order)
    assert (stored.payment_status, stored.status) == ("new", "pending")
    assert [effect.name for effect in stored.effects] == ["availability"]


def test_a_payment_confirms_the_order_and_sells_its_stock(mug: Product, order: Order, gateway: FakeGateway) -> None:
    gateway.pay(open_page(order, gateway))
    paid = settle(order, gateway, now=LATER)
    assert (paid.payment_status, paid.status, paid.paid_amount) == ("paid", "confirmed", order.total)
    assert stock_of(mug) == (7, 0)
    assert [entry.event for entry in paid.timeline] == ["placed", "paid", "confirmed"]
    assert (paid.hold_until, paid.watch, paid.watch_at) == (None, None, None)
    assert paid.find_effect("confirmation_mail") is not None
    assert paid.due == Order.DUE


def test_a_payment_that_is_seen_twice_changes_nothing(
    mug: Product, order: Order, gateway: FakeGateway, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    gateway.pay(open_page(order, gateway))
    settle(order, gateway)
    before = Order.get(order.number).serialize()
    with dynamodb_calls() as log:
        settle(order, gateway, now=LATER)
    assert log.count == 1
    assert Order.get(order.number).serialize() == before
    assert stock_of(mug) == (7, 0)


def test_webhook_and_browser_at_once_take_the_payment_once(mug: Product, order: Order, gateway: FakeGateway) -> None:
    gateway.pay(open_page(order, gateway))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: settle(order, gateway), range(8)))
    stored = Order.get(order.number)
    assert [entry.event for entry in stored.timeline] == ["placed", "paid", "confirmed"]
    assert len(stored.effects) == 3
    assert stock_of(mug) == (7, 0)


def test_a_page_that_is_open_or_was_declined_leaves_the_order_waiting(order: Order, gateway: FakeGateway) -> None:
    open_page(order, gateway)
    assert settle(order, gateway, now=LATER).payment_status == "awaiting"


@pytest.mark.parametrize("change", [{"amount": 100}, {"currency": "USD"}])
def test_a_payment_of_another_amount_or_currency_is_held_for_review(
    mug: Product, order: Order, gateway: FakeGateway, change: dict[str, Any]
) -> None:
    gateway.pay(open_page(order, gateway), **change)
    held = settle(order, gateway)
    assert (held.payment_status, held.status) == ("review", "pending")
    assert not held.can_ship
    assert held.paid_amount == change.get("amount", order.total)
    assert len(alerts_of(held)) == 1
    assert stock_of(mug) == (7, 3)
    assert settle(order, gateway).version == held.version


def test_an_expired_page_cancels_the_order_and_releases_its_stock(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    open_page(order, gateway)
    gateway.now = TOO_LATE
    canceled = settle(order, gateway, now=TOO_LATE)
    assert (canceled.payment_status, canceled.status) == ("canceled", "canceled")
    assert stock_of(mug) == (10, 0)
    assert canceled.find_effect("cancellation_mail") is not None
    assert settle(order, gateway, now=TOO_LATE).version == canceled.version


def test_a_delayed_payment_keeps_the_stock_until_it_is_through(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    session = open_page(order, gateway)
    gateway.begin_delayed(session)
    waiting = settle(order, gateway)
    assert (waiting.payment_status, waiting.status, waiting.hold_until) == ("processing", "pending", None)
    assert stock_of(mug) == (7, 3)
    gateway.pay(session)
    assert settle(order, gateway, now=LATER).payment_status == "paid"
    assert stock_of(mug) == (7, 0)


def test_a_delayed_payment_that_fails_cancels_the_order_and_says_so(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    session = open_page(order, gateway)
    gateway.begin_delayed(session)
    settle(order, gateway)
    gateway.fail_delayed(session)
    failed = settle(order, gateway, now=LATER)
    assert (failed.payment_status, failed.status) == ("canceled", "canceled")
    assert failed.find_effect("payment_failed_mail") is not None
    assert stock_of(mug) == (10, 0)


def test_a_payment_after_the_order_was_given_up_revives_it(mug: Product, order: Order, gateway: FakeGateway) -> None:
    session = open_page(order, gateway)
    gateway.now = TOO_LATE
    settle(order, gateway, now=TOO_LATE)
    gateway.pay(session)
    revived = settle(order, gateway, now=TOO_LATE)
    assert (revived.payment_status, revived.status) == ("paid", "confirmed")
    assert stock_of(mug) == (7, 0)


def test_a_late_payment_whose_goods_are_gone_is_sent_back_with_an_apology(
    mug: Product, order: Order, gateway: FakeGateway, sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    session = open_page(order, gateway)
    gateway.now = TOO_LATE
    work(settle(order, gateway, now=TOO_LATE), now=TOO_LATE)
    buy_all(mug)
    gateway.pay(session)
    held = settle(order, gateway, now=TOO_LATE)
    assert (held.payment_status, held.status) == ("review", "canceled")
    done = work(work(held, now=TOO_LATE), now=TOO_LATE)
    assert (done.payment_status, done.refunded_amount) == ("refunded", order.total)
    assert [refund.status for refund in done.refunds] == ["succeeded"]
    assert [mail["Subject"].split(" order")[0] for mail in sent_mails()] == [
        "Your",
        "We cannot deliver your",
        "Your refund for",
    ]
    assert stock_of(mug) == (0, 0)


def test_a_late_delayed_payment_whose_goods_are_gone_is_sent_back_when_it_arrives(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    session = open_page(order, gateway)
    gateway.now = TOO_LATE
    settle(order, gateway, now=TOO_LATE)
    buy_all(mug)
    gateway.begin_delayed(session)
    waiting = settle(order, gateway, now=TOO_LATE)
    assert (waiting.payment_status, waiting.refunds) == ("review", [])
    gateway.pay(session)
    done = work(settle(order, gateway, now=TOO_LATE), now=TOO_LATE)
    assert (done.payment_status, done.refunded_amount) == ("refunded", order.total)


def test_a_second_payment_on_an_earlier_page_is_sent_back(order: Order, gateway: FakeGateway) -> None:
    first = open_page(order, gateway)
    gateway.now = TOO_LATE
    second = open_page(order, gateway, now=TOO_LATE)
    assert first != second
    gateway.pay(second)
    settle(order, gateway, now=TOO_LATE)
    gateway.pay(first)
    event = WebhookEvent("evt_1", "checkout.session.completed", order.number, first)
    twice = settle(order, gateway, now=TOO_LATE, session_id=first, event=event)
    assert (twice.payment_status, twice.payment_session_id) == ("paid", second)
    work(twice, now=TOO_LATE)
    assert gateway.sessions[first].refunded_amount == order.total
    assert gateway.sessions[second].refunded_amount == 0
    # Once more, it is over.
    version = Order.get(order.number).version
    assert settle(order, gateway, now=TOO_LATE, session_id=first).version == version


def test_a_payment_on_an_earlier_page_alone_is_held_and_the_present_page_closed(
    order: Order, gateway: FakeGateway
) -> None:
    first = open_page(order, gateway)
    gateway.now = TOO_LATE
    second = open_page(order, gateway, now=TOO_LATE)
    gateway.pay(first)
    held = settle(order, gateway, now=TOO_LATE, session_id=first)
    assert (held.payment_status, held.payment_session_id) == ("review", first)
    work(held, now=TOO_LATE)
    assert gateway.sessions[second].status == "expired"


def test_an_event_is_acted_on_once_and_kept_for_sixty_days(order: Order, gateway: FakeGateway) -> None:
    session = open_page(order, gateway)
    gateway.pay(session)
    event = WebhookEvent("evt_1", "checkout.session.completed", order.number, session)
    version = settle(order, gateway, session_id=session, event=event).version
    assert settle(order, gateway, now=LATER, session_id=session, event=event).version == version
    stored = PaymentEvent.get("evt_1")
    assert (stored.order_number, stored.received_at, stored.expires_at - NOW) == (order.number, NOW, timedelta(days=60))


def test_an_event_that_changes_nothing_is_kept_as_well(order: Order, gateway: FakeGateway) -> None:
    session = open_page(order, gateway)
    settle(order, gateway, session_id=session, event=WebhookEvent("evt_2", "charge.refunded", order.number, session))
    assert PaymentEvent.get("evt_2").kind == "charge.refunded"


def test_a_provider_out_of_reach_changes_nothing(mug: Product, order: Order, gateway: FakeGateway) -> None:
    gateway.pay(open_page(order, gateway))
    gateway.be_unreachable()
    with pytest.raises(PaymentUnavailable):
        settle(order, gateway)
    assert Order.get(order.number).payment_status == "awaiting"
    assert stock_of(mug) == (7, 3)


def test_an_order_on_invoice_has_no_page_to_look_at(mug: Product, gateway: FakeGateway) -> None:
    order = place_order(make_line(mug))
    assert settle(order, gateway).payment_status == "due"
    assert gateway.calls == []


def test_a_dispute_holds_the_shipment_until_it_is_won(mug: Product, gateway: FakeGateway) -> None:
    order = place_paid_order(mug, gateway)
    assert order.can_ship
    session = order.payment_session_id or ""
    gateway.dispute(session, DisputeState.OPEN)
    disputed = settle(order, gateway)
    assert (disputed.is_disputed, disputed.can_ship, len(alerts_of(disputed))) == (True, False, 1)
    gateway.dispute(session, DisputeState.WON)
    assert settle(order, gateway).can_ship


class Crash(BaseException):
    pass


@pytest.mark.parametrize("point", ["reconcile.read", "reconcile.fetched", "reconcile.written"])
def test_a_crash_between_any_two_steps_is_made_good_by_the_next_pass(
    mug: Product, order: Order, gateway: FakeGateway, point: str
) -> None:
    gateway.pay(open_page(order, gateway))

    def crash(name: str) -> None:
        if name == point:
            raise Crash

    with faults.install(crash), pytest.raises(Crash):
        settle(order, gateway)
    paid = settle(order, gateway, now=LATER)
    assert (paid.payment_status, [entry.event for entry in paid.timeline]) == ("paid", ["placed", "paid", "confirmed"])
    assert stock_of(mug) == (7, 0)


def test_a_list_of_orders_says_what_an_unpaid_one_waits_for(order: Order, gateway: FakeGateway) -> None:
    assert order.status_label == "Not paid yet"
    gateway.pay(open_page(order, gateway))
    assert settle(order, gateway).status_label == "Confirmed"
