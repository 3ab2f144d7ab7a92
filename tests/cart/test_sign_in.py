from django.test import Client

from cart.models import Cart
from catalog.models import Stock
from tests.cart.carts import add, units
from tests.cast import Shopper, a_browser
from tests.factories import make_product


def cart_of(shopper: Shopper) -> dict[str, int]:
    return units(Cart.get(f"customer:{shopper.customer_id}"))


def test_what_a_guest_gathered_comes_along_and_the_count_is_right(client: Client, alice: Shopper) -> None:
    make_product(sku="MUG")
    make_product(sku="CUP")
    add(alice.client, "MUG", 2)
    add(client, "MUG", 1)
    add(client, "CUP", 3)
    alice.sign_in(client)
    assert cart_of(alice) == {"MUG": 3, "CUP": 3}
    assert Cart.count() == 1
    assert client.cookies["cart"].value == ""
    assert client.cookies["cart_count"].value == "6"
    page = client.get("/cart/").content.decode()
    assert "Your cart from before was waiting with 2 items; we put both together." in page


def test_a_first_sign_in_needs_no_words(client: Client, alice: Shopper) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 1)
    alice.sign_in(client)
    assert cart_of(alice) == {"MUG": 1}
    assert "we put both together" not in client.get("/cart/").content.decode()


def test_the_shopper_is_told_what_could_not_be_kept(client: Client, alice: Shopper) -> None:
    make_product(title="Blue mug", sku="MUG", stock=9)
    add(alice.client, "MUG", 2)
    add(client, "MUG", 3)
    Stock.get("MUG").update([Stock.available.set(3)])
    alice.sign_in(client)
    assert "Blue mug: we kept 3 of 5, because only 3 are left." in client.get("/cart/").content.decode()
    assert cart_of(alice) == {"MUG": 3}


def test_a_customers_cart_waits_across_sign_out_and_for_another_browser(alice: Shopper) -> None:
    make_product(sku="MUG")
    add(alice.client, "MUG", 2)
    alice.client.post("/accounts/sign-out/")
    assert alice.client.cookies["cart_count"].value == ""
    assert "Your cart is empty" in alice.client.get("/cart/").content.decode()
    other = alice.sign_in()
    assert other.cookies["cart_count"].value == "2"
    assert cart_of(alice) == {"MUG": 2}


def test_after_sign_out_the_next_guest_starts_with_a_cart_of_their_own(alice: Shopper, bob: Shopper) -> None:
    make_product(sku="MUG", stock=50)
    add(alice.client, "MUG", 2)
    alice.client.post("/accounts/sign-out/")
    add(alice.client, "MUG", 5)
    bob.sign_in(alice.client)
    assert cart_of(alice) == {"MUG": 2}
    assert cart_of(bob) == {"MUG": 5}


def test_signing_in_again_adds_nothing_again(client: Client, alice: Shopper) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 2)
    stale = client.cookies["cart"].value
    alice.sign_in(client)
    again = a_browser()
    again.cookies["cart"] = stale
    alice.sign_in(again)
    assert cart_of(alice) == {"MUG": 2}
    assert again.cookies["cart_count"].value == "2"


def test_a_sign_in_without_any_cart_leaves_no_trace_of_one(alice: Shopper) -> None:
    browser = alice.sign_in()
    assert browser.cookies["cart_count"].value == ""
    assert Cart.count() == 0


def test_a_guests_cart_that_a_crash_left_behind_comes_along_with_the_next_look(client: Client, alice: Shopper) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 2)
    alice.client.cookies["cart"] = client.cookies["cart"].value
    response = alice.client.get("/cart/")
    assert cart_of(alice) == {"MUG": 2}
    assert response.cookies["cart"].value == ""
    assert response.cookies["cart_count"].value == "2"


def test_a_change_that_brings_a_left_behind_cart_along_counts_both(client: Client, alice: Shopper) -> None:
    make_product(sku="MUG")
    add(client, "MUG", 2)
    alice.client.cookies["cart"] = client.cookies["cart"].value
    response = alice.client.post("/cart/items/", {"sku": "MUG", "quantity": "3"})
    assert cart_of(alice) == {"MUG": 5}
    assert response.cookies["cart_count"].value == "5"


def test_a_customer_whose_session_ended_goes_on_as_a_guest_and_keeps_what_they_add(alice: Shopper) -> None:
    make_product(sku="MUG")
    session = alice.client.session
    session.update({"refresh_at": 0, "refresh_token": "revoked"})
    session.save()
    response = alice.client.post("/cart/items/", {"sku": "MUG", "quantity": "2"})
    assert response.cookies["cart"].value.startswith(next(Cart.scan()).cart_id.removeprefix("guest:"))
    assert response.cookies["cart_count"].value == "2"
    alice.sign_in(alice.client)
    assert cart_of(alice) == {"MUG": 2}


def test_pages_that_do_not_concern_the_cart_set_none_of_its_cookies(client: Client) -> None:
    assert client.get("/healthz").cookies.keys() == set()
