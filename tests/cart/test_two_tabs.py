from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from cart import saving, services
from cart.models import Cart, CheckoutDetails
from cloudcart.errors import EditConflict
from tests.cart.carts import fill, make_line, units
from tests.clock import NOW
from tests.factories import make_product, make_products


def run_at_once(acts: list[Callable[[], object]], *, threads: int = 2) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()


def test_two_tabs_that_add_different_items_lose_none() -> None:
    skus = [product.variants[0].sku for product in make_products(40)]
    run_at_once([partial(services.add_item, cart_id="guest:1", sku=sku, quantity=2, now=NOW) for sku in skus])
    assert units(Cart.get("guest:1")) == dict.fromkeys(skus, 2)


def test_two_tabs_that_add_the_same_item_lose_no_unit() -> None:
    make_product(sku="MUG", stock=100)
    run_at_once([partial(services.add_item, cart_id="guest:1", sku="MUG", quantity=1, now=NOW)] * 20)
    assert units(Cart.get("guest:1")) == {"MUG": 20}


def test_a_tab_that_removes_and_one_that_adds_do_not_undo_each_other() -> None:
    skus = [product.variants[0].sku for product in make_products(20)]
    fill("guest:1", dict.fromkeys(skus[:10], 1), now=NOW)
    removals = [partial(services.remove_item, cart_id="guest:1", sku=sku, now=NOW) for sku in skus[:10]]
    additions = [partial(services.add_item, cart_id="guest:1", sku=sku, quantity=3, now=NOW) for sku in skus[10:]]
    run_at_once([act for pair in zip(removals, additions, strict=True) for act in pair])
    assert units(Cart.get("guest:1")) == dict.fromkeys(skus[10:], 3)


def test_a_checkout_in_one_tab_and_shopping_in_the_other_keep_both() -> None:
    skus = [product.variants[0].sku for product in make_products(10)]
    emails = [f"alice+{number}@example.com" for number in range(10)]

    def enter(email: str) -> Callable[[], object]:
        def change(details: CheckoutDetails) -> None:
            details.email = email

        return partial(services.save_checkout, cart_id="guest:1", change=change, now=NOW)

    additions = [partial(services.add_item, cart_id="guest:1", sku=sku, quantity=1, now=NOW) for sku in skus]
    run_at_once([act for pair in zip(map(enter, emails), additions, strict=True) for act in pair])
    cart = Cart.get("guest:1")
    assert len(cart.lines) == 10
    assert cart.checkout.email in emails


def test_a_change_that_is_outrun_again_and_again_gives_up_with_a_sentence() -> None:
    tries = []

    def outrun(cart: Cart) -> None:
        tries.append(cart.version)
        other = saving.load_cart("guest:1", now=NOW)
        other.append_line(make_line(f"OTHER-{len(tries)}"))
        saving.save_cart(other)
        cart.append_line(make_line("MINE"))

    with pytest.raises(EditConflict):
        saving.change_cart(cart_id="guest:1", change=outrun, now=NOW)
    assert len(tries) == 12
    assert "MINE" not in units(Cart.get("guest:1"))
    assert len(Cart.get("guest:1").lines) == 12


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    make_product(sku="MUG")
    fill("guest:1", {"MUG": 2}, now=NOW)
    services.change_quantity(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)
    services.remove_item(cart_id="guest:1", sku="OTHER", now=NOW)
    assert Cart.get("guest:1").version == 1
