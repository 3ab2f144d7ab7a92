import pytest
from django.test import Client

from cart import services
from cart.models import Cart
from catalog.models import Stock
from tests.cart.carts import add, fill, stored_cart, units
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product


def test_a_quantity_is_set_not_added() -> None:
    make_product(sku="MUG")
    fill("guest:1", {"MUG": 2}, now=NOW)
    services.change_quantity(cart_id="guest:1", sku="MUG", quantity=5, now=NOW)
    assert units(Cart.get("guest:1")) == {"MUG": 5}


def test_a_quantity_above_the_stock_explains_what_is_left() -> None:
    make_product(title="Blue mug", sku="MUG", stock=1)
    fill("guest:1", {"MUG": 1}, now=NOW)
    with pytest.raises(services.InsufficientStock, match="only 1 is left, and your cart has 1 already"):
        services.change_quantity(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)


def test_a_quantity_may_go_down_even_if_the_stock_has_sunk_below_it() -> None:
    make_product(sku="MUG", stock=5)
    fill("guest:1", {"MUG": 5}, now=NOW)
    Stock.get("MUG").update([Stock.available.set(1)])
    services.change_quantity(cart_id="guest:1", sku="MUG", quantity=4, now=NOW)
    assert units(Cart.get("guest:1")) == {"MUG": 4}


def test_the_quantity_of_a_product_that_vanished_cannot_go_up() -> None:
    make_product(sku="MUG")
    fill("guest:1", {"MUG": 1}, now=NOW)
    Stock("MUG").delete()
    with pytest.raises(services.InsufficientStock, match="this is sold out"):
        services.change_quantity(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)


def test_a_line_that_another_tab_removed_is_named() -> None:
    make_product(sku="MUG")
    with pytest.raises(services.NotInCart) as caught:
        services.change_quantity(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)
    assert caught.value.extra == {"sku": "MUG"}
    assert Cart.count() == 0


def test_a_plain_post_leads_to_the_cart_with_a_message(client: Client) -> None:
    make_product(title="Blue mug", sku="MUG")
    add(client, "MUG", 2)
    response = client.post("/cart/items/MUG/", {"quantity": "3"})
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    assert response.cookies["cart_count"].value == "3"
    assert "Blue mug: the quantity is 3 now." in client.get("/cart/").content.decode()


def test_htmx_gets_the_region_with_the_new_quantity(htmx_client: Client) -> None:
    make_product(sku="MUG", price=1200)
    add(htmx_client, "MUG", 2)
    response = htmx_client.post("/cart/items/MUG/", {"quantity": "3"})
    assert response.status_code == 200
    assert "€36.00" in response.content.decode()
    assert response.cookies["cart_count"].value == "3"


@pytest.mark.parametrize("quantity", ["0", "21", "a few", ""])
@pytest.mark.parametrize("htmx", [False, True])
def test_an_impossible_quantity_is_kept_in_its_line_with_a_sentence(
    client: Client, quantity: str, *, htmx: bool
) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 2)
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post("/cart/items/MUG/", {"quantity": quantity}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert '<p class="line-item__problem line-item__problem--error" id="trouble-MUG">Please choose a quantity' in page
    assert f'value="{quantity}" min="1" max="20" required' in page
    assert 'aria-invalid="true" aria-describedby="trouble-MUG"' in page
    assert units(stored_cart()) == {"MUG": 2}


@pytest.mark.parametrize("htmx", [False, True])
def test_a_stock_conflict_shows_the_true_quantity_and_what_is_left(client: Client, *, htmx: bool) -> None:
    make_product(title="Blue mug", sku="MUG", stock=3)
    add(client, "MUG", 2)
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post("/cart/items/MUG/", {"quantity": "4"}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Blue mug: only 3 are left, and your cart has 2 already." in page
    assert 'name="quantity" value="2"' in page


def test_a_change_of_what_is_gone_from_the_cart_is_a_conflict(client: Client) -> None:
    make_product(sku="MUG")
    response = client.post("/cart/items/MUG/", {"quantity": "2"})
    assert response.status_code == 409
    assert "That item is no longer in your cart." in response.content.decode()


def test_a_line_is_only_posted_to(client: Client) -> None:
    assert client.get("/cart/items/MUG/").status_code == 405


@pytest.mark.parametrize("sku", ["..", "a%2Fb", "%00", "x" * 65])
def test_what_cannot_be_a_sku_has_no_address(client: Client, sku: str) -> None:
    assert client.post(f"/cart/items/{sku}/", {"quantity": "1"}).status_code == 404


def test_a_sku_with_all_that_it_may_contain_has_an_address(client: Client) -> None:
    make_product(sku="A.b_c-1")
    add(client, "A.b_c-1", 1)
    assert client.post("/cart/items/A.b_c-1/", {"quantity": "4"}).status_code == 302
    assert units(stored_cart()) == {"A.b_c-1": 4}


def test_nobody_changes_the_cart_of_somebody_else(alice: Shopper, bob: Shopper, client: Client) -> None:
    make_product(sku="MUG")
    add(alice.client, "MUG", 2)
    assert bob.client.post("/cart/items/MUG/", {"quantity": "5"}).status_code == 409
    assert client.post("/cart/items/MUG/", {"quantity": "5"}).status_code == 409
    assert units(stored_cart()) == {"MUG": 2}
