from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cloudcart.dynamo import CallLog
from orders import services
from orders.links import sign_number
from orders.models import Order
from orders.outbox import process_order
from orders.status import OrderStatus, PaymentStatus
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order


@pytest.fixture
def order() -> Order:
    shirt = make_product(title="Linen shirt", price=2000, options={"Size": ["S", "M"]}, images=1)
    return place_order(make_line(shirt, 2, shirt.variants[1]), now=timezone.now())


def path_of(order: Order, **query: str) -> str:
    return f"/orders/{order.number}/?key={sign_number(order.number)}" + "".join(
        f"&{name}={value}" for name, value in query.items()
    )


def test_a_guest_sees_the_order_by_its_link(client: Client, order: Order) -> None:
    response = client.get(path_of(order))
    page = response.content.decode()
    assert response.status_code == 200
    assert f'Order <span class="nowrap">{order.number}</span>' in page
    assert "Linen shirt" in page
    assert "M · Quantity 2 · €20.00 each" in page
    assert "Torstrasse 1<br>10115 Berlin<br>Germany" in page
    assert "€44.90" in page
    assert "Includes €7.17 tax." in page
    assert "Thank you" not in page


def test_whoever_comes_from_the_checkout_is_thanked(client: Client, order: Order) -> None:
    page = client.get(path_of(order, placed="1")).content.decode()
    assert "Thank you for your order" in page
    assert "ada@example.com" in page


def test_the_thanks_tell_of_the_mail_in_the_right_tense(client: Client, htmx_client: Client, order: Order) -> None:
    path = path_of(order, placed="1")
    assert "As soon as it is confirmed we write to ada@example.com" in client.get(path).content.decode()
    process_order(number=order.number, now=timezone.now())
    page, fragment = client.get(path).content.decode(), htmx_client.get(path).content.decode()
    assert "We have written to ada@example.com" in page
    assert "As soon as" not in page
    news = fragment.partition('<span id="order-news" hx-swap-oob="innerHTML">')[2]
    assert news.lstrip().startswith("We have written to ada@example.com")
    # Whoever comes later is not thanked, and has no such sentence to change.
    assert "order-news" not in htmx_client.get(path_of(order)).content.decode()


@pytest.mark.parametrize("key", ["", "wrong", "é", "x" * 500])
def test_a_wrong_key_looks_like_an_unknown_order(client: Client, order: Order, key: str) -> None:
    wrong = client.get(f"/orders/{order.number}/", {"key": key})
    unknown = client.get("/orders/LUSAB-MODIK-47/", {"key": key})
    nonsense = client.get("/orders/none/", {"key": key})
    assert [wrong.status_code, unknown.status_code, nonsense.status_code] == [404, 404, 404]
    assert wrong.content == unknown.content == nonsense.content
    assert "We cannot find this order" in wrong.content.decode()


def test_the_key_of_one_order_does_not_open_another(client: Client, order: Order) -> None:
    other = place_order(make_line(make_product()))
    assert client.get(f"/orders/{order.number}/", {"key": sign_number(other.number)}).status_code == 404


def test_a_customer_sees_their_own_order_and_no_other(alice: Shopper, bob: Shopper, client: Client) -> None:
    order = place_order(make_line(make_product()), customer_id=alice.customer_id)
    path = f"/orders/{order.number}/"
    assert alice.client.get(path).status_code == 200
    assert bob.client.get(path).status_code == 404
    assert bob.client.get(path).content == bob.client.get("/orders/LUSAB-MODIK-47/").content
    assert client.get(path).status_code == 404


def test_a_guests_order_is_not_a_customers(bob_client: Client, order: Order) -> None:
    assert bob_client.get(f"/orders/{order.number}/").status_code == 404
    assert bob_client.get(path_of(order)).status_code == 200


def test_the_number_is_read_as_people_type_it(client: Client, order: Order) -> None:
    typed = order.number.lower().replace("-", " ")
    assert client.get(f"/orders/{typed}/", {"key": sign_number(order.number)}).status_code == 200


def test_the_page_is_kept_by_nobody_and_its_address_told_to_nobody(client: Client, order: Order) -> None:
    response = client.get(path_of(order))
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "HX-Request" in response["Vary"]
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_a_pending_order_asks_again_by_itself_and_has_a_link_for_those_without_script(
    client: Client, htmx_client: Client, order: Order
) -> None:
    page = client.get(path_of(order)).content.decode()
    link = f'href="{path_of(order)}" hx-get="{path_of(order)}" hx-trigger="every 2s, click"'
    assert link in page
    assert "Being confirmed" in page
    fragment = htmx_client.get(path_of(order)).content.decode().strip()
    assert fragment.startswith('<section class="order-status" id="order-status"')
    assert link in fragment
    assert "live-region" not in fragment


def test_a_confirmed_order_is_announced_and_asked_for_no_more(htmx_client: Client, order: Order) -> None:
    process_order(number=order.number, now=timezone.now())
    fragment = htmx_client.get(path_of(order)).content.decode()
    assert "hx-trigger" not in fragment
    assert 'id="live-region" hx-swap-oob="innerHTML"' in fragment
    assert "Your order is confirmed" in fragment
    assert fragment.count("timeline__item--done") == 2


def test_what_is_told_beside_the_status_follows_it(client: Client, htmx_client: Client, order: Order) -> None:
    path = path_of(order, placed="1")
    assert 'id="order-payment">Due on invoice<' in client.get(path).content.decode()
    order.payment_status, order.refunded_amount = PaymentStatus.PART_REFUNDED, 500
    order.save()
    fragment = htmx_client.get(path).content.decode()
    assert '<span id="order-payment" hx-swap-oob="innerHTML">Partly refunded</span>' in fragment
    totals = fragment.partition('<div id="order-totals" hx-swap-oob="innerHTML">')[2]
    assert "−€5.00" in totals


def test_nobody_is_thanked_for_an_order_that_was_canceled_meanwhile(
    client: Client, htmx_client: Client, order: Order
) -> None:
    path = path_of(order, placed="1")
    services.move(order, OrderStatus.CANCELED, now=NOW, note="You asked us to.")
    order.save()
    page, fragment = client.get(path).content.decode(), htmx_client.get(path).content.decode()
    assert "Thank you" not in page
    title = fragment.partition('<span id="order-title" hx-swap-oob="innerHTML">')[2]
    assert title.lstrip().startswith("This order was canceled")


def test_an_order_that_waits_long_is_asked_for_less_often(client: Client, order: Order) -> None:
    order.placed_at = timezone.now() - timedelta(minutes=3)
    order.save()
    assert 'hx-trigger="every 15s, click"' in client.get(path_of(order)).content.decode()


def test_a_canceled_order_says_so(client: Client, order: Order) -> None:
    services.move(order, OrderStatus.CANCELED, now=NOW, note="You asked us to.")
    order.save()
    page = client.get(path_of(order)).content.decode()
    assert "timeline__item--failed" in page
    assert "You asked us to." in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(client: Client, order: Order, method: str) -> None:
    assert getattr(client, method)(path_of(order)).status_code == 405


def test_the_page_takes_one_call_for_a_guest_and_two_for_a_customer(
    client: Client, alice: Shopper, order: Order, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    with dynamodb_calls() as log:
        client.get(path_of(order))
    assert log.count == 1, str(log)
    own = place_order(make_line(make_product()), customer_id=alice.customer_id)
    with dynamodb_calls() as log:
        assert alice.client.get(f"/orders/{own.number}/").status_code == 200
    assert log.count == 2, str(log)
