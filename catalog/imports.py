"""Make a store of a list of products: categories from its words, stand-in pictures, addresses of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.text import slugify

from catalog.demo.pictures import Picture
from catalog.demo.placeholders import stand_in
from catalog.listings import MAX_RANK
from catalog.models import Category, Product, Status, Variant
from catalog.product_list import Row
from catalog.seeding import Offer, StoreContent

# Longer names are cut in addresses, so that the mark behind them still fits.
SLUG_LENGTH = 80

# Featured products of a list come behind those that a merchant ranked by hand.
FIRST_RANK = 101


def as_store(rows: Sequence[Row], *, now: datetime) -> StoreContent:
    """The list as a store to bring in: a category for each category named, a product with one variant for each row.

    The SKU is the row's id. A product whose name another one has takes an address with a mark of its id.
    """
    categories = list(_categories(rows))
    pictures = {picture.key: picture for _, picture in categories}
    offers = []
    for row, slug, rank in zip(rows, _slugs(rows), _ranks(rows), strict=True):
        picture = stand_in(row.style, row.category, seed=row.product_id, alt=f"A stand-in for a picture of {row.name}")
        pictures.setdefault(picture.key, picture)
        offers.append(_offer(row, slug=slug, rank=rank, picture=picture, now=now))
    return StoreContent([category for category, _ in categories], [], offers, pictures, only_names_categories=True)


def _categories(rows: Iterable[Row]) -> Iterator[tuple[Category, Picture]]:
    """One for each spelling that makes another address, named as it is first."""
    names = {_category_id(row.category): row.category for row in reversed(list(rows))}
    for category_id in sorted(names):
        name = names[category_id][0].upper() + names[category_id][1:]
        picture = stand_in(name, seed=name, alt=f"Something from {name}")
        yield Category(category_id=category_id, slug=category_id, name=name, image=picture.as_image()), picture


def _category_id(name: str) -> str:
    return slugify(name) or f"category-{_mark(name)}"


def _slugs(rows: Iterable[Row]) -> Iterator[str]:
    taken: set[str] = set()
    for row in rows:
        slug = _plain_slug(row)
        yield _marked_slug(row) if slug in taken else slug
        taken.add(slug)


def _plain_slug(row: Row) -> str:
    return slugify(row.name)[:SLUG_LENGTH].strip("-") or _marked_slug(row)


def _marked_slug(row: Row) -> str:
    stem = slugify(row.name)[:SLUG_LENGTH].strip("-") or "product"
    return f"{stem}-{_mark(row.product_id)}"


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _ranks(rows: Iterable[Row]) -> Iterator[int | None]:
    rank = FIRST_RANK
    for row in rows:
        is_ranked = row.is_featured and rank <= MAX_RANK
        yield rank if is_ranked else None
        rank += is_ranked


def _offer(row: Row, *, slug: str, rank: int | None, picture: Picture, now: datetime) -> Offer:
    product = Product(
        row.product_id,
        slug=slug,
        title=row.name,
        subtitle=row.style[:1].upper() + row.style[1:],
        description=row.description,
        status=Status.ACTIVE,
        category_id=_category_id(row.category),
        currency=settings.CURRENCY,
        variants=[Variant(sku=row.product_id, unit_amount=row.unit_amount, image_key=picture.key)],
        images=[picture.as_image()],
        featured_rank=rank,
        created_at=now,
        updated_at=now,
    )
    return Offer(product, {row.product_id: row.stock}, spare_slug=_marked_slug(row))
