from datetime import timedelta

import pytest

from catalog.models import Product, Stock
from catalog.publishing import SkuTaken, StockReserved
from catalog.services import TooManyChanges, save_product
from tests.factories import LONG_AGO, build_product, make_product

LATER = LONG_AGO + timedelta(days=1)


def test_a_sku_of_another_product_is_taken() -> None:
    make_product(sku="POT", stock=3)
    with pytest.raises(SkuTaken) as caught:
        make_product(sku="POT", stock=9)
    assert caught.value.extra == {"sku": "POT"}
    assert Stock.get("POT").available == 3


def test_saving_again_leaves_the_stock_of_existing_skus_alone() -> None:
    product = make_product(sku="POT", stock=3)
    Stock("POT").update([Stock.available.set(1), Stock.reserved.set(2)])
    save_product(product=product, stock={"POT": 50}, now=LATER)
    assert (Stock.get("POT").available, Stock.get("POT").reserved) == (1, 2)


def test_a_new_variant_starts_with_the_units_given() -> None:
    product = make_product(sku="POT", options={"Size": ["Small"]}, stock=3)
    larger = build_product(sku="POT", options={"Size": ["Small", "Large"]})
    product.options, product.variants = larger.options, larger.variants
    save_product(product=product, stock={"POT-Large": 8}, now=LATER)
    assert [Stock.get(sku).available for sku in ("POT-Small", "POT-Large")] == [3, 8]


def test_a_removed_variant_takes_its_stock_along_and_frees_its_sku() -> None:
    product = make_product(sku="POT", options={"Size": ["Small", "Large"]}, stock=3)
    product.variants = product.variants[:1]
    save_product(product=product, now=LATER)
    assert [item.sku for item in Stock.scan()] == ["POT-Small"]
    make_product(sku="POT-Large")
    assert len(list(Stock.scan())) == 2


def test_a_variant_with_reserved_units_cannot_be_removed() -> None:
    product = make_product(sku="POT", options={"Size": ["Small", "Large"]}, stock=3)
    Stock("POT-Large").update([Stock.reserved.set(1)])
    product.variants = product.variants[:1]
    with pytest.raises(StockReserved) as caught:
        save_product(product=product, now=LATER)
    assert caught.value.extra == {"sku": "POT-Large"}
    assert len(Product.get(product.product_id).variants) == 2


def test_more_parts_than_a_transaction_takes_are_refused_in_words() -> None:
    sizes = [str(size) for size in range(100)]
    with pytest.raises(TooManyChanges, match="smaller steps") as caught:
        make_product(options={"Size": sizes})
    assert caught.value.extra == {"count": 106, "limit": 100}
    assert list(Stock.scan()) == []
    assert len(make_product(options={"Size": sizes[:90]}).variants) == 90
