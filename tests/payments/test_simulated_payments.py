"""What shoppers, banks and merchants do at the simulator, seen through the real SDK."""

from typing import Any

import pytest
import stripe
from stripe import InvalidRequestError

from tests.payments.simulator import Simulator
from tests.payments.test_stripe_contract import order

EXPAND = {"expand": ["payment_intent.latest_charge.refunds"]}


def make_session(simulator: Simulator, **changes: Any) -> str:
    return simulator.client.v1.checkout.sessions.create(order(**changes)).id


def fetch(simulator: Simulator, session: str) -> Any:
    return simulator.client.v1.checkout.sessions.retrieve(session, EXPAND)  # type: ignore[arg-type]


def event_types(simulator: Simulator) -> list[str]:
    return [str(event.type) for event in simulator.client.v1.events.list({"limit": 100}).data][::-1]


def test_a_card_pays_the_whole_total(simulator: Simulator) -> None:
    session = make_session(simulator)
    paid = simulator.pay(session)
    assert paid["location"] == f"https://shop.example/paid?session={session}"
    found = fetch(simulator, session)
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    intent = found.payment_intent
    assert (intent.status, intent.amount_received, intent.metadata["order"]) == ("succeeded", 2500, "CC-1")
    charge = intent.latest_charge
    assert (charge.paid, charge.amount_captured, charge.amount_refunded) == (True, 2500, 0)
    assert charge.payment_method_details.card.last4 == "4242"
    assert event_types(simulator) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("method", "is_approved"),
    [("card_declined", True), ("card_insufficient", True), ("card_3ds", False), ("paypal", False)],
)
def test_a_refused_payment_leaves_the_session_open_for_another_try(
    simulator: Simulator, method: str, is_approved: bool
) -> None:
    session = make_session(simulator)
    assert simulator.pay(session, method, is_approved=is_approved)["location"] == f"/c/pay/{session}"
    found = fetch(simulator, session)
    assert (found.status, found.payment_status) == ("open", "unpaid")
    assert found.payment_intent.last_payment_error.message
    simulator.pay(session, "card_3ds")
    again = fetch(simulator, session)
    assert (again.payment_status, again.payment_intent.id) == ("paid", found.payment_intent.id)
    [entry] = simulator.ask("books")
    assert (entry["charges"], entry["captured"]) == (1, 2500)


def test_a_paid_session_cannot_be_paid_or_ended(simulator: Simulator) -> None:
    session = make_session(simulator)
    simulator.pay(session)
    with pytest.raises(InvalidRequestError, match="status of `complete`"):
        simulator.client.v1.checkout.sessions.expire(session)
    assert [entry["charges"] for entry in simulator.ask("books")] == [1]


@pytest.mark.parametrize(
    ("method", "payment_status", "event"),
    [
        ("debit", "paid", "checkout.session.async_payment_succeeded"),
        ("debit_failed", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_a_delayed_method_ends_later(simulator: Simulator, method: str, payment_status: str, event: str) -> None:
    session = make_session(simulator)
    simulator.pay(session, method)
    waiting = fetch(simulator, session)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    simulator.advance(60)
    assert fetch(simulator, session).payment_status == payment_status
    assert event_types(simulator)[-1] == event


def test_a_session_whose_time_is_over_has_expired(simulator: Simulator) -> None:
    session = make_session(simulator)
    simulator.advance(24 * 60 * 60 + 1)
    assert fetch(simulator, session).status == "expired"
    assert event_types(simulator) == ["checkout.session.expired"]


def test_refunds_never_exceed_what_was_captured(simulator: Simulator) -> None:
    session = make_session(simulator)
    simulator.pay(session)
    intent = fetch(simulator, session).payment_intent.id
    refunds = simulator.client.v1.refunds
    first = refunds.create({"payment_intent": intent, "amount": 1000, "reason": "requested_by_customer"})
    assert first.status == "succeeded"
    with pytest.raises(InvalidRequestError, match="greater than unrefunded amount"):
        refunds.create({"payment_intent": intent, "amount": 1501})
    second = refunds.create({"payment_intent": intent})
    assert second.amount == 1500
    with pytest.raises(InvalidRequestError) as caught:
        refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"
    charge = fetch(simulator, session).payment_intent.latest_charge
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    assert [refund.id for refund in charge.refunds.data] == [second.id, first.id]
    assert [refund.id for refund in refunds.list({"payment_intent": intent}).data] == [second.id, first.id]


def test_a_refund_can_wait_and_fail_and_its_money_is_back(simulator: Simulator) -> None:
    simulator.ask("switches", refunds="pending")
    session = make_session(simulator)
    simulator.pay(session)
    intent = fetch(simulator, session).payment_intent.id
    refund = simulator.client.v1.refunds.create({"payment_intent": intent, "amount": 700})
    assert refund.status == "pending"
    assert fetch(simulator, session).payment_intent.latest_charge.amount_refunded == 700
    simulator.ask(f"refunds/{refund.id}/settle", status="failed")
    assert simulator.client.v1.refunds.retrieve(refund.id).status == "failed"
    assert fetch(simulator, session).payment_intent.latest_charge.amount_refunded == 0


def test_an_open_payment_cannot_be_refunded(simulator: Simulator) -> None:
    session = make_session(simulator)
    simulator.pay(session, "debit")
    with pytest.raises(InvalidRequestError, match="does not have a successful charge"):
        simulator.client.v1.refunds.create({"payment_intent": fetch(simulator, session).payment_intent.id})


def test_a_dispute_is_opened_and_closed(simulator: Simulator) -> None:
    session = make_session(simulator)
    simulator.pay(session)
    intent = fetch(simulator, session).payment_intent.id
    dispute = simulator.ask("disputes", payment_intent=intent)
    assert fetch(simulator, session).payment_intent.latest_charge.disputed
    with pytest.raises(InvalidRequestError) as caught:
        simulator.client.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_disputed"
    simulator.ask(f"disputes/{dispute['id']}/close", status="won")
    [found] = simulator.client.v1.disputes.list({"payment_intent": intent}).data
    assert found.status == "won"
    assert event_types(simulator)[-2:] == ["charge.dispute.created", "charge.dispute.closed"]


def test_an_answer_can_get_lost_after_the_work_was_done(simulator: Simulator) -> None:
    simulator.ask("faults", path="POST /v1/checkout/sessions", point="after")
    options: Any = {"idempotency_key": "attempt-1"}
    with pytest.raises(stripe.APIError):
        simulator.client.v1.checkout.sessions.create(order(), options)
    [entry] = simulator.ask("books")
    assert simulator.client.v1.checkout.sessions.create(order(), options).id == entry["session"]


def test_one_currency_and_at_least_half_a_euro(simulator: Simulator) -> None:
    price = {"currency": "eur", "unit_amount": 49, "product_data": {"name": "Pin"}}
    with pytest.raises(InvalidRequestError) as caught:
        make_session(simulator, line_items=[{"quantity": 1, "price_data": price}])
    assert caught.value.code == "amount_too_small"
    dollars = {"quantity": 1, "price_data": price | {"currency": "usd", "unit_amount": 900}}
    with pytest.raises(InvalidRequestError, match="same currency"):
        make_session(simulator, line_items=[*order()["line_items"], dollars])
