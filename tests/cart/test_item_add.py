from datetime import UTC, datetime

import pytest

from cart import offers, queries, services
from tests.factories import make_product

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_adding_the_same_item_twice_sums_the_quantities() -> None:
    make_product(title="Blue mug", sku="MUG", price=1200)
    services.add_item(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)
    services.add_item(cart_id="guest:1", sku="MUG", quantity=3, now=NOW)
    overview = queries.get_overview("guest:1", now=NOW)
    assert [(line.sku, line.quantity, line.amount) for line in overview.lines] == [("MUG", 5, 6000)]
    assert overview.totals.total == 6000
    assert overview.can_check_out


def test_adding_more_than_the_stock_explains_what_is_left() -> None:
    make_product(title="Blue mug", sku="MUG", stock=3)
    services.add_item(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)
    with pytest.raises(services.InsufficientStock) as caught:
        services.add_item(cart_id="guest:1", sku="MUG", quantity=2, now=NOW)
    assert str(caught.value) == "Blue mug: only 3 are left, and your cart has 2 already."


def test_an_unknown_sku_is_named() -> None:
    with pytest.raises(offers.UnknownSku):
        services.add_item(cart_id="guest:1", sku="NONE", quantity=2, now=NOW)
