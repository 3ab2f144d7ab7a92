"""A second payment for one order, on another page than its own, when Stripe's word of it is lost."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from orders import outbox, payment_pages, sweeper
from orders.models import Order
from orders.reconcile import reconcile
from orders.stripe_gateway import StripeGateway
from tests.factories import make_product
from tests.orders.card_orders import place_card_order
from tests.payments.simulator import Simulator
from tests.payments.test_simulated_payments import make_session


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def order(gateway: StripeGateway, simulator: Simulator, now: datetime) -> Order:
    """In review, for it was paid on a page that it did not know; its own page is open still."""
    simulator.switch_webhooks(is_held=True)
    order = place_card_order(make_product(), now=now)
    payment_pages.start_or_resume(number=order.number, now=now)
    other = make_session(simulator, client_reference_id=order.number)
    simulator.pay(other)
    in_review = reconcile(number=order.number, session_id=other, now=now)
    assert (in_review.payment_status, in_review.payment_session_id) == ("review", other)
    return in_review


def own_page(order: Order) -> str:
    [effect] = [effect.name for effect in order.effects if effect.name.startswith("close_page:")]
    return str(effect.partition(":")[2])


def test_a_page_that_was_paid_before_it_could_be_closed_is_paid_back(
    gateway: StripeGateway, simulator: Simulator, order: Order, now: datetime
) -> None:
    own = own_page(order)
    simulator.pay(own)
    outbox.process_order(number=order.number, now=now)
    outbox.process_order(number=order.number, now=now)
    state = gateway.fetch(own)
    assert (state.received_amount, state.refunded_amount) == (order.total, order.total)
    kept = Order.get(order.number)
    assert (kept.payment_status, kept.paid_amount, kept.refunded_amount) == ("review", 2500, 0)
    assert [effect.name for effect in kept.effects if effect.name.startswith("refund_duplicate:")] == [
        f"refund_duplicate:{state.payment_intent_id}"
    ]
    assert kept.pending_effects == []


@pytest.mark.parametrize("method", ["debit", "debit_failed"])
def test_a_delayed_payment_on_a_page_that_could_not_be_closed_is_watched_to_its_end(
    gateway: StripeGateway, simulator: Simulator, order: Order, now: datetime, method: str
) -> None:
    own = own_page(order)
    simulator.pay(own, method)
    outbox.process_order(number=order.number, now=now)
    watched = Order.get(order.number)
    assert (watched.payment_status, watched.delayed_session_ids) == ("review", [own])
    assert watched.watch_at is not None
    assert watched.watch_at - now < timedelta(hours=7)

    simulator.advance(timedelta(days=2).total_seconds())
    later = now + timedelta(days=2)
    assert sweeper.sweep_payments(now=later) == 1
    outbox.process_order(number=order.number, now=later)
    state = gateway.fetch(own)
    paid_back = order.total if method == "debit" else 0
    assert (state.received_amount, state.refunded_amount) == (paid_back, paid_back)
    kept = Order.get(order.number)
    assert (kept.payment_status, kept.paid_amount, kept.refunded_amount) == ("review", 2500, 0)
    assert (kept.delayed_session_ids, kept.pending_effects) == ([], [])
    sweeper.sweep_payments(now=later + timedelta(hours=6))
    assert Order.get(order.number).watch_at is None
