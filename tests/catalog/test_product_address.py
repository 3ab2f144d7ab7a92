from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from catalog.models import Card, Product, Slug, Status, Stock
from catalog.publishing import SlugTaken
from catalog.services import save_product
from cloudcart.errors import StorefrontError
from tests.factories import LONG_AGO, build_product, make_product

LATER = LONG_AGO + timedelta(days=1)


def rename(product: Product, slug: str) -> None:
    product.slug = slug
    save_product(product=product, now=LATER)


def test_after_a_rename_the_former_address_is_kept_and_the_cards_have_the_new_one() -> None:
    product = make_product(slug="teapot")
    rename(product, "round-teapot")
    former = Slug.get("product#teapot")
    assert (former.target_id, former.is_current) == (product.product_id, False)
    assert Slug.get("product#round-teapot").is_current
    assert Card.get("all", product.product_id).slug == "round-teapot"


def test_a_product_gets_its_former_address_back() -> None:
    product = make_product(slug="teapot")
    rename(product, "round-teapot")
    rename(product, "teapot")
    assert Slug.get("product#teapot").is_current
    assert not Slug.get("product#round-teapot").is_current


def test_the_address_of_what_was_never_on_sale_is_free_after_a_rename() -> None:
    product = make_product(slug="teapot", status=Status.DRAFT)
    rename(product, "round-teapot")
    other = make_product(slug="teapot")
    assert Slug.get("product#teapot").target_id == other.product_id


@pytest.mark.parametrize("slug", ["teapot", "round-teapot"])
def test_an_address_of_another_product_is_taken_now_and_from_former_times(slug: str) -> None:
    rename(make_product(slug="teapot"), "round-teapot")
    other = make_product(slug="cup")
    with pytest.raises(SlugTaken) as caught:
        rename(other, slug)
    assert caught.value.extra == {"slug": slug}
    assert Product.get(other.product_id).slug == "cup"
    with pytest.raises(SlugTaken):
        make_product(slug=slug)
    assert Card.count("all") == 2


def outcome_of(product: Product) -> str:
    try:
        save_product(product=product, now=LONG_AGO)
    except StorefrontError as error:
        return error.code
    return "saved"


@pytest.mark.parametrize(
    ("traits", "code"), [({"slug": "teapot"}, "slug-taken"), ({"sku": "POT"}, "sku-taken")], ids=["slug", "sku"]
)
def test_of_many_who_want_the_same_name_at_once_one_gets_it(traits: dict[str, str], code: str) -> None:
    products = [build_product(**traits) for _ in range(12)]  # type: ignore[arg-type]
    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(outcome_of, products))
    assert sorted(outcomes) == sorted(["saved"] + [code] * 11)
    assert Card.count("all") == 1
    assert len(list(Product.scan())) == len(list(Stock.scan())) == len(list(Slug.scan())) == 1
