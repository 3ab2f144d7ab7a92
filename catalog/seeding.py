"""Bring a prepared store into the shop: write what is new or different, leave alone what is as it should be.

What exists keeps its address, its place in the tree and its stock: those are the merchant's and the orders'.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TypeVar

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.bulk import save_products
from catalog.categories import save_categories
from catalog.collections import save_collection
from catalog.demo.pictures import WIDTHS, Picture, take
from catalog.images import EncodedImage, file_name
from catalog.models import Category, CategoryTree, Collection, Image, Product
from catalog.publishing import SlugTaken, read_tree
from catalog.tree import Tree
from cloudcart.dynamo import batch_get
from cloudcart.errors import StorefrontError
from cloudcart.progress import Progress

# So many products are compared by one read and saved by a few transactions.
CHUNK = 100

# What is compared and brought up to date.
PRODUCT_CONTENT = (
    "title",
    "subtitle",
    "description",
    "facts",
    "status",
    "category_id",
    "collection_ids",
    "currency",
    "options",
    "variants",
    "images",
    "featured_rank",
    "seo_title",
    "seo_description",
)
PAGE_CONTENT = ("name", "description", "image", "seo_title", "seo_description")

T = TypeVar("T")
Page = Category | Collection


class Outcome(Enum):
    """What became of one thing of the store."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Offer:
    """A product as it should be, with the units of its SKUs on the day it opens.

    `spare_slug` becomes its address if another product has the one it wants.
    """

    product: Product
    stock: Mapping[str, int]
    spare_slug: str | None = None


@dataclass(frozen=True)
class StoreContent:
    """A store to bring in: categories with parents first; pictures by the keys that the rest names.

    A store that only names its categories leaves those that exist as they are.
    """

    categories: Sequence[Category]
    collections: Sequence[Collection]
    offers: Sequence[Offer]
    pictures: Mapping[str, Picture]
    only_names_categories: bool = False


@dataclass
class Tally:
    """What became of each kind of thing, and why products were refused, by product id."""

    outcomes: dict[str, Counter[Outcome]] = field(default_factory=dict)
    errors: dict[str, StorefrontError] = field(default_factory=dict)

    def add(self, kind: str, outcome: Outcome, count: int = 1) -> None:
        self.outcomes.setdefault(kind, Counter())[outcome] += count

    def count(self, kind: str, outcome: Outcome) -> int:
        return self.outcomes.get(kind, Counter())[outcome]

    @property
    def has_changed_anything(self) -> bool:
        return any(counts[Outcome.CREATED] or counts[Outcome.UPDATED] for counts in self.outcomes.values())


def seed(content: StoreContent, *, now: datetime, progress: Progress) -> Tally:
    """Bring the store in; doing it again continues where it was stopped, and then changes nothing.

    :return: what was created, updated and left alone; a product that is refused costs no other.
    :raises SlugTaken: if a collection's address belongs to another one.
    """
    tally = Tally()
    # In this order nothing is ever shown before what it refers to; the collections are the last, and the sign
    # that all was brought in.
    _seed_pictures(list(content.pictures.values()), tally, progress=progress)
    place_of = _seed_categories(content, tally)
    _seed_products(content.offers, place_of, tally, now=now, progress=progress)
    _seed_collections(content.collections, tally)
    return tally


def is_shop_empty() -> bool:
    """Whether there is no product at all, drafts included."""
    return next(iter(Product.scan(limit=1)), None) is None


def is_interrupted(content: StoreContent) -> bool:
    """Whether the store was brought in before, and not to its end."""
    if not content.collections:
        return False
    first, last = content.offers[0].product.product_id, content.collections[-1].collection_id
    stored = batch_get({CategoryTree: [CategoryTree.MAIN], Product: [first]})
    tree = stored.find(CategoryTree, CategoryTree.MAIN)
    is_complete = tree is not None and any(link.collection_id == last for link in tree.collections)
    return stored.find(Product, first) is not None and not is_complete


def _seed_pictures(pictures: Sequence[Picture], tally: Tally, *, progress: Progress) -> None:
    missing = [picture for picture in pictures if not _is_uploaded(picture)]
    done = len(pictures) - len(missing)
    tally.add("pictures", Outcome.UNCHANGED, done)
    if pictures:
        progress("Pictures", done, len(pictures))
    # Pillow computes outside of Python's lock, so that threads use every core. Only this thread uploads: each
    # one more would need a connection of its own, which costs as much as ten pictures.
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for picture, sizes in zip(missing, pool.map(take, missing), strict=True):
            _upload(picture, sizes)
            done += 1
            tally.add("pictures", Outcome.CREATED)
            progress("Pictures", done, len(pictures))
    finally:
        pool.shutdown(cancel_futures=True)


def _is_uploaded(picture: Picture) -> bool:
    # Files go up from the smallest to the largest: if the largest is there, they all are.
    return default_storage.exists(file_name(picture.key, max(WIDTHS)))


def _upload(picture: Picture, sizes: Sequence[EncodedImage]) -> None:
    for encoded in sizes:
        name = file_name(picture.key, encoded.width)
        default_storage.save(name, SimpleUploadedFile(name, encoded.body, content_type="image/webp"))


def _seed_categories(content: StoreContent, tally: Tally) -> dict[str, str]:
    """Save the categories; gives the id under which each of them is to be found.

    One whose address is taken by a category with another id is that category.
    """
    stored = Tree(read_tree().categories)
    place_of: dict[str, str] = {}
    changed = []
    for wanted in content.categories:
        former = stored.find(wanted.category_id)
        namesake = former or stored.find_by_slug(wanted.slug) or stored.find_by_former_slug(wanted.slug)
        place_of[wanted.category_id] = namesake.category_id if namesake else wanted.category_id
        if namesake is None:
            wanted.parent_id = place_of.get(wanted.parent_id or "")
            changed.append((wanted, Outcome.CREATED))
        elif former is not None and not content.only_names_categories and _is_other_page(former, wanted):
            changed.append((_update(former, wanted, PAGE_CONTENT), Outcome.UPDATED))
        else:
            tally.add("categories", Outcome.UNCHANGED)
    if changed:
        save_categories(categories=[category for category, _ in changed])
    for _, outcome in changed:
        tally.add("categories", outcome)
    return place_of


def _seed_collections(collections: Sequence[Collection], tally: Tally) -> None:
    slugs = {link.collection_id: link.slug for link in read_tree().collections}
    stored = batch_get({Collection: list(slugs.values())}).all_of(Collection)
    for wanted in collections:
        former = stored.get(slugs.get(str(wanted.collection_id), ""))
        if former is None:
            save_collection(collection=wanted)
            tally.add("collections", Outcome.CREATED)
        elif _is_other_page(former, wanted):
            save_collection(collection=_update(former, wanted, PAGE_CONTENT))
            tally.add("collections", Outcome.UPDATED)
        else:
            tally.add("collections", Outcome.UNCHANGED)


def _seed_products(
    offers: Sequence[Offer], place_of: Mapping[str, str], tally: Tally, *, now: datetime, progress: Progress
) -> None:
    for start in range(0, len(offers), CHUNK):
        chunk = offers[start : start + CHUNK]
        for offer in chunk:
            category_id = offer.product.category_id
            offer.product.category_id = place_of.get(category_id or "", category_id)
        _seed_chunk(chunk, tally, now=now)
        progress("Products", start + len(chunk), len(offers))


def _seed_chunk(offers: Sequence[Offer], tally: Tally, *, now: datetime) -> None:
    stored = batch_get({Product: [offer.product.product_id for offer in offers]}).all_of(Product)
    changed: dict[str, Offer] = {}
    for offer in offers:
        product_id = offer.product.product_id
        former = stored.get(product_id)
        if former is None:
            changed[product_id] = offer
        elif _is_other_product(former, offer.product):
            changed[product_id] = Offer(_update(former, offer.product, PRODUCT_CONTENT), offer.stock)
        else:
            tally.add("products", Outcome.UNCHANGED)
    errors = _save(changed, now=now)
    tally.errors |= errors
    for product_id in changed.keys() - errors.keys():
        tally.add("products", Outcome.UPDATED if product_id in stored else Outcome.CREATED)


def _save(offers: Mapping[str, Offer], *, now: datetime) -> dict[str, StorefrontError]:
    errors = save_products(products=[(offer.product, offer.stock) for offer in offers.values()], now=now)
    crowded = [
        offers[product_id]
        for product_id, error in errors.items()
        if isinstance(error, SlugTaken) and offers[product_id].spare_slug
    ]
    for offer in crowded:
        offer.product.slug = str(offer.spare_slug)
        del errors[offer.product.product_id]
    return errors | save_products(products=[(offer.product, offer.stock) for offer in crowded], now=now)


def _is_other_product(former: Product, wanted: Product) -> bool:
    # As they are stored: there, a price that was never set and one set to None are the same.
    stored, new = former.serialize(), wanted.serialize()
    return any(stored.get(name) != new.get(name) for name in PRODUCT_CONTENT)


def _is_other_page(former: Page, wanted: Page) -> bool:
    return any(_plain(getattr(former, name)) != _plain(getattr(wanted, name)) for name in PAGE_CONTENT)


def _plain(value: str | Image | None) -> object:
    # PynamoDB makes a condition of `image == image`, which is always true.
    return value.attribute_values if isinstance(value, Image) else value


def _update(former: T, wanted: T, names: Sequence[str]) -> T:
    """The stored item with the wanted content, so that its version, address and times are kept."""
    for name in names:
        setattr(former, name, getattr(wanted, name))
    return former
