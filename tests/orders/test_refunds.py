from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Product
from orders import refunds
from orders.gateway import RefundState
from orders.models import Order
from orders.outbox import CLAIM, EffectsFailed
from orders.refunds import NothingToRefund, RefundTooHigh, TooManyUnits, request_refund
from orders.status import RefundStatus
from tests.clock import NOW
from tests.factories import make_product
from tests.fakes import FakeGateway
from tests.orders.card_orders import alerts_of, place_card_order, place_paid_order, settle, stock_of, work
from tests.orders.carts import make_line, place_order


@pytest.fixture
def mug() -> Product:
    return make_product(title="Mug", price=2000, stock=10)


@pytest.fixture
def order(mug: Product, gateway: FakeGateway) -> Order:
    return work(place_paid_order(mug, gateway, 3))


def ask(order: Order, refund_id: str = "r1", **parts: Any) -> None:
    publish = list[str]().append
    request_refund(number=order.number, refund_id=refund_id, reason="", now=NOW, publish=publish, **parts)


def refund(order: Order, refund_id: str = "r1", **parts: Any) -> Order:
    ask(order, refund_id, **parts)
    return work(work(order))


def test_two_parts_and_the_rest(order: Order, gateway: FakeGateway) -> None:
    first = refund(order, "r1", amount=1000)
    assert (first.payment_status, first.refunded_amount) == ("part_refunded", 1000)
    assert refund(order, "r2", amount=490).refunded_amount == 1490
    last = refund(order, "r3")
    assert (last.payment_status, last.refunded_amount) == ("refunded", order.total)
    assert [each.amount for each in last.refunds] == [1000, 490, 5000]
    session = gateway.sessions[order.payment_session_id or ""]
    assert session.refunded_amount == order.total
    with pytest.raises(NothingToRefund):
        ask(order, "r4", amount=1)


def test_each_refund_is_told_by_one_mail(order: Order, sent_mails: Callable[[], list[dict[str, str]]]) -> None:
    refund(order, "r1", amount=1000)
    work(order)
    mails = [mail for mail in sent_mails() if "refund" in mail["Subject"]]
    assert len(mails) == 1
    assert "€10.00" in mails[0]["BodyText"]


def test_the_same_request_twice_is_one_refund(order: Order, gateway: FakeGateway) -> None:
    ask(order, amount=1000)
    ask(order, amount=1000)
    assert [each.amount for each in work(order).refunds] == [1000]
    assert list(gateway.refunds_by_key) == ["rf:r1"]


@pytest.mark.parametrize("amount", [0, -1, 6491])
def test_no_more_than_was_paid_can_be_refunded(order: Order, amount: int) -> None:
    with pytest.raises(RefundTooHigh) as caught:
        ask(order, amount=amount)
    assert str(caught.value).startswith("At most €64.90 of this order can be refunded")
    assert Order.get(order.number).refunds == []


def test_what_is_on_its_way_cannot_be_refunded_again(order: Order, gateway: FakeGateway) -> None:
    gateway.refunds_begin_as = RefundState.PENDING
    pending = refund(order, "r1", amount=6000)
    assert (pending.payment_status, pending.refunded_amount, pending.pending_refund_amount) == ("paid", 0, 6000)
    with pytest.raises(RefundTooHigh):
        ask(order, "r2", amount=491)
    ask(order, "r3", amount=490)


def test_a_refund_of_lines_puts_them_back_on_the_shelf_if_wanted(mug: Product, order: Order) -> None:
    sku = mug.variants[0].sku
    assert stock_of(mug) == (7, 0)
    kept = refund(order, "r1", lines={sku: 1})
    assert (kept.refunds[0].amount, stock_of(mug)) == (2000, (7, 0))
    refund(order, "r2", lines={sku: 2}, is_restocked=True)
    assert stock_of(mug) == (9, 0)
    with pytest.raises(TooManyUnits) as caught:
        ask(order, "r3", lines={sku: 1})
    assert str(caught.value) == f"Of {sku}, 0 are left in this order."


def test_units_go_back_only_when_the_money_is_gone(mug: Product, order: Order, gateway: FakeGateway) -> None:
    gateway.refunds_begin_as = RefundState.PENDING
    pending = refund(order, "r1", lines={mug.variants[0].sku: 1}, is_restocked=True)
    assert stock_of(mug) == (7, 0)
    gateway.settle_refund(pending.refunds[0].provider_id, RefundState.SUCCEEDED)
    settle(order, gateway)
    assert stock_of(mug) == (8, 0)


def test_two_refunds_that_end_together_put_the_same_product_back(
    mug: Product, order: Order, gateway: FakeGateway
) -> None:
    gateway.refunds_begin_as = RefundState.PENDING
    for refund_id in ("r1", "r2"):
        refund(order, refund_id, lines={mug.variants[0].sku: 1}, is_restocked=True)
    for each in Order.get(order.number).refunds:
        gateway.settle_refund(each.provider_id, RefundState.SUCCEEDED)
    assert settle(order, gateway).payment_status == "part_refunded"
    assert stock_of(mug) == (9, 0)


def test_a_refund_that_fails_leaves_the_money_here(order: Order, gateway: FakeGateway) -> None:
    gateway.refunds_begin_as = RefundState.PENDING
    pending = refund(order, "r1", amount=1000)
    gateway.settle_refund(pending.refunds[0].provider_id, RefundState.FAILED)
    failed = settle(order, gateway)
    assert (failed.payment_status, failed.refunded_amount, failed.pending_refund_amount) == ("paid", 0, 0)
    assert len(alerts_of(failed)) == 1
    assert refunds.refundable_amount(failed) == order.total


@pytest.mark.parametrize(("amount", "before"), [(1000, "part_refunded"), (6490, "refunded")])
def test_a_refund_that_fails_after_it_had_succeeded_brings_the_money_back(
    order: Order, gateway: FakeGateway, amount: int, before: str
) -> None:
    done = refund(order, "r1", amount=amount)
    assert done.payment_status == before
    gateway.settle_refund(done.refunds[0].provider_id, RefundState.FAILED)
    failed = settle(order, gateway)
    assert (failed.payment_status, failed.refunded_amount) == ("paid", 0)


def test_a_refund_that_the_provider_refuses_is_noted_as_failed(order: Order, gateway: FakeGateway) -> None:
    gateway.refund_by_hand(order.payment_session_id or "", 6000)
    refused = refund(order, "r1", amount=1000)
    assert [each.status for each in refused.refunds if each.refund_id == "r1"] == ["failed"]
    assert len(alerts_of(refused)) == 1


def test_a_refund_made_at_the_provider_is_taken_over(order: Order, gateway: FakeGateway) -> None:
    provider_id = gateway.refund_by_hand(order.payment_session_id or "", 6490)
    seen = settle(order, gateway)
    assert (seen.payment_status, seen.refunded_amount) == ("refunded", 6490)
    assert [(each.refund_id, each.status) for each in seen.refunds] == [(provider_id, "succeeded")]
    assert settle(order, gateway).version == seen.version


def test_a_provider_out_of_reach_is_tried_again_under_the_same_key(order: Order, gateway: FakeGateway) -> None:
    ask(order, amount=1000)
    gateway.be_unreachable(1)
    with pytest.raises(EffectsFailed):
        work(order)
    assert work(order, now=NOW + CLAIM).refunded_amount == 1000
    assert list(gateway.refunds_by_key) == ["rf:r1"]


def test_a_refund_whose_answer_was_lost_is_not_sent_again_a_day_later(order: Order, gateway: FakeGateway) -> None:
    ask(order, amount=1000)
    gateway.refund(
        payment_intent_id=order.payment_intent_id or "",
        amount=1000,
        refund_id="r1",
        order_number=order.number,
        idempotency_key="rf:r1",
    )
    gateway.forget_keys()
    done = work(order, now=NOW + timedelta(days=1, hours=6))
    assert [(each.refund_id, each.status) for each in done.refunds] == [("r1", "succeeded")]
    assert gateway.sessions[order.payment_session_id or ""].refunded_amount == done.refunded_amount == 1000


def test_an_order_that_is_not_paid_has_nothing_to_refund(mug: Product, gateway: FakeGateway) -> None:
    with pytest.raises(NothingToRefund):
        ask(place_card_order(mug))


def test_of_an_order_on_invoice_so_much_less_is_asked_for(mug: Product) -> None:
    order = work(place_order(make_line(mug, 3)))
    ask(order, lines={mug.variants[0].sku: 1}, is_restocked=True)
    stored = Order.get(order.number)
    assert (stored.payment_status, stored.refunded_amount) == ("due", 0)
    assert stored.refunds[0].status == RefundStatus.WAIVED
    assert refunds.refundable_amount(stored) == 4490
    assert stock_of(mug) == (8, 0)


def test_tax_that_is_added_to_prices_is_refunded_with_them(order: Order) -> None:
    order.subtotal, order.tax_total, order.total = 6000, 1233, 7723
    order.shipping_total, order.tax_rate_basis_points = 490, 1900
    assert refunds.amount_of(order, {order.lines[0].sku: 1}) == 2380
