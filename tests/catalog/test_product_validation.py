from collections.abc import Callable

import pytest

from catalog.models import Option, Product, Status
from catalog.validation import InvalidProduct, check_product
from tests.factories import build_product


def put(**attributes: object) -> Callable[[Product], None]:
    def change(product: Product) -> None:
        for name, value in attributes.items():
            setattr(product, name, value)

    return change


def put_variant(**attributes: object) -> Callable[[Product], None]:
    def change(product: Product) -> None:
        for name, value in attributes.items():
            setattr(product.variants[0], name, value)

    return change


def double_value(product: Product) -> None:
    product.variants[1].values = product.variants[0].values


def double_sku(product: Product) -> None:
    product.variants[1].sku = product.variants[0].sku


def build() -> Product:
    return build_product(sku="POT", options={"Size": ["Small", "Large"]}, images=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (put(title="  "), "title"),
        (put(title="x" * 201), "title"),
        (put(description="x" * 20_001), "description"),
        (put(slug="Blue Mug"), "slug"),
        (put(slug="blue--mug"), "slug"),
        (put(slug="-mug"), "slug"),
        (put(slug=""), "slug"),
        (put(slug="a" * 101), "slug"),
        (put(product_id="a#b"), "product_id"),
        (put(status="sold"), "status"),
        (put(featured_rank=0), "featured_rank"),
        (put(featured_rank=1000), "featured_rank"),
        (put(currency="USD"), "currency"),
        (put(variants=[]), "variants"),
        (put(options=[]), "options"),
        (put(options=[Option(name=" ", values=["Small", "Large"])]), "options"),
        (put(options=[Option(name="Size", values=["Small", "Large", "Small"])]), "options.0"),
        (put(options=[Option(name="Size", values=["Small", "Large", " "])]), "options.0"),
        (double_value, "variants"),
        (double_sku, "variants"),
        (put_variant(sku="a b"), "variants.0.sku"),
        (put_variant(sku="x" * 65), "variants.0.sku"),
        (put_variant(unit_amount=-1), "variants.0.unit_amount"),
        (put_variant(unit_amount=10**12), "variants.0.unit_amount"),
        (put_variant(compare_at_amount=3600), "variants.0.compare_at_amount"),
        (put_variant(values=["Medium"]), "variants.0.values"),
        (put_variant(values=[]), "variants.0.values"),
        (put_variant(image_key="gone"), "variants.0.image_key"),
    ],
)
def test_every_fault_is_named_with_its_field(change: Callable[[Product], None], field: str) -> None:
    product = build()
    change(product)
    with pytest.raises(InvalidProduct) as caught:
        check_product(product, currency="EUR")
    assert field in [problem.field for problem in caught.value.problems]
    assert all(problem.sentence.endswith(".") for problem in caught.value.problems)


def test_a_good_product_passes() -> None:
    product = build()
    check_product(product, currency="EUR", stock={"POT-Small": 0, "POT-Large": 5})
    assert product.is_active


def test_a_free_product_passes() -> None:
    product = build_product(price=0)
    check_product(product, currency="EUR")
    assert product.variants[0].unit_amount == 0


def test_a_draft_may_have_no_variants_yet() -> None:
    product = build_product(status=Status.DRAFT)
    product.variants = []
    check_product(product, currency="EUR")
    assert not product.is_active


def test_all_faults_are_told_at_once() -> None:
    product = build()
    put(title="", slug="No")(product)
    put_variant(unit_amount=-1)(product)
    with pytest.raises(InvalidProduct) as caught:
        check_product(product, currency="EUR", stock={"POT-Small": -1, "CUP": 3})
    assert [problem.field for problem in caught.value.problems] == [
        "slug",
        "title",
        "variants.0.unit_amount",
        "stock",
        "stock",
    ]
    assert caught.value.extra["problems"][1] == {"field": "title", "sentence": "The product needs a title."}
