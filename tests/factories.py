"""Things to test with, stored by the shop's own services. Every name and SKU is new unless given."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from itertools import product as combinations
from typing import Any
from uuid import uuid4

from catalog import bulk, categories, collections, services
from catalog.models import Category, Collection, Image, Option, Product, Status, Variant
from catalog.publishing import read_tree
from catalog.tree import Tree
from cloudcart.errors import StorefrontError

# Long enough ago that nothing made by default carries the badge of a new product.
LONG_AGO = datetime(2024, 5, 1, 9, 0, tzinfo=UTC)

_numbers = count(1)


def make_product(**traits: Any) -> Product:
    """Store a product and give it back; for the traits see `build_product`.

    `stock` is units of every SKU (a number) or of each one (a mapping); 10 if left out.
    """
    stock = traits.pop("stock", 10)
    now = traits.pop("now", LONG_AGO)
    item = build_product(**traits)
    return services.save_product(product=item, stock=_levels(item, stock), now=now)


def make_products(number: int, **traits: Any) -> list[Product]:
    """Store many products, published a minute apart, the oldest first, at rising prices."""
    items = [
        build_product(
            **{
                "price": 1000 + 10 * index,
                "published_at": LONG_AGO + timedelta(minutes=index),
                "product_id": f"p{index:05d}-{uuid4().hex[:8]}",
                **traits,
            }
        )
        for index in range(number)
    ]
    errors: dict[str, StorefrontError] = {}
    for start in range(0, number, 100):
        page = items[start : start + 100]
        errors |= bulk.save_products(products=[(item, _levels(item, 10)) for item in page], now=LONG_AGO)
    assert errors == {}
    return items


def build_product(
    *,
    title: str | None = None,
    slug: str | None = None,
    price: int = 3600,
    compare_at: int | None = None,
    sku: str | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
    skus: Mapping[tuple[str, ...], str] | None = None,
    prices: Mapping[str, int] | None = None,
    category: Category | str | None = None,
    collections: Sequence[str] = (),
    images: int | Sequence[Image] = 0,
    status: str = Status.ACTIVE,
    **attributes: Any,
) -> Product:
    """Make a product in memory: active, one variant, no picture.

    :param price: minor units; of every variant that `prices` (by SKU) does not name.
    :param options: ``{"Size": ["S", "M"]}`` makes a variant of each combination, its SKU
        ``<sku>-S`` unless `skus` (by values) says otherwise.
    :param images: its pictures, or how many it has: the files of those do not exist.
    """
    number = next(_numbers)
    title = title or f"Product {number}"
    base_sku = sku or f"SKU-{number}"
    options = options or {}
    variants = [
        Variant(
            sku=variant_sku,
            values=list(values),
            unit_amount=(prices or {}).get(variant_sku, price),
            compare_at_amount=compare_at,
        )
        for values, variant_sku in _combinations(base_sku, options, skus or {})
    ]
    return Product(
        **{
            "product_id": uuid4().hex,
            "slug": slug or f"product-{number}",
            "title": title,
            "status": status,
            "currency": "EUR",
            "category_id": category.category_id if isinstance(category, Category) else category,
            "collection_ids": list(collections),
            "options": [Option(name=name, values=list(values)) for name, values in options.items()],
            "variants": variants,
            "images": _images(images, number, title),
            **attributes,
        }
    )


def make_image(key: str = "products/mug", *, alt: str = "") -> Image:
    """A picture that the media bucket does not have."""
    return Image(key=key, widths=[320, 640, 960], width=960, height=1200, alt=alt)


def make_category_tree(shape: Mapping[str, Any] | Sequence[str]) -> dict[str, Category]:
    """Store categories and give them by slug, which is their id as well.

    ``{"kitchen": {"tea": {}, "pots": {}}, "desk": {}}``: the name is the slug with a capital.
    """
    stored = list(_categories(shape, parent_id=None))
    categories.save_categories(categories=stored)
    return {category.slug: category for category in stored}


def move_category(category_id: str, parent_id: str | None) -> None:
    """Put a category under another parent as its form does; one that is gone stays so."""
    stored = read_tree()
    category = Tree(stored.categories).find(category_id)
    if category is not None:
        seen, category.parent_id = category.fingerprint, parent_id
        categories.edit_category(category=category, seen=seen)


def make_collection(slug: str, **attributes: Any) -> Collection:
    """Store a collection whose id is its slug; products join it by `collections=[slug]`."""
    name = slug.replace("-", " ").capitalize()
    collection = Collection(slug, **{"collection_id": slug, "name": name, **attributes})
    collections.save_collection(collection=collection)
    return collection


def _categories(shape: Mapping[str, Any] | Sequence[str], *, parent_id: str | None) -> Iterator[Category]:
    for slug in shape:
        name = slug.replace("-", " ").capitalize()
        yield Category(category_id=slug, slug=slug, name=name, parent_id=parent_id)
        if isinstance(shape, Mapping):
            yield from _categories(shape[slug], parent_id=slug)


def _combinations(
    base_sku: str, options: Mapping[str, Sequence[str]], skus: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for values in combinations(*options.values()):
        default = "-".join([base_sku, *(value.replace(" ", "") for value in values)])
        yield values, skus.get(values, default)


def _images(images: int | Sequence[Image], number: int, title: str) -> list[Image]:
    if isinstance(images, int):
        positions = range(images)
        return [make_image(f"products/{number}-{at}", alt=f"{title}, picture {at + 1}") for at in positions]
    return list(images)


def _levels(item: Product, stock: int | Mapping[str, int]) -> dict[str, int]:
    if isinstance(stock, int):
        return {variant.sku: stock for variant in item.variants}
    return dict(stock)
