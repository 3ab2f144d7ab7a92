from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cart import services
from cart.models import MAX_LINES, UNDO_LIFETIME, Cart, RemovedLine
from catalog.models import Stock
from tests.cart.carts import add, fill, make_line, save_long_cart, stored_cart, units
from tests.cast import Shopper
from tests.clock import NOW
from tests.factories import make_product


def make_mugs(*skus: str) -> None:
    for sku in skus:
        make_product(title=f"Mug {sku}", sku=sku)


def test_undo_puts_back_the_exact_quantity_and_place() -> None:
    make_mugs("A", "B", "C")
    fill("guest:1", {"A": 1, "B": 7, "C": 3}, now=NOW)
    services.remove_item(cart_id="guest:1", sku="B", now=NOW)
    assert units(Cart.get("guest:1")) == {"A": 1, "C": 3}
    services.restore_item(cart_id="guest:1", sku="B", now=NOW)
    assert list(units(Cart.get("guest:1")).items()) == [("A", 1), ("B", 7), ("C", 3)]


@given(
    count=st.integers(1, 5),
    removals=st.permutations(range(5)),
    restorals=st.permutations(range(5)),
)
def test_lines_find_their_places_in_whatever_order_they_come_and_go(
    count: int, removals: list[int], restorals: list[int]
) -> None:
    skus = [f"SKU-{number}" for number in range(5)]
    cart = Cart("guest:1", lines=[make_line(sku, number + 1) for number, sku in enumerate(skus)])
    before = units(cart)
    removed = removals[:count]
    for number in removed:
        cart.remove_line(skus[number], now=NOW)
    assert units(cart) == {sku: quantity for sku, quantity in before.items() if skus.index(sku) not in removed}
    assert len(cart.entries) == 5
    for number in restorals:
        cart.restore_line(skus[number])
    assert list(units(cart).items()) == list(before.items())


def test_a_removed_line_can_be_put_back_after_others_came() -> None:
    make_mugs("A", "B", "C")
    fill("guest:1", {"A": 1, "B": 2}, now=NOW)
    services.remove_item(cart_id="guest:1", sku="A", now=NOW)
    fill("guest:1", {"C": 3}, now=NOW)
    services.restore_item(cart_id="guest:1", sku="A", now=NOW)
    assert list(units(Cart.get("guest:1")).items()) == [("A", 1), ("B", 2), ("C", 3)]


def test_adding_a_removed_item_again_ends_its_undo() -> None:
    make_mugs("A")
    fill("guest:1", {"A": 5}, now=NOW)
    services.remove_item(cart_id="guest:1", sku="A", now=NOW)
    fill("guest:1", {"A": 1}, now=NOW)
    services.restore_item(cart_id="guest:1", sku="A", now=NOW)
    cart = Cart.get("guest:1")
    assert units(cart) == {"A": 1}
    assert cart.removed == []


def test_removing_and_restoring_twice_is_doing_it_once() -> None:
    make_mugs("A", "B")
    fill("guest:1", {"A": 5, "B": 1}, now=NOW)
    for _ in range(2):
        services.remove_item(cart_id="guest:1", sku="A", now=NOW)
    assert units(Cart.get("guest:1")) == {"B": 1}
    for _ in range(2):
        services.restore_item(cart_id="guest:1", sku="A", now=NOW)
    assert units(Cart.get("guest:1")) == {"A": 5, "B": 1}


def test_what_sold_out_meanwhile_comes_back_all_the_same() -> None:
    make_mugs("A")
    fill("guest:1", {"A": 5}, now=NOW)
    services.remove_item(cart_id="guest:1", sku="A", now=NOW)
    Stock.get("A").update([Stock.available.set(0)])
    services.restore_item(cart_id="guest:1", sku="A", now=NOW)
    assert units(Cart.get("guest:1")) == {"A": 5}


def test_there_is_nothing_to_put_back_that_was_never_there() -> None:
    with pytest.raises(services.NothingToRestore) as caught:
        services.restore_item(cart_id="guest:1", sku="A", now=NOW)
    assert caught.value.extra == {"sku": "A"}
    assert Cart.count() == 0


def test_a_cart_that_filled_up_meanwhile_takes_nothing_back() -> None:
    make_mugs("A")
    save_long_cart("guest:1", MAX_LINES - 1, now=NOW)
    fill("guest:1", {"A": 1}, now=NOW)
    services.remove_item(cart_id="guest:1", sku="A", now=NOW)
    make_mugs("B")
    fill("guest:1", {"B": 1}, now=NOW)
    with pytest.raises(services.CartFull):
        services.restore_item(cart_id="guest:1", sku="A", now=NOW)


def test_removals_are_remembered_for_a_while_and_only_the_latest_five() -> None:
    skus = [f"SKU-{number}" for number in range(8)]
    cart = Cart("guest:1", lines=[make_line(sku) for sku in skus])
    for number, sku in enumerate(skus[:7]):
        cart.remove_line(sku, now=NOW + timedelta(seconds=number))
    assert [entry.line.sku for entry in cart.entries if isinstance(entry, RemovedLine)] == skus[2:7]
    cart.remove_line(skus[7], now=NOW + UNDO_LIFETIME + timedelta(seconds=5))
    assert [removed.line.sku for removed in cart.removed] == skus[5:8]


def test_a_plain_post_removes_and_undo_is_a_form_that_survives_a_reload(client: Client) -> None:
    make_mugs("A")
    add(client, "A", 4)
    response = client.post("/cart/items/A/remove/")
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    assert response.cookies["cart_count"].value == ""
    for _ in range(2):
        page = client.get("/cart/").content.decode()
        assert '<form method="post" action="/cart/items/A/restore/"' in page
        assert "Mug A was removed." in page
    response = client.post("/cart/items/A/restore/")
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    assert response.cookies["cart_count"].value == "4"
    assert "Mug A is back in your cart." in client.get("/cart/").content.decode()
    assert units(stored_cart()) == {"A": 4}


def test_htmx_gets_undo_in_the_place_of_the_line_and_back(htmx_client: Client) -> None:
    make_mugs("A", "B")
    add(htmx_client, "A", 4)
    add(htmx_client, "B", 1)
    response = htmx_client.post("/cart/items/A/remove/")
    fragment = response.content.decode()
    assert response.status_code == 200
    assert response.cookies["cart_count"].value == "1"
    assert fragment.index("/cart/items/A/restore/") < fragment.index("/cart/items/B/remove/")
    # The focus goes by id from the button Remove to Undo, and back.
    assert fragment.count('id="remove-A"') == 1
    response = htmx_client.post("/cart/items/A/restore/")
    assert response.status_code == 200
    assert response.cookies["cart_count"].value == "5"
    assert "Mug A is back in your cart." in response.content.decode()


def test_undo_is_not_offered_for_ever(client: Client) -> None:
    make_mugs("A")
    add(client, "A", 4)
    client.post("/cart/items/A/remove/")
    cart = stored_cart()
    cart.removed[0].removed_at -= UNDO_LIFETIME
    cart.save()
    assert "/cart/items/A/restore/" not in client.get("/cart/").content.decode()


def test_removing_without_a_cart_makes_none(client: Client) -> None:
    response = client.post("/cart/items/A/remove/")
    assert response.status_code == 302
    assert "cart" not in response.cookies
    assert Cart.count() == 0


@pytest.mark.parametrize("htmx", [False, True])
def test_an_undo_that_came_too_late_is_a_conflict(client: Client, *, htmx: bool) -> None:
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post("/cart/items/A/restore/", headers=headers)
    assert response.status_code == 409
    assert "That can no longer be undone." in response.content.decode()


@pytest.mark.parametrize("action", ["remove", "restore"])
def test_removal_and_undo_are_only_posted(client: Client, action: str) -> None:
    assert client.get(f"/cart/items/A/{action}/").status_code == 405


def test_nobody_removes_or_restores_for_somebody_else(alice: Shopper, bob: Shopper) -> None:
    make_mugs("A", "B")
    add(alice.client, "A", 2)
    add(alice.client, "B", 2)
    alice.client.post("/cart/items/B/remove/")
    bob.client.post("/cart/items/A/remove/")
    assert bob.client.post("/cart/items/B/restore/").status_code == 409
    assert units(stored_cart()) == {"A": 2}
