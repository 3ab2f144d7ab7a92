from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from cart import offers, queries, services
from cart.models import MAX_LINES, Cart
from catalog.models import Product, Status, Stock
from cloudcart.dynamo import count_calls
from tests.cart.carts import add, fill, save_long_cart, stored_cart, units
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product


def test_adding_an_item_notes_the_price_and_the_name_that_were_seen() -> None:
    product = make_product(title="Blue mug", sku="MUG", price=1200, options={"Size": ["L"]})
    services.add_item(cart_id="guest:1", sku="MUG-L", quantity=2, now=NOW)
    [line] = Cart.get("guest:1").lines
    assert (line.product_id, line.quantity, line.unit_amount) == (product.product_id, 2, 1200)
    assert line.name == "Blue mug, L"


def test_adding_the_same_item_twice_sums_the_quantities() -> None:
    make_product(sku="MUG", price=1200)
    fill("guest:1", {"MUG": 2}, now=NOW)
    fill("guest:1", {"MUG": 3}, now=NOW)
    assert units(Cart.get("guest:1")) == {"MUG": 5}


def test_adding_reserves_nothing() -> None:
    make_product(sku="MUG", stock=3)
    fill("guest:1", {"MUG": 3}, now=NOW)
    fill("guest:2", {"MUG": 3}, now=NOW)
    assert (Stock.get("MUG").available, Stock.get("MUG").reserved) == (3, 0)


def test_adding_more_than_the_stock_explains_what_is_left() -> None:
    make_product(title="Blue mug", sku="MUG", stock=3)
    fill("guest:1", {"MUG": 2}, now=NOW)
    with pytest.raises(services.InsufficientStock) as caught:
        services.add_item(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)
    assert str(caught.value) == "Blue mug: only 3 are left, and your cart has 2 already."
    assert caught.value.extra == {"sku": "MUG", "available": 3, "held": 2}
    assert units(Cart.get("guest:1")) == {"MUG": 2}


def test_adding_what_is_sold_out_says_so() -> None:
    make_product(title="Blue mug", sku="MUG", stock=0)
    with pytest.raises(services.InsufficientStock, match=r"^Blue mug: this is sold out\.$"):
        services.add_item(cart_id="guest:1", sku="MUG", quantity=1, now=NOW)


def test_a_line_takes_twenty_units_and_no_more() -> None:
    make_product(title="Blue mug", sku="MUG", stock=100)
    fill("guest:1", {"MUG": 15}, now=NOW)
    with pytest.raises(services.QuantityLimit) as caught:
        services.add_item(cart_id="guest:1", sku="MUG", quantity=6, now=NOW)
    assert str(caught.value) == "Blue mug: one order takes at most 20. Your cart has 15 already."
    assert caught.value.extra == {"sku": "MUG", "limit": 20, "held": 15}
    fill("guest:1", {"MUG": 5}, now=NOW)
    assert units(Cart.get("guest:1")) == {"MUG": 20}


def test_a_full_cart_takes_more_of_what_it_has_but_nothing_new() -> None:
    make_product(sku="MUG")
    make_product(sku="CUP")
    save_long_cart("guest:1", MAX_LINES - 1, now=NOW)
    fill("guest:1", {"MUG": 1}, now=NOW)
    fill("guest:1", {"MUG": 1}, now=NOW)
    with pytest.raises(services.CartFull) as caught:
        services.add_item(cart_id="guest:1", sku="CUP", quantity=1, now=NOW)
    assert caught.value.extra == {"limit": 50}
    assert len(Cart.get("guest:1").lines) == MAX_LINES


def test_an_unknown_sku_is_told_apart_from_one_that_is_no_longer_sold() -> None:
    make_product(sku="DRAFT", status=Status.DRAFT)
    make_product(title="Old mug", sku="OLD", status=Status.ARCHIVED)
    with pytest.raises(offers.UnknownSku):
        offers.get_offer("NONE")
    with pytest.raises(offers.NoLongerSold):
        offers.get_offer("DRAFT")
    with pytest.raises(offers.NoLongerSold, match=r"^Old mug is no longer sold\.$") as caught:
        offers.get_offer("OLD")
    assert caught.value.extra == {"sku": "OLD"}


def test_a_stock_item_without_its_product_or_variant_offers_nothing() -> None:
    product = make_product(sku="MUG")
    product.variants[0].sku = "RENAMED"
    product.save()
    with pytest.raises(offers.NoLongerSold):
        offers.get_offer("MUG")
    Product(product.product_id).delete(add_version_condition=False)
    with pytest.raises(offers.UnknownSku) as caught:
        offers.get_offer("MUG")
    assert caught.value.extra == {"sku": "MUG"}


def test_every_change_gives_the_cart_its_full_lifetime_again() -> None:
    make_product(sku="MUG")
    fill("guest:1", {"MUG": 1}, now=NOW)
    later = NOW + timedelta(days=settings.CART_LIFETIME_DAYS - 1)
    fill("guest:1", {"MUG": 1}, now=later)
    cart = queries.find_cart("guest:1", now=NOW + timedelta(days=settings.CART_LIFETIME_DAYS + 1))
    assert cart is not None
    assert (cart.updated_at, cart.expires_at) == (later, later + timedelta(days=settings.CART_LIFETIME_DAYS))


def test_an_expired_cart_that_dynamodb_still_holds_starts_anew() -> None:
    make_product(sku="MUG")
    fill("guest:1", {"MUG": 7}, now=NOW)
    later = NOW + timedelta(days=settings.CART_LIFETIME_DAYS)
    assert queries.find_cart("guest:1", now=later) is None
    assert queries.get_overview("guest:1", now=later).lines == ()
    fill("guest:1", {"MUG": 1}, now=later)
    assert units(Cart.get("guest:1")) == {"MUG": 1}


def test_a_plain_post_leads_to_the_cart_with_a_message(client: Client) -> None:
    make_product(title="Blue mug", sku="MUG")
    response = client.post("/cart/items/", {"sku": "MUG", "quantity": "2"})
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    page = client.get("/cart/").content.decode()
    assert "Blue mug is in your cart." in page
    assert units(stored_cart()) == {"MUG": 2}


def test_a_guest_gets_a_signed_cookie_that_no_script_reads_and_a_count_that_scripts_do(client: Client) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 2)
    cookie, count = client.cookies["cart"], client.cookies["cart_count"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == settings.CART_LIFETIME_DAYS * 24 * 3600
    assert cookie.value.startswith(stored_cart().cart_id.removeprefix("guest:") + ":")
    assert (count.value, count["httponly"]) == ("2", "")


def test_cookies_are_secure_where_the_shop_is(client: Client, settings: object) -> None:
    settings.SECURE_COOKIES = True  # type: ignore[attr-defined]
    make_product(sku="MUG")
    add(client, "MUG")
    assert (client.cookies["cart"]["secure"], client.cookies["cart_count"]["secure"]) == (True, True)


def test_htmx_gets_the_region_and_an_announcement(htmx_client: Client) -> None:
    make_product(title="Blue mug", sku="MUG")
    response = htmx_client.post("/cart/items/", {"sku": "MUG", "quantity": "2"})
    fragment = response.content.decode()
    assert response.status_code == 200
    assert fragment.strip().startswith('<div class="cart-region" id="cart-region"')
    assert '<div id="live-region" hx-swap-oob="innerHTML">' in fragment
    assert "Blue mug is in your cart." in fragment
    assert "<html" not in fragment
    assert "HX-Request" in response["Vary"]
    assert response.cookies["cart_count"].value == "2"


@pytest.mark.parametrize("quantity", ["0", "21", "-1", "1.5", "many", "", "１２３"])
@pytest.mark.parametrize("htmx", [False, True])
def test_an_impossible_quantity_is_refused_and_kept_to_be_corrected(
    client: Client, quantity: str, *, htmx: bool
) -> None:
    make_product(sku="MUG")
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post("/cart/items/", {"sku": "MUG", "quantity": quantity}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Please choose a quantity from 1 to 20." in page
    assert f'value="{quantity}"' in page
    assert '<input type="hidden" name="sku" value="MUG">' in page
    assert ("<html" in page) is not htmx
    assert "cart" not in response.cookies
    assert Cart.count() == 0


@pytest.mark.parametrize("sku", ["", "x" * 65, "MUG\0"])
def test_a_sku_that_cannot_be_one_is_refused(client: Client, sku: str) -> None:
    assert client.post("/cart/items/", {"sku": sku, "quantity": "1"}).status_code == 422


@pytest.mark.parametrize("htmx", [False, True])
def test_a_conflict_shows_the_cart_as_it_is_with_a_sentence(client: Client, *, htmx: bool) -> None:
    make_product(title="Blue mug", sku="MUG", stock=3)
    add(client, "MUG", 2)
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post("/cart/items/", {"sku": "MUG", "quantity": "2"}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Blue mug: only 3 are left, and your cart has 2 already." in page
    assert ("<html" in page) is not htmx
    assert units(stored_cart()) == {"MUG": 2}
    assert response.cookies["cart_count"].value == "2"


def test_an_unknown_item_is_a_conflict_that_makes_no_cart(client: Client) -> None:
    response = client.post("/cart/items/", {"sku": "NONE", "quantity": "1"})
    assert response.status_code == 409
    assert "We do not know this item." in response.content.decode()
    assert "cart" not in response.cookies
    assert Cart.count() == 0


def test_items_are_only_posted(client: Client) -> None:
    assert client.get("/cart/items/").status_code == 405


def test_a_post_from_another_site_is_refused() -> None:
    make_product(sku="MUG")
    stranger = Client(headers={"Sec-Fetch-Site": "cross-site"})
    assert stranger.post("/cart/items/", {"sku": "MUG", "quantity": "1"}).status_code == 403
    assert Cart.count() == 0


def test_everyone_fills_a_cart_of_their_own(client: Client, alice: Shopper, bob: Shopper) -> None:
    make_product(sku="MUG", stock=50)
    add(client, "MUG", 1)
    add(alice.client, "MUG", 2)
    add(bob.client, "MUG", 3)
    assert units(Cart.get(f"customer:{alice.customer_id}")) == {"MUG": 2}
    assert units(Cart.get(f"customer:{bob.customer_id}")) == {"MUG": 3}
    assert Cart.count() == 3
    assert "cart" not in alice.client.cookies


def test_a_forged_cookie_opens_nobodys_cart(client: Client) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 2)
    token = stored_cart().cart_id.removeprefix("guest:")
    thief = Client(headers={"Sec-Fetch-Site": "same-origin"})
    thief.cookies["cart"] = f"{token}:1xUelj:cYYuC7o7yvmS8fwRGY6S0bZateabxcXWZ4SVVuCkLfE"
    assert "Your cart is empty" in thief.get("/cart/").content.decode()
    add(thief, "MUG", 5)
    assert sorted(cart.unit_count for cart in Cart.scan()) == [2, 5]


def test_without_script_the_chosen_values_count_more_than_the_sku_beside_them(client: Client) -> None:
    make_product(title="Shirt", sku="S", options={"Color": ["Red", "Blue"], "Size": ["S", "L"]})
    fields = {"sku": "S-Red-S", "option-0": "Blue", "option-1": "L", "quantity": "1"}
    response = client.post("/cart/items/", fields, follow=True)
    assert "Shirt, Blue / L is in your cart." in response.content.decode()
    assert units(stored_cart()) == {"S-Blue-L": 1}


def test_a_combination_that_is_not_made_is_refused_in_words(client: Client) -> None:
    product = make_product(title="Shirt", sku="S", options={"Color": ["Red", "Blue"], "Size": ["S", "L"]})
    product.variants = [variant for variant in product.variants if variant.sku != "S-Blue-L"]
    product.save()
    fields = {"sku": "S-Red-S", "option-0": "Blue", "option-1": "L", "quantity": "1"}
    response = client.post("/cart/items/", fields)
    assert response.status_code == 409
    assert "Shirt does not come in Blue / L. Please choose another combination." in response.content.decode()


def test_values_that_name_the_sku_itself_cost_no_further_read() -> None:
    make_product(sku="S", options={"Color": ["Red", "Blue"]})
    with count_calls() as log:
        offer = offers.get_offer("S-Red", choice={"option-0": "Red"})
    assert (offer.variant.sku, log.count) == ("S-Red", 2)
