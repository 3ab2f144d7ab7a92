"""A second payment for one order, on another page than its own, when Stripe's word of it is lost."""

from django.utils import timezone

from orders import outbox, payment_pages
from orders.models import Order
from orders.reconcile import reconcile
from orders.stripe_gateway import StripeGateway
from tests.factories import make_product
from tests.orders.card_orders import place_card_order
from tests.payments.simulator import Simulator
from tests.payments.test_simulated_payments import make_session


def test_a_page_that_was_paid_before_it_could_be_closed_is_paid_back(
    gateway: StripeGateway, simulator: Simulator
) -> None:
    simulator.switch_webhooks(is_held=True)
    now = timezone.now()
    order = place_card_order(make_product(), now=now)
    payment_pages.start_or_resume(number=order.number, now=now)
    own = str(Order.get(order.number).payment_session_id)
    other = make_session(simulator, client_reference_id=order.number)
    simulator.pay(other)
    in_review = reconcile(number=order.number, session_id=other, now=now)
    assert (in_review.payment_status, in_review.payment_session_id) == ("review", other)
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
