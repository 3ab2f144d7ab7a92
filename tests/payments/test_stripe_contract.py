"""The questions that the shop asks Stripe, by the real SDK: the simulator answers them as Stripe does.

With STRIPE_TEST_KEY in the environment the same tests run against Stripe's test mode.
"""

import time
import uuid
from typing import Any

import pytest
import stripe
from stripe import InvalidRequestError, StripeClient


def order(**changes: Any) -> Any:
    line = {
        "quantity": 2,
        "price_data": {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "Mug", "description": "Blue"}},
    }
    return {
        "mode": "payment",
        "line_items": [line],
        "success_url": "https://shop.example/paid?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cancel",
        "client_reference_id": "CC-1",
        "metadata": {"order": "CC-1"},
        "payment_intent_data": {"metadata": {"order": "CC-1"}},
        **changes,
    }


def test_a_session_sums_its_lines_and_its_shipping(client: StripeClient) -> None:
    rate = {"display_name": "Standard", "type": "fixed_amount", "fixed_amount": {"amount": 490, "currency": "eur"}}
    session = client.v1.checkout.sessions.create(order(shipping_options=[{"shipping_rate_data": rate}]))
    assert (session.amount_subtotal, session.amount_total, session.currency) == (2500, 2990, "eur")
    assert session.total_details is not None
    assert session.total_details.amount_shipping == 490
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert session.url is not None
    assert session.id in session.url
    assert session.payment_intent is None
    assert session.client_reference_id == "CC-1"
    assert session.metadata is not None
    assert session.metadata["order"] == "CC-1"


def test_a_session_can_be_fetched_with_its_lines(client: StripeClient) -> None:
    made = client.v1.checkout.sessions.create(order())
    session = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items", "payment_intent"]})
    assert session.line_items is not None
    [line] = session.line_items.data
    assert (line.description, line.quantity, line.amount_total) == ("Mug", 2, 2500)
    assert session.payment_intent is None
    listed = client.v1.checkout.sessions.line_items.list(made.id)
    assert [item.id for item in listed.data] == [line.id]


def test_a_session_lasts_a_day_unless_it_says_otherwise(client: StripeClient) -> None:
    session = client.v1.checkout.sessions.create(order())
    assert session.expires_at - session.created == pytest.approx(24 * 60 * 60, abs=5)
    wanted = int(time.time()) + 31 * 60
    assert client.v1.checkout.sessions.create(order(expires_at=wanted)).expires_at == wanted


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 5])
def test_a_session_cannot_last_less_than_half_an_hour_or_more_than_a_day(client: StripeClient, minutes: int) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(order(expires_at=int(time.time()) + minutes * 60))
    assert caught.value.param == "expires_at"


def test_an_open_session_can_be_ended_once(client: StripeClient) -> None:
    session = client.v1.checkout.sessions.create(order())
    ended = client.v1.checkout.sessions.expire(session.id)
    assert (ended.status, ended.url) == ("expired", None)
    with pytest.raises(InvalidRequestError, match="status of `expired`"):
        client.v1.checkout.sessions.expire(session.id)


def test_the_same_key_gives_the_same_session(client: StripeClient) -> None:
    key = uuid.uuid4().hex
    first = client.v1.checkout.sessions.create(order(), {"idempotency_key": key})
    again = client.v1.checkout.sessions.create(order(), {"idempotency_key": key})
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert client.v1.checkout.sessions.create(order(), {"idempotency_key": key + "2"}).id != first.id


def test_the_same_key_with_another_body_is_an_error(client: StripeClient) -> None:
    key = uuid.uuid4().hex
    client.v1.checkout.sessions.create(order(), {"idempotency_key": key})
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.checkout.sessions.create(order(client_reference_id="CC-2"), {"idempotency_key": key})


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"color": "red"}, "parameter_unknown", "color"),
        ({"line_items": [{"quantity": 1, "colour": 1}]}, "parameter_unknown", "line_items[0][colour]"),
        ({"cancel_url": "nowhere"}, "url_invalid", "cancel_url"),
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
    ],
)
def test_what_is_wrong_is_named(client: StripeClient, changes: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(order(**changes))
    assert (caught.value.code, caught.value.param) == (code, param)


def test_a_session_needs_lines(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(order(line_items=[]))
    assert caught.value.http_status == 400


@pytest.mark.parametrize("name", ["session", "intent", "refund"])
def test_what_is_not_there_is_missing(client: StripeClient, name: str) -> None:
    ask: dict[str, Any] = {
        "session": lambda: client.v1.checkout.sessions.retrieve("cs_test_nothing"),
        "intent": lambda: client.v1.payment_intents.retrieve("pi_nothing"),
        "refund": lambda: client.v1.refunds.retrieve("re_nothing"),
    }
    with pytest.raises(InvalidRequestError) as caught:
        ask[name]()
    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)


def test_a_refund_needs_a_payment(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError):
        client.v1.refunds.create({"amount": 100})


def test_a_key_that_opens_nothing_is_refused(client: StripeClient) -> None:
    stranger = StripeClient("sk_live_nobody", base_addresses=client._requestor._options.base_addresses or {})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.checkout.sessions.retrieve("cs_test_nothing")


def test_what_happened_is_listed(client: StripeClient) -> None:
    session = client.v1.checkout.sessions.create(order())
    client.v1.checkout.sessions.expire(session.id)
    events = client.v1.events.list({"type": "checkout.session.expired", "limit": 1})
    assert [event.data.object["id"] for event in events.data] == [session.id]
