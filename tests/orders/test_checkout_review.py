from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from cart.models import Cart
from catalog import services
from catalog.models import Product, Stock
from cloudcart.dynamo import CallLog
from orders.links import sign_number
from orders.models import Idempotency, Order
from tests.cast import Shopper, a_browser
from tests.clock import NOW
from tests.factories import LONG_AGO, make_product
from tests.orders.checkouts import CONTACT, REVIEW, answer_until, fill_cart, hidden_fields, place


@pytest.fixture
def product() -> Product:
    return make_product(title="Blue mug", price=3600, stock=10)


@pytest.fixture
def shopper(client: Client, product: Product, task_queue: Callable[[], int]) -> Client:
    fill_cart(client, product, quantity=2)
    answer_until(client, REVIEW)
    return client


@pytest.fixture
def htmx_shopper(htmx_client: Client, product: Product, task_queue: Callable[[], int]) -> Client:
    fill_cart(htmx_client, product, quantity=2)
    answer_until(htmx_client, REVIEW)
    return htmx_client


def assert_nothing_was_ordered(product: Product) -> None:
    assert next(iter(Order.scan()), None) is None
    assert next(iter(Idempotency.scan()), None) is None
    assert Stock.get(product.variants[0].sku).reserved == 0
    assert [cart.unit_count for cart in Cart.scan()] == [2]


def test_placing_leads_a_guest_to_the_order_with_its_key(shopper: Client, task_queue: Callable[[], int]) -> None:
    response = place(shopper)
    [order] = Order.scan()
    assert response.status_code == 302
    assert response["Location"] == f"/orders/{order.number}/?placed=1&key={sign_number(order.number)}"
    assert order.is_pending
    assert order.customer_id is None
    assert response.cookies["cart_count"]["max-age"] == 0
    assert task_queue() == 1
    page = shopper.get(response["Location"]).content.decode()
    assert "Thank you for your order" in page


def test_htmx_is_led_to_the_order_by_a_header(htmx_shopper: Client) -> None:
    response = place(htmx_shopper)
    [order] = Order.scan()
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith(f"/orders/{order.number}/?")


def test_a_customers_order_is_theirs_and_its_address_needs_no_key(
    alice: Shopper, product: Product, task_queue: Callable[[], int]
) -> None:
    fill_cart(alice.client, product)
    answer_until(alice.client, REVIEW)
    response = place(alice.client)
    [order] = Order.scan()
    assert order.customer_id == alice.customer_id
    assert response["Location"] == f"/orders/{order.number}/?placed=1"


def test_a_form_sent_twice_or_after_going_back_leads_to_the_same_order(shopper: Client) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    first = shopper.post(REVIEW, fields)
    assert shopper.post(REVIEW, fields)["Location"] == first["Location"]
    assert Order.count() == 1
    # The review itself has nothing left to show.
    assert shopper.get(REVIEW)["Location"] == "/cart/"


def test_a_double_click_leads_to_one_order(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    twins = [a_browser(), a_browser()]
    for twin in twins:
        twin.cookies = shopper.cookies
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda twin: twin.post(REVIEW, fields), twins))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Order.count() == 1
    assert Stock.get(product.variants[0].sku).reserved == 2


def test_a_changed_price_is_shown_before_anything_is_ordered(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    product.variants[0].unit_amount = 3900
    services.save_product(product=product, now=NOW)
    response = shopper.post(REVIEW, fields)
    page = response.content.decode()
    assert response.status_code == 409
    assert "The total is now €82.90; it was €76.90 when you last saw it. Nothing was ordered yet." in page
    assert_nothing_was_ordered(product)
    # The page agrees to the new total, so that sending it once more places the order.
    assert shopper.post(REVIEW, hidden_fields(response)).status_code == 302
    [order] = Order.scan()
    assert order.total == 8290


def test_htmx_gets_the_review_and_the_sums_in_their_present_truth(htmx_shopper: Client, product: Product) -> None:
    fields = hidden_fields(htmx_shopper.get(REVIEW))
    product.variants[0].unit_amount = 3900
    services.save_product(product=product, now=NOW)
    response = htmx_shopper.post(REVIEW, fields)
    fragment = response.content.decode().strip()
    assert response.status_code == 409
    assert fragment.startswith('<form class="form" id="checkout-form"')
    assert 'id="checkout-total" hx-swap-oob="innerHTML">€82.90<' in fragment
    assert fragment.count('hx-swap-oob="innerHTML"') == 3


def test_what_sold_out_in_between_is_told_with_the_way_back_to_the_cart(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    services.set_stock(sku=product.variants[0].sku, available=1, now=LONG_AGO)
    response = shopper.post(REVIEW, fields)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Only 1 of Blue mug is left. Nothing was ordered yet." in page
    assert "Change your cart" in page
    assert "Place order" not in page
    assert_nothing_was_ordered(product)


def test_a_cart_changed_in_another_tab_is_shown_again(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    fill_cart(shopper, product)
    response = shopper.post(REVIEW, fields)
    assert response.status_code == 409
    assert "Your cart has changed since this page was made." in response.content.decode()
    assert Order.count() == 0


@pytest.mark.parametrize("changes", [{"total": ""}, {"total": "free"}, {"idempotency_key": ""}, {"total": "-1"}])
def test_a_form_without_its_fields_orders_nothing(shopper: Client, product: Product, changes: dict[str, str]) -> None:
    response = shopper.post(REVIEW, hidden_fields(shopper.get(REVIEW)) | changes)
    assert response.status_code == 409
    assert_nothing_was_ordered(product)


def test_a_total_made_up_by_the_client_orders_nothing(shopper: Client, product: Product) -> None:
    response = shopper.post(REVIEW, hidden_fields(shopper.get(REVIEW)) | {"total": "1"})
    assert response.status_code == 409
    assert_nothing_was_ordered(product)


@pytest.mark.parametrize("lines", ["", "nonsense", ":", "none:NONE", "x" * 5000 + ":y", "é:é " * 500])
def test_lines_made_up_by_the_client_change_nothing(shopper: Client, product: Product, lines: str) -> None:
    response = shopper.post(REVIEW, hidden_fields(shopper.get(REVIEW)) | {"lines": lines})
    assert response.status_code == 302
    [order] = Order.scan()
    assert [(line.sku, line.quantity) for line in order.lines] == [(product.variants[0].sku, 2)]


def test_another_visitor_cannot_place_or_see_it(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    stranger = a_browser()
    assert stranger.post(REVIEW, fields)["Location"] == "/cart/"
    assert_nothing_was_ordered(product)
    place(shopper)
    fill_cart(stranger, product)
    answer_until(stranger, REVIEW)
    assert stranger.post(REVIEW, fields).status_code == 409
    assert Order.count() == 1


def test_an_emptied_cart_leads_to_the_cart(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    shopper.post(f"/cart/items/{product.variants[0].sku}/remove/")
    assert shopper.post(REVIEW, fields)["Location"] == "/cart/"


def test_an_answer_that_went_missing_leads_to_its_step(shopper: Client) -> None:
    [cart] = Cart.scan()
    cart.checkout.email = ""
    cart.save()
    fields = hidden_fields(shopper.get(REVIEW)) or {"idempotency_key": "x", "total": "1"}
    from orders.idempotency import key_for

    response = shopper.post(REVIEW, fields | {"idempotency_key": key_for(cart)})
    assert response["Location"] == CONTACT


def test_a_post_from_another_site_is_refused(shopper: Client, product: Product) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    assert shopper.post(REVIEW, fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert_nothing_was_ordered(product)


def test_placing_takes_two_calls_for_a_guest(
    shopper: Client, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    fields = hidden_fields(shopper.get(REVIEW))
    with dynamodb_calls() as log:
        assert shopper.post(REVIEW, fields).status_code == 302
    assert [operation for operation, _ in log.calls] == ["BatchGetItem", "TransactWriteItems"]
