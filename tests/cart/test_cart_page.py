from collections.abc import Callable
from contextlib import AbstractContextManager

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from cart import queries
from cart.models import MAX_LINES, Cart
from cart.pricing import Gone, OnlyLeft, SoldOut
from catalog.models import Product, Status, Stock
from cloudcart.dynamo import CallLog
from tests.cart.carts import add, save_long_cart, stored_cart
from tests.cast import Shopper
from tests.factories import make_product, make_products

CountCalls = Callable[[], AbstractContextManager[CallLog]]


def test_an_empty_cart_shows_the_way_to_the_products_and_reads_nothing(
    client: Client, dynamodb_calls: CountCalls
) -> None:
    with dynamodb_calls() as log:
        response = client.get("/cart/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Your cart is empty" in page
    assert 'href="/products/">See all products</a>' in page
    assert "Checkout" not in page
    assert log.count == 0, str(log)


def test_a_guests_cart_takes_two_reads_and_a_customers_three(
    client: Client, alice: Shopper, dynamodb_calls: CountCalls
) -> None:
    for product in make_products(12):
        add(client, product.variants[0].sku)
        add(alice.client, product.variants[0].sku)
    with dynamodb_calls() as log:
        client.get("/cart/")
    assert log.count == 2, str(log)
    with dynamodb_calls() as log:
        alice.client.get("/cart/")
    assert log.count == 3, str(log)


def test_a_full_cart_takes_no_more_reads_than_a_small_one(client: Client, dynamodb_calls: CountCalls) -> None:
    products = make_products(MAX_LINES)
    for product in products:
        add(client, product.variants[0].sku)
    with dynamodb_calls() as log:
        page = client.get("/cart/").content.decode()
    assert log.count == 2, str(log)
    assert page.count('class="line-item"') == MAX_LINES
    assert 'href="/checkout/contact/"' in page


def test_the_page_is_for_one_visitor_and_htmx_gets_the_region_of_it(client: Client) -> None:
    make_product(sku="MUG")
    add(client, "MUG")
    page = client.get("/cart/")
    region = client.get("/cart/", headers={"HX-Request": "true"})
    assert page["Cache-Control"] == region["Cache-Control"] == "private, no-store"
    assert "HX-Request" in page["Vary"]
    assert "HX-Request" in region["Vary"]
    assert region.content.decode().strip().startswith('<div class="cart-region" id="cart-region"')
    assert "<html" not in region.content.decode()
    assert region.content.decode().strip() in page.content.decode()


def test_the_pages_are_sound_html(client: Client) -> None:
    make_product(title="Blue & <b>mug</b>", sku="MUG", stock=2)
    make_product(sku="CUP")
    add(client, "MUG", 2)
    add(client, "CUP")
    Stock.get("MUG").update([Stock.available.set(1)])
    client.post("/cart/items/CUP/remove/")
    parser = html5lib.HTMLParser(strict=True)
    page = client.get("/cart/").content.decode()
    parser.parse(page)
    refused = client.post("/cart/items/", {"sku": "MUG", "quantity": "99"})
    parser.parse(refused.content.decode())
    assert "Blue &amp; &lt;b&gt;mug&lt;/b&gt;" in page


def test_a_cart_is_read_only_by_get_and_head(client: Client) -> None:
    assert client.head("/cart/").status_code == 200
    assert client.post("/cart/").status_code == 405


def test_lines_show_amounts_and_lead_to_their_variant(client: Client) -> None:
    make_product(title="Blue mug", slug="blue-mug", sku="MUG", price=1200, images=1, options={"Size": ["L"]})
    add(client, "MUG-L", 3)
    page = client.get("/cart/").content.decode()
    assert 'href="/products/blue-mug/?sku=MUG-L">Blue mug</a>' in page
    assert "€12.00 each" in page
    assert "/320.webp" in page
    assert 'Checkout <span class="button__amount">€36.00</span>' in page
    assert "Shipping from €4.90." in page


def test_a_cart_explains_its_problems_and_counts_only_what_can_be_bought(client: Client) -> None:
    skus = ["FINE", "LOW", "OUT", "GONE"]
    products = {sku: make_product(title=f"Mug {sku}", sku=sku, price=1000, stock=5) for sku in skus}
    for sku in skus:
        add(client, sku, 3)
    Stock.get("LOW").update([Stock.available.set(2)])
    Stock.get("OUT").update([Stock.available.set(0)])
    gone = Product.get(products["GONE"].product_id)
    gone.status = Status.ARCHIVED
    gone.save()
    overview = queries.price_cart(stored_cart())
    assert [line.problems for line in overview.lines] == [[], [OnlyLeft(2)], [SoldOut()], [Gone()]]
    assert overview.totals.subtotal == 3000
    page = client.get("/cart/").content.decode()
    for sentence in ("Only 2 are left.", "This is sold out.", "This is no longer sold."):
        assert page.count(sentence) == 1
    assert "please change or remove the items that are marked" in page
    assert 'href="/checkout/contact/"' not in page
    assert 'aria-disabled="true" aria-describedby="checkout-obstacle"' in page


def test_what_is_left_can_be_taken_with_one_button(client: Client) -> None:
    make_product(sku="MUG", stock=5)
    add(client, "MUG", 4)
    Stock.get("MUG").update([Stock.available.set(2)])
    assert '<input type="hidden" name="quantity" value="2">' in client.get("/cart/").content.decode()
    client.post("/cart/items/MUG/", {"quantity": "2"})
    assert 'href="/checkout/contact/"' in client.get("/cart/").content.decode()


def test_a_cart_with_too_many_lines_says_so_and_cannot_be_bought(alice: Shopper) -> None:
    make_product(sku="MUG", price=1000)
    add(alice.client, "MUG")
    cart_id = f"customer:{alice.customer_id}"
    cart = Cart.get(cart_id)
    long_cart = save_long_cart("guest:long", MAX_LINES, now=timezone.now())
    cart.lines = [*cart.lines, *long_cart.lines]
    cart.save()
    page = alice.client.get("/cart/").content.decode()
    assert "Your cart has 51 different items, and one order takes 50. Please remove 1 of them." in page
    overview = queries.get_overview(cart_id)
    assert not overview.can_check_out
    assert overview.checkout_obstacle.startswith("Your cart has 51 different items")


def test_an_empty_overview_says_why_it_cannot_be_bought() -> None:
    overview = queries.get_overview(None)
    assert (overview.can_check_out, overview.checkout_obstacle) == (False, "Your cart is empty.")
    assert overview.totals.total == 0


@pytest.mark.parametrize("count", [0, 3])
def test_every_look_at_the_cart_puts_the_count_right(client: Client, count: int) -> None:
    make_product(sku="MUG")
    if count:
        add(client, "MUG", count)
    client.cookies["cart_count"] = "17"
    assert client.get("/cart/").cookies["cart_count"].value == (str(count) if count else "")


def test_everyone_sees_their_own_cart(client: Client, alice: Shopper, bob: Shopper) -> None:
    make_product(title="Blue mug", sku="MUG")
    add(alice.client, "MUG")
    assert "Blue mug" in alice.client.get("/cart/").content.decode()
    assert "Your cart is empty" in bob.client.get("/cart/").content.decode()
    assert "Your cart is empty" in client.get("/cart/").content.decode()
