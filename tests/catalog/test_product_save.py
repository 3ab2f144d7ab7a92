from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from catalog.models import Availability, Card, Product, Slug, Status, Stock
from catalog.services import save_product
from cloudcart.dynamo import CallLog
from cloudcart.errors import EditConflict
from tests.factories import LONG_AGO, build_product, make_category_tree, make_product

LATER = LONG_AGO + timedelta(days=1)


def listings_with(product: Product) -> list[str]:
    return sorted(card.listing for card in Card.scan() if card.product_id == product.product_id)


def test_a_product_is_stored_with_its_guards_its_stock_and_its_cards() -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    product = make_product(slug="teapot", sku="POT", category="tea", collections=["gifts"], stock=7)
    assert Product.get(product.product_id).serialize() == product.serialize()
    assert Slug.get("product#teapot").target_id == product.product_id
    assert (Stock.get("POT").available, Stock.get("POT").reserved) == (7, 0)
    assert listings_with(product) == ["all", "category:kitchen", "category:tea", "collection:gifts", "home"]


def test_saving_takes_one_read_and_one_transaction(
    dynamodb_calls: Callable[[], AbstractContextManager[CallLog]],
) -> None:
    make_category_tree(["tea"])
    product = build_product(category="tea", options={"Size": ["S", "M", "L"]})
    with dynamodb_calls() as log:
        save_product(product=product, now=LONG_AGO)
    assert [operation for operation, _ in log.calls] == ["BatchGetItem", "TransactWriteItems"]


def test_a_card_says_what_a_listing_shows() -> None:
    product = make_product(
        title="Teapot",
        subtitle="For four",
        sku="POT",
        options={"Size": ["Small", "Large"]},
        prices={"POT-Small": 4200, "POT-Large": 5200},
        images=2,
        stock={"POT-Small": 2, "POT-Large": 0},
    )
    card = Card.get("all", product.product_id)
    assert (card.title, card.subtitle, card.slug) == ("Teapot", "For four", product.slug)
    assert (card.unit_amount, card.has_price_range, card.availability) == (4200, True, Availability.LOW)
    assert card.image is not None
    assert card.image.key == product.images[0].key


def test_of_equally_cheap_variants_the_card_shows_the_largest_reduction() -> None:
    product = build_product(sku="POT", options={"Size": ["Small", "Large"]}, price=4200)
    product.variants[1].compare_at_amount = 6000
    save_product(product=product, now=LONG_AGO)
    card = Card.get("all", product.product_id)
    assert card.is_on_sale
    assert card.compare_at_amount == 6000
    assert not card.has_price_range


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ARCHIVED])
def test_what_is_not_on_sale_is_on_no_listing(status: str) -> None:
    product = make_product()
    assert listings_with(product) == ["all", "home"]
    product.status = status
    save_product(product=product, now=LATER)
    assert listings_with(product) == []
    product.status = Status.ACTIVE
    save_product(product=product, now=LATER)
    assert listings_with(product) == ["all", "home"]


def test_the_day_a_product_first_went_on_sale_stays() -> None:
    product = make_product(status=Status.DRAFT)
    assert Product.get(product.product_id).published_at is None
    product.status = Status.ACTIVE
    save_product(product=product, now=LATER)
    save_product(product=product, now=LATER + timedelta(days=1))
    stored = Product.get(product.product_id)
    assert (stored.created_at, stored.published_at) == (LONG_AGO, LATER)
    assert stored.updated_at == LATER + timedelta(days=1)


def test_an_edit_based_on_what_somebody_else_changed_is_refused() -> None:
    product = make_product(title="Teapot")
    mine, theirs = Product.get(product.product_id), Product.get(product.product_id)
    theirs.title = "Their teapot"
    save_product(product=theirs, now=LATER)
    mine.title = "My teapot"
    with pytest.raises(EditConflict):
        save_product(product=mine, now=LATER)
    assert Product.get(product.product_id).title == "Their teapot"
    assert Card.get("all", product.product_id).title == "Their teapot"


def test_a_new_product_does_not_replace_one_with_the_same_id() -> None:
    product = make_product()
    with pytest.raises(EditConflict):
        make_product(product_id=product.product_id)
    assert Product.get(product.product_id).slug == product.slug
