from datetime import timedelta

from catalog.bulk import save_products
from catalog.models import Card, Product, Slug, Stock
from tests.factories import LONG_AGO, build_product, make_category_tree, make_product


def test_many_products_are_stored_as_one_would_be() -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    items = [build_product(category="tea", sku=f"POT-{number}") for number in range(45)]
    errors = save_products(products=[(item, {item.variants[0].sku: 4}) for item in items], now=LONG_AGO)
    assert errors == {}
    assert {product.serialize()["slug"]["S"] for product in Product.scan()} == {item.slug for item in items}
    assert all(Product.get(item.product_id).version == 1 for item in items)
    assert [Card.count(listing) for listing in ("all", "home", "category:tea", "category:kitchen")] == [45] * 4
    assert {stock.available for stock in Stock.scan()} == {4}
    assert len(list(Slug.scan())) == 45


def test_one_that_cannot_be_stored_holds_nobody_else_up() -> None:
    make_product(slug="taken", sku="TAKEN")
    items = {
        "fine": build_product(),
        "slug": build_product(slug="taken"),
        "sku": build_product(sku="TAKEN"),
        "invalid": build_product(title=" "),
        "category": build_product(category="gone"),
        "also fine": build_product(),
    }
    errors = save_products(products=[(item, {}) for item in items.values()], now=LONG_AGO)
    assert {name: errors[item.product_id].code for name, item in items.items() if item.product_id in errors} == {
        "slug": "slug-taken",
        "sku": "sku-taken",
        "invalid": "invalid-product",
        "category": "invalid-product",
    }
    assert Card.count("all") == 3


def test_of_two_in_one_call_with_the_same_address_the_first_gets_it() -> None:
    first, second = build_product(slug="teapot"), build_product(slug="teapot")
    errors = save_products(products=[(first, {}), (second, {})], now=LONG_AGO)
    assert {product_id: error.code for product_id, error in errors.items()} == {second.product_id: "slug-taken"}
    assert Slug.get("product#teapot").target_id == first.product_id


def test_products_that_exist_are_changed_by_the_same_rules() -> None:
    fresh, stale = make_product(title="Fresh"), make_product(title="Stale")
    behind = Product.get(stale.product_id)
    save_products(products=[(stale, {})], now=LONG_AGO)
    fresh.title, behind.title = "Changed", "Changed as well"
    errors = save_products(products=[(fresh, {}), (behind, {})], now=LONG_AGO + timedelta(days=1))
    assert [(product_id, error.code) for product_id, error in errors.items()] == [(stale.product_id, "edit-conflict")]
    assert Card.get("all", fresh.product_id).title == "Changed"
    assert Card.get("all", stale.product_id).title == "Stale"


def test_nothing_to_store_is_no_error() -> None:
    assert save_products(products=[], now=LONG_AGO) == {}
