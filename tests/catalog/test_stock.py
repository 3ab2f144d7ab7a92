from datetime import timedelta

import pytest

from catalog import services, tasks
from catalog.models import Availability, Card, Product, Stock
from catalog.services import UnknownSku
from catalog.validation import InvalidProduct
from tests.factories import LONG_AGO, make_category_tree, make_product


def said_of(product: Product) -> set[str]:
    """What the product and all its cards say of the stock."""
    cards = [card.availability for card in Card.scan() if card.product_id == product.product_id]
    assert cards
    return {Product.get(product.product_id).availability, *cards}


@pytest.mark.parametrize(
    ("units", "availability"),
    [(0, Availability.SOLD_OUT), (1, Availability.LOW), (5, Availability.LOW), (6, Availability.IN_STOCK)],
)
def test_setting_the_stock_changes_what_the_listings_say(units: int, availability: str) -> None:
    make_category_tree(["tea"])
    product = make_product(sku="POT", stock=50, category="tea")
    services.set_stock(sku="POT", available=units, now=LONG_AGO)
    assert Stock.get("POT").available == units
    assert said_of(product) == {availability}


def test_a_product_is_sold_out_when_all_its_variants_are() -> None:
    product = make_product(sku="POT", options={"Size": ["Small", "Large"]}, stock={"POT-Small": 9, "POT-Large": 9})
    services.set_stock(sku="POT-Small", available=0, now=LONG_AGO)
    assert said_of(product) == {Availability.IN_STOCK}
    services.set_stock(sku="POT-Large", available=0, now=LONG_AGO)
    assert said_of(product) == {Availability.SOLD_OUT}


def test_reserved_units_stay_when_the_stock_is_set() -> None:
    make_product(sku="POT", stock=5)
    Stock("POT").update([Stock.reserved.set(2)])
    services.set_stock(sku="POT", available=9, now=LONG_AGO)
    assert (Stock.get("POT").available, Stock.get("POT").reserved) == (9, 2)


def test_an_unknown_sku_has_no_stock() -> None:
    with pytest.raises(UnknownSku):
        services.set_stock(sku="NO-SUCH", available=3, now=LONG_AGO)
    assert list(Stock.scan()) == []


def test_stock_below_zero_is_refused() -> None:
    make_product(sku="POT", stock=5)
    with pytest.raises(InvalidProduct):
        services.set_stock(sku="POT", available=-1, now=LONG_AGO)
    assert Stock.get("POT").available == 5


def test_a_merchant_who_edits_meanwhile_has_nothing_to_reconcile() -> None:
    product = make_product(sku="POT", stock=50)
    services.set_stock(sku="POT", available=0, now=LONG_AGO)
    product.title = "Teapot"
    services.save_product(product=product, now=LONG_AGO + timedelta(days=1))
    assert said_of(product) == {Availability.SOLD_OUT}
    assert Card.get("all", product.product_id).title == "Teapot"


def test_a_refresh_that_changes_nothing_writes_nothing() -> None:
    product = make_product(stock=50)
    before = Product.get(product.product_id).serialize()
    assert services.refresh_availability(product_id=product.product_id) is False
    assert Product.get(product.product_id).serialize() == before


def test_a_refresh_of_a_product_that_is_gone_is_no_error() -> None:
    assert services.refresh_availability(product_id="gone") is False


def test_the_task_after_an_order_brings_the_cards_up_to_date() -> None:
    product = make_product(sku="POT", stock=1)
    Stock("POT").update([Stock.available.add(-1), Stock.reserved.add(1)])
    tasks.refresh_availability(product.product_id)
    assert said_of(product) == {Availability.SOLD_OUT}
