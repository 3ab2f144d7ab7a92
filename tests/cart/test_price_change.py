import pytest
from django.test import Client

from cart import queries, services
from cart.models import Cart
from cart.pricing import PriceChanged
from catalog.models import Product
from tests.cart.carts import add, fill, stored_cart
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product


def change_price(product: Product, unit_amount: int) -> None:
    stored = Product.get(product.product_id)
    stored.variants[0].unit_amount = unit_amount
    stored.save()


def test_a_new_price_is_told_and_counts_until_it_is_accepted() -> None:
    product = make_product(sku="MUG", price=1200)
    fill("guest:1", {"MUG": 2}, now=NOW)
    change_price(product, 1400)
    overview = queries.get_overview("guest:1", now=NOW)
    assert overview.problems == [PriceChanged(1200, 1400, "EUR")]
    assert (overview.totals.subtotal, overview.can_check_out) == (2800, True)
    services.accept_prices(cart_id="guest:1", prices={"MUG": 1400}, now=NOW)
    assert queries.get_overview("guest:1", now=NOW).problems == []


def test_adding_more_does_not_swallow_the_news_of_a_price() -> None:
    product = make_product(sku="MUG", price=1200)
    fill("guest:1", {"MUG": 1}, now=NOW)
    change_price(product, 1400)
    fill("guest:1", {"MUG": 1}, now=NOW)
    assert queries.get_overview("guest:1", now=NOW).problems == [PriceChanged(1200, 1400, "EUR")]


def test_a_price_that_changed_again_since_the_page_was_made_is_told_again() -> None:
    product = make_product(sku="MUG", price=1200)
    fill("guest:1", {"MUG": 1}, now=NOW)
    change_price(product, 1400)
    change_price(product, 1500)
    services.accept_prices(cart_id="guest:1", prices={"MUG": 1400, "OTHER": 1}, now=NOW)
    assert queries.get_overview("guest:1", now=NOW).problems == [PriceChanged(1400, 1500, "EUR")]


def test_the_page_tells_the_change_until_it_is_confirmed_by_a_plain_post(client: Client) -> None:
    product = make_product(title="Blue mug", sku="MUG", price=1200)
    add(client, "MUG")
    change_price(product, 1400)
    page = client.get("/cart/").content.decode()
    assert "Price changed from €12.00 to €14.00." in page
    assert '<input type="hidden" name="unit_amount" value="1400">' in page
    response = client.post("/cart/items/MUG/price/", {"unit_amount": "1400"})
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    page = client.get("/cart/").content.decode()
    assert "Blue mug: the new price is noted." in page
    assert "Price changed" not in page


def test_htmx_gets_the_region_without_the_news(htmx_client: Client) -> None:
    product = make_product(sku="MUG", price=1200)
    add(htmx_client, "MUG")
    change_price(product, 1400)
    response = htmx_client.post("/cart/items/MUG/price/", {"unit_amount": "1400"})
    assert response.status_code == 200
    assert "Price changed" not in response.content.decode()


@pytest.mark.parametrize("unit_amount", ["", "-1", "cheap"])
def test_what_is_no_price_is_refused(client: Client, unit_amount: str) -> None:
    make_product(sku="MUG", price=1200)
    add(client, "MUG")
    response = client.post("/cart/items/MUG/price/", {"unit_amount": unit_amount})
    assert response.status_code == 422
    assert "Please look at the price once more." in response.content.decode()


def test_a_price_from_the_client_is_never_what_is_charged(client: Client) -> None:
    make_product(sku="MUG", price=1200)
    add(client, "MUG")
    client.post("/cart/items/MUG/price/", {"unit_amount": "1"})
    cart = stored_cart()
    assert queries.price_cart(cart).totals.total == 1200
    assert "Price changed from €0.01 to €12.00." in client.get("/cart/").content.decode()


def test_prices_are_only_posted(client: Client) -> None:
    assert client.get("/cart/items/MUG/price/").status_code == 405


def test_nobody_accepts_a_price_for_somebody_else(alice: Shopper, bob: Shopper) -> None:
    make_product(sku="MUG", price=1200)
    add(alice.client, "MUG")
    bob.client.post("/cart/items/MUG/price/", {"unit_amount": "1"})
    [line] = Cart.get(f"customer:{alice.customer_id}").lines
    assert line.unit_amount == 1200
