"""The shop's gateway through the real SDK, against the payment simulator."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.gateway import (
    DisputeState,
    PageLine,
    PageRequest,
    PaymentUnavailable,
    RefundState,
    RequestRefused,
    SessionStatus,
)
from orders.stripe_gateway import BadConfiguration, StripeGateway, check_configuration, is_configured
from tests.payments.simulator import Simulator


def page(**changes: Any) -> PageRequest:
    request = PageRequest(
        idempotency_key="co:LUSAB-MODIK-47:1",
        order_number="LUSAB-MODIK-47",
        attempt=1,
        currency="EUR",
        lines=(PageLine("Blue mug, Large", 2000, 2), PageLine("Standard delivery", 490, 1)),
        email="ada@example.com",
        expires_at=timezone.now() + timedelta(minutes=31),
        success_url="https://shop.example/orders/LUSAB-MODIK-47/payment/success/",
        cancel_url="https://shop.example/orders/LUSAB-MODIK-47/payment/cancel/",
    )
    return replace(request, **changes)


def refund(gateway: StripeGateway, intent: str, amount: int | None, refund_id: str = "r1") -> Any:
    return gateway.refund(
        payment_intent_id=intent,
        amount=amount,
        refund_id=refund_id,
        order_number="LUSAB-MODIK-47",
        idempotency_key=f"rf:{refund_id}",
    )


def test_a_page_asks_for_the_whole_total_and_is_made_once(gateway: StripeGateway) -> None:
    request = page()
    made = gateway.start(request)
    assert (made.status, made.amount, made.currency) == (SessionStatus.OPEN, 4490, "EUR")
    assert made.order_number == "LUSAB-MODIK-47"
    assert made.url.endswith(made.session_id)
    assert gateway.start(request) == made
    assert gateway.fetch(made.session_id) == made


def test_the_same_key_with_another_request_is_refused(gateway: StripeGateway) -> None:
    gateway.start(page())
    with pytest.raises(RequestRefused):
        gateway.start(page(lines=(PageLine("Blue mug", 100, 1),)))


def test_a_time_too_near_is_refused_and_leaves_the_key_free(gateway: StripeGateway) -> None:
    with pytest.raises(RequestRefused, match="30 minutes"):
        gateway.start(page(expires_at=timezone.now() + timedelta(minutes=29)))
    assert gateway.start(page()).status is SessionStatus.OPEN


def test_a_payment_is_seen_with_its_intent(gateway: StripeGateway, simulator: Simulator) -> None:
    session = gateway.start(page()).session_id
    simulator.pay(session)
    state = gateway.fetch(session)
    assert (state.status, state.is_paid, state.received_amount) == (SessionStatus.COMPLETE, True, 4490)
    assert state.payment_intent_id.startswith("pi_")
    assert gateway.find_order_number(state.payment_intent_id) == "LUSAB-MODIK-47"
    with pytest.raises(RequestRefused):
        gateway.expire(session)


@pytest.mark.parametrize("method", ["card_declined", "card_3ds", "paypal"])
def test_a_refused_payment_leaves_the_page_open(gateway: StripeGateway, simulator: Simulator, method: str) -> None:
    session = gateway.start(page()).session_id
    simulator.pay(session, method, is_approved=False)
    state = gateway.fetch(session)
    assert (state.status, state.is_paid, state.has_failed) == (SessionStatus.OPEN, False, False)


@pytest.mark.parametrize(("method", "is_paid"), [("debit", True), ("debit_failed", False)])
def test_a_delayed_payment_is_waited_for(
    gateway: StripeGateway, simulator: Simulator, method: str, is_paid: bool
) -> None:
    session = gateway.start(page()).session_id
    simulator.pay(session, method)
    waiting = gateway.fetch(session)
    assert (waiting.status, waiting.is_paid, waiting.has_failed) == (SessionStatus.COMPLETE, False, False)
    simulator.advance(60)
    done = gateway.fetch(session)
    assert (done.is_paid, done.has_failed) == (is_paid, not is_paid)


def test_a_page_ends_by_time_or_by_the_shop(gateway: StripeGateway, simulator: Simulator) -> None:
    first, second = gateway.start(page()), gateway.start(page(idempotency_key="co:LUSAB-MODIK-47:2"))
    gateway.expire(first.session_id)
    assert gateway.fetch(first.session_id).status is SessionStatus.EXPIRED
    simulator.advance(32 * 60)
    assert gateway.fetch(second.session_id).status is SessionStatus.EXPIRED


def test_refunds_are_sent_once_and_never_exceed_the_payment(gateway: StripeGateway, simulator: Simulator) -> None:
    session = gateway.start(page()).session_id
    simulator.pay(session)
    intent = gateway.fetch(session).payment_intent_id
    sent = refund(gateway, intent, 1000)
    assert (sent.refund_id, sent.amount, sent.state) == ("r1", 1000, RefundState.SUCCEEDED)
    assert refund(gateway, intent, 1000) == sent
    with pytest.raises(RequestRefused):
        refund(gateway, intent, 3491, "r2")
    rest = refund(gateway, intent, None, "r3")
    state = gateway.fetch(session)
    assert (rest.amount, state.refunded_amount) == (3490, 4490)
    assert sorted(each.refund_id for each in state.refunds) == ["r1", "r3"]


def test_a_dispute_is_seen_until_it_is_won(gateway: StripeGateway, simulator: Simulator) -> None:
    session = gateway.start(page()).session_id
    simulator.pay(session)
    state = gateway.fetch(session)
    assert state.dispute is DisputeState.NONE
    dispute = simulator.ask("disputes", payment_intent=state.payment_intent_id)
    assert gateway.fetch(session).dispute is DisputeState.OPEN
    simulator.ask(f"disputes/{dispute['id']}/close", status="won")
    assert gateway.fetch(session).dispute is DisputeState.WON


def test_an_unknown_session_is_refused(gateway: StripeGateway) -> None:
    with pytest.raises(RequestRefused):
        gateway.fetch("cs_test_nothing")


def test_a_page_whose_making_was_not_answered_is_found_by_its_key(gateway: StripeGateway, simulator: Simulator) -> None:
    request = page()
    simulator.ask("faults", path="POST /v1/checkout/sessions", point="after")
    with pytest.raises(PaymentUnavailable):
        gateway.start(request)
    [entry] = simulator.ask("books")
    assert gateway.start(request).session_id == entry["session"]


def test_a_provider_that_is_away_is_unavailable(gateway: StripeGateway, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(PaymentUnavailable):
        gateway.fetch("cs_test_1")


@pytest.mark.parametrize(
    ("key", "base", "place", "is_fine"),
    [
        ("sk_test_1", "", "laptop", True),
        ("rk_test_1", "http://127.0.0.1:4570", "laptop", True),
        ("sk_live_1", "", "laptop", False),
        ("rk_live_1", "", "laptop", False),
        ("sk_test_1", "http://127.0.0.1:4570", "rehearsal", True),
        ("sk_live_1", "http://127.0.0.1:4570", "rehearsal", False),
        ("sk_live_1", "", "rehearsal", False),
        ("sk_live_1", "", "AWS", True),
        ("sk_live_1", "https://api.stripe.com", "AWS", True),
        ("sk_live_1", "https://api.stripe.com.evil.example", "AWS", False),
        ("sk_test_1", "http://127.0.0.1:4570", "AWS", False),
    ],
)
def test_no_real_money_on_a_laptop_and_no_real_key_to_strangers(
    settings: Any, key: str, base: str, place: str, is_fine: bool
) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = key, base
    settings.IS_LOCAL, settings.IS_REHEARSAL = place == "laptop", place == "rehearsal"
    if is_fine:
        check_configuration()
    else:
        with pytest.raises(BadConfiguration):
            check_configuration()


def test_paying_by_card_is_offered_once_there_is_a_key(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert not is_configured()
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    assert is_configured()
