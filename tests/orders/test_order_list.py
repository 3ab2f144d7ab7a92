import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client

from cloudcart.dynamo import CallLog
from orders.models import Order
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order


def buy_often(shopper: Shopper, times: int) -> list[Order]:
    line = make_line(make_product(stock=100))
    return [
        place_order(line, customer_id=shopper.customer_id, now=NOW + timedelta(microseconds=number))
        for number in range(times)
    ]


def numbers_on(page: str) -> list[str]:
    return re.findall(r'class="order-card__link" href="/orders/([A-Z0-9-]+)/"', page)


def test_a_guest_is_sent_to_sign_in_and_back(client: Client, htmx_client: Client) -> None:
    assert client.get("/orders/")["Location"] == "/accounts/sign-in/?next=%2Forders%2F"
    assert htmx_client.get("/orders/").status_code == 204


def test_a_customer_without_orders_is_shown_the_way_to_products(alice_client: Client) -> None:
    page = alice_client.get("/orders/").content.decode()
    assert "No orders yet" in page
    assert "See all products" in page


def test_a_customer_sees_their_orders_newest_first_and_nobody_elses(alice: Shopper, bob: Shopper) -> None:
    orders = buy_often(alice, 3)
    buy_often(bob, 1)
    place_order(make_line(make_product()))
    response = alice.client.get("/orders/")
    assert numbers_on(response.content.decode()) == [order.number for order in reversed(orders)]
    assert "no-store" in response["Cache-Control"]
    assert "Being confirmed" in response.content.decode()


def test_pages_follow_one_another_without_gap_or_repetition(alice: Shopper) -> None:
    orders = buy_often(alice, 23)
    url: str | None = "/orders/"
    pages = []
    while url:
        page = alice.client.get(url).content.decode()
        pages.append(numbers_on(page))
        following = re.search(r'rel="next" href="(\?before=[^"]+)"', page)
        url = f"/orders/{following[1]}" if following else None
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [number for page in pages for number in page] == [order.number for order in reversed(orders)]


@pytest.mark.parametrize("before", ["", "yesterday", "2026-02-30T00:00:00+00:00", "2026-03-02T10:00:00", "0" * 500])
def test_a_broken_address_shows_the_newest(alice: Shopper, before: str) -> None:
    [order] = buy_often(alice, 1)
    page = alice.client.get("/orders/", {"before": before}).content.decode()
    assert numbers_on(page) == [order.number]


def test_other_methods_are_refused(alice_client: Client) -> None:
    assert alice_client.post("/orders/").status_code == 405


def test_the_list_takes_two_calls(
    alice: Shopper, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    buy_often(alice, 12)
    with dynamodb_calls() as log:
        alice.client.get("/orders/")
    assert log.count == 2, str(log)
