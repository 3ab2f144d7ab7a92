"""Merchants, orders and a moving category at the same moment: the cards end up as the product says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from catalog import categories, services
from catalog.listings import cards_for
from catalog.models import Card, CategoryTree, Product, Status
from catalog.tree import Tree
from cloudcart.errors import EditConflict
from tests.factories import LONG_AGO, make_category_tree, make_product, move_category

ROUNDS = 6


def stored(product_id: str) -> Product:
    return Product.get(product_id, consistent_read=True)


def reprice(product_id: str, turn: int) -> None:
    product = stored(product_id)
    product.variants[0].unit_amount = 1000 + turn
    services.save_product(product=product, now=LONG_AGO + timedelta(seconds=turn))


def hide_and_show(product_id: str, turn: int) -> None:
    product = stored(product_id)
    product.status = Status.ARCHIVED if turn % 2 else Status.ACTIVE
    services.save_product(product=product, now=LONG_AGO + timedelta(seconds=turn))


def refile(product_id: str, turn: int) -> None:
    product = stored(product_id)
    product.category_id = ["cups", "desk", "tea"][turn % 3]
    services.save_product(product=product, now=LONG_AGO + timedelta(seconds=turn))


def move(product_id: str, turn: int) -> None:
    move_category("tea", ["desk", "kitchen", None][turn % 3])


def sell_and_restock(product_id: str, turn: int) -> None:
    services.set_stock(sku="POT", available=[0, 50, 2][turn % 3], now=LONG_AGO)


@pytest.mark.parametrize("attempt", range(3))
def test_cards_are_true_after_everything_happened_at_once(attempt: int) -> None:
    make_category_tree({"kitchen": {"tea": {"cups": {}}}, "desk": {}})
    product_id = make_product(sku="POT", category="cups").product_id

    def repeat(act: Callable[[str, int], None]) -> int:
        done = 0
        for turn in range(ROUNDS):
            with suppress(EditConflict):
                act(product_id, turn + attempt)
                done += 1
        return done

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(repeat, [reprice, hide_and_show, refile, move, sell_and_restock]))
    assert sum(done) > ROUNDS

    categories.finish_moves()
    services.refresh_availability(product_id=product_id)
    product = stored(product_id)
    wanted = cards_for(product, Tree(CategoryTree.get(CategoryTree.MAIN).categories))
    assert {card.listing: card.serialize() for card in Card.scan()} == {
        listing: card.serialize() for listing, card in wanted.items()
    }
