"""Buying by card with plain forms, the shop and the simulator as they are, a browser's clicks made by hand."""

import re
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product
from orders.links import order_path
from orders.models import Order
from orders.stripe_gateway import StripeGateway
from tests.factories import make_product
from tests.orders.card_orders import stock_of
from tests.orders.checkouts import PAYMENT, REVIEW, answer_until, fill_cart, hidden_fields, place
from tests.payments.simulator import Simulator


@pytest.fixture
def shopper() -> Client:
    """A browser; in this folder, `client` is Stripe's SDK."""
    return Client(headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def mug() -> Product:
    return make_product(title="Mug", price=2000, stock=10)


def order_by_card(client: Client, mug: Product) -> Any:
    """Go through the checkout; gives the answer to the last click."""
    fill_cart(client, mug)
    answer_until(client, PAYMENT)
    client.post(PAYMENT, {"payment_method": "card"})
    return place(client)


def only_order() -> Order:
    [order] = Order.scan()
    return order


def acts_on(page: str) -> list[str]:
    return re.findall(r'action="(/orders/[^"]+)"', page)


def open_order(client: Client) -> str:
    return client.get(order_path(only_order())).content.decode()


def test_the_last_click_leads_to_the_page_to_pay_on_and_back_to_a_paid_order(
    shopper: Client, gateway: StripeGateway, simulator: Simulator, mug: Product
) -> None:
    response = order_by_card(shopper, mug)
    order = only_order()
    assert (response.status_code, response["Location"]) == (302, gateway.fetch(order.payment_session_id or "").url)
    assert stock_of(mug) == (9, 1)
    led_to = simulator.pay(order.payment_session_id or "")["location"]
    response = shopper.get(led_to.removeprefix("http://127.0.0.1:8000"), follow=True)
    page = response.content.decode()
    assert "Thank you for your order" in page
    assert re.findall(r'timeline__title">([^<]+)', page) == ["Order placed", "Paid", "Confirmed", "Getting it ready"]
    assert stock_of(mug) == (9, 0)


def test_whoever_comes_back_without_paying_can_go_on_or_cancel(
    shopper: Client, gateway: StripeGateway, simulator: Simulator, mug: Product
) -> None:
    url = order_by_card(shopper, mug)["Location"]
    cancel_url = simulator.client.v1.checkout.sessions.retrieve(only_order().payment_session_id or "").cancel_url or ""
    page = shopper.get(cancel_url.removeprefix("http://127.0.0.1:8000"), follow=True).content.decode()
    assert "This order is not paid yet" in page
    pay, cancel = acts_on(page)
    assert shopper.post(pay)["Location"] == url
    shopper.post(cancel)
    page = open_order(shopper)
    assert "You canceled it." in page
    assert len(acts_on(page)) == 1
    assert stock_of(mug) == (10, 0)
    with_session = only_order()
    assert gateway.fetch(with_session.payment_session_id or "").status == "expired"


def test_an_order_stands_when_the_provider_is_away_and_is_paid_later(
    shopper: Client, gateway: StripeGateway, simulator: Simulator, mug: Product, settings: Any
) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert order_by_card(shopper, mug)["Location"].startswith("/orders/")
    page = open_order(shopper)
    assert "This order is not paid yet" in page
    pay = acts_on(page)[0]
    assert shopper.post(pay)["Location"].startswith("/orders/")
    assert "The payment service does not answer" in open_order(shopper)
    settings.STRIPE_API_BASE = simulator.url
    assert shopper.post(pay)["Location"].startswith(simulator.url)
    assert only_order().payment_attempt == 1


def test_beginning_to_pay_has_a_limit(shopper: Client, gateway: StripeGateway, mug: Product, settings: Any) -> None:
    settings.ORDER_LIMITS = settings.ORDER_LIMITS | {"payment": 1}
    order_by_card(shopper, mug)
    pay = acts_on(open_order(shopper))[0]
    shopper.post(pay)
    assert shopper.post(pay)["Location"].startswith("/orders/")
    assert "There were too many attempts." in open_order(shopper)


@pytest.mark.parametrize("limit", ["address", "account", "product"])
def test_ordering_has_limits_that_are_told_on_the_review_page(
    shopper: Client, gateway: StripeGateway, mug: Product, settings: Any, limit: str
) -> None:
    settings.ORDER_LIMITS = settings.ORDER_LIMITS | {limit: 1}
    order_by_card(shopper, mug)
    fill_cart(shopper, mug)
    response = shopper.post(REVIEW, hidden_fields(shopper.get(REVIEW)))
    assert response.status_code == 429
    assert "There were too many attempts." in response.content.decode()
    assert len(list(Order.scan())) == 1
    assert stock_of(mug) == (9, 1)


def test_browsers_may_follow_the_form_to_the_page_to_pay_on(shopper: Client) -> None:
    policy = shopper.get("/")["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.stripe.com" in policy
