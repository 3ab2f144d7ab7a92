"""What a visitor of the demo store is promised, checked on its texts without storing anything."""

from collections import Counter
from itertools import chain

import pytest
from django.conf import settings

from catalog.demo.pictures import RENDERS, SCENES, WIDTHS
from catalog.demo.store import read_demo_store
from catalog.listings import availability_of
from catalog.models import Availability, Product
from catalog.seeding import Offer, StoreContent
from catalog.tiles import TONES
from catalog.tree import Tree
from catalog.validation import check_product


@pytest.fixture(scope="module")
def store() -> StoreContent:
    return read_demo_store()


@pytest.fixture(scope="module")
def products(store: StoreContent) -> list[Product]:
    return [offer.product for offer in store.offers]


def _availability(offer: Offer) -> str:
    return availability_of(list(offer.stock.values()), low_below=settings.LOW_STOCK_THRESHOLD)


def test_it_has_more_than_sixty_products_in_eight_departments(store: StoreContent, products: list[Product]) -> None:
    tree = Tree(store.categories)
    departments = Counter(tree.path_to(product.category_id)[0].name for product in products)

    assert len(products) >= 64
    assert len(tree.top) == len(departments) == 8
    assert min(departments.values()) >= 8


def test_every_department_has_two_or_more_shelves_and_no_shelf_is_empty(
    store: StoreContent, products: list[Product]
) -> None:
    tree = Tree(store.categories)
    shelves = [shelf.category_id for department in tree.top for shelf in tree.children_of(department.category_id)]

    assert all(len(tree.children_of(department.category_id)) >= 2 for department in tree.top)
    assert set(shelves) == {product.category_id for product in products}


def test_every_product_passes_the_checks_of_the_catalog(store: StoreContent) -> None:
    assert store.offers
    for offer in store.offers:
        check_product(offer.product, currency=settings.CURRENCY, stock=offer.stock)


def test_addresses_skus_titles_and_ids_are_unique(products: list[Product]) -> None:
    variants = list(chain.from_iterable(product.variants for product in products))

    for names in (
        [product.slug for product in products],
        [product.title for product in products],
        [product.product_id for product in products],
        [variant.sku for variant in variants],
    ):
        assert len(names) == len(set(names))


def test_texts_are_of_a_believable_length_and_their_own(products: list[Product]) -> None:
    for product in products:
        assert 100 <= len(product.description) <= 500, product.slug
        assert 2 <= product.description.count(". ") + 1 <= 4, product.slug
        assert 3 <= len(product.facts) <= 5, product.slug
        assert 10 <= len(product.subtitle) <= 60, product.slug
    assert len({product.description for product in products}) == len(products)
    assert len({product.subtitle for product in products}) == len(products)


def test_exactly_one_product_is_sold_out_and_one_is_low(store: StoreContent) -> None:
    levels = Counter(_availability(offer) for offer in store.offers)
    low = next(offer for offer in store.offers if _availability(offer) == Availability.LOW)

    assert (levels[Availability.SOLD_OUT], levels[Availability.LOW]) == (1, 1)
    assert sum(low.stock.values()) == 2


def test_some_variants_are_sold_out_while_their_product_is_not(store: StoreContent) -> None:
    partly = [offer for offer in store.offers if any(offer.stock.values()) and not all(offer.stock.values())]

    assert len(partly) >= 5


def test_many_products_have_variants_and_some_are_on_sale(products: list[Product]) -> None:
    assert sum(len(product.variants) > 1 for product in products) >= 15
    assert sum(any(variant.is_on_sale for variant in product.variants) for product in products) >= 8
    assert any(len(product.options) == 2 for product in products)


def test_eight_products_are_featured_in_order(products: list[Product]) -> None:
    assert sorted(product.featured_rank for product in products if product.featured_rank) == list(range(1, 9))


def test_products_appeared_over_months_and_on_fixed_days(products: list[Product]) -> None:
    days = sorted(product.published_at for product in products if product.published_at)

    assert len(days) == len(products)
    assert (days[-1] - days[0]).days > 120
    assert [offer.product.published_at for offer in read_demo_store().offers] == [
        product.published_at for product in products
    ]


def test_collections_hold_what_they_say(store: StoreContent, products: list[Product]) -> None:
    ids = {collection.collection_id for collection in store.collections}
    sizes = Counter(chain.from_iterable(product.collection_ids for product in products))
    gifts = [product for product in products if "gifts-under-30" in product.collection_ids]

    assert len(ids) >= 3
    assert set(sizes) == ids
    assert min(sizes.values()) >= 6
    assert all(min(variant.unit_amount for variant in gift.variants) < 3000 for gift in gifts)


def test_every_picture_can_be_taken_and_says_what_it_shows(store: StoreContent) -> None:
    for picture in store.pictures.values():
        assert picture.scene in SCENES
        assert picture.tone in TONES
        assert len(picture.alt) >= 15
        assert "{" not in picture.alt
        assert all((RENDERS / f"{subject.render}.webp").is_file() for subject in picture.subjects)


def test_every_image_has_its_files_sizes_and_words(store: StoreContent, products: list[Product]) -> None:
    stored = [image for product in products for image in product.images]
    stored += [category.image for category in store.categories]
    stored += [collection.image for collection in store.collections]

    assert all(image.key in store.pictures for image in stored)
    assert {(tuple(image.widths), image.width, image.height) for image in stored} == {(WIDTHS, 800, 1000)}
    assert all(image.alt for image in stored)
    assert set(store.pictures) == {image.key for image in stored}


def test_every_product_has_a_picture_and_many_have_a_gallery(products: list[Product]) -> None:
    assert min(len(product.images) for product in products) >= 1
    assert sum(len(product.images) >= 2 for product in products) >= 30


def test_a_variant_in_a_color_is_pictured_in_that_color(products: list[Product]) -> None:
    teapot = next(product for product in products if product.slug == "round-belly-teapot")
    keys = [variant.image_key for variant in teapot.variants]

    assert len(set(keys)) == 3
    assert [image.alt for image in teapot.images if image.key in keys] == [
        "A round raspberry teapot with a contrasting rim",
        "A round fern teapot with a contrasting rim",
        "A round fjord teapot with a contrasting rim",
    ]


def test_renders_come_with_their_license_and_stay_small() -> None:
    license_text = (RENDERS / "LICENSE").read_text()

    assert "MIT License" in license_text
    assert sum(path.stat().st_size for path in RENDERS.iterdir()) < 1_000_000
