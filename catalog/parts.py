"""The parts of what is sold: what products, categories and links to collections consist of."""

import hashlib
import json
from typing import Any, cast

from django.conf import settings
from django.urls import reverse
from pynamodb.attributes import ListAttribute, UnicodeAttribute

from cloudcart.dynamo import IntegerAttribute, StoredMap, list_of_integers, list_of_texts


class Status:
    """Where a product stands: only active ones are on sale and on listings."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"
    ALL = (DRAFT, ACTIVE, ARCHIVED)


class Availability:
    """What a product card says of the stock, kept up to date by a task after orders."""

    IN_STOCK = "in_stock"
    LOW = "low"
    SOLD_OUT = "sold_out"


class Image(StoredMap):
    """A picture in S3: ``<key>/<width>.webp`` for every width; width and height are the largest's."""

    key = UnicodeAttribute()
    widths = list_of_integers()
    width = IntegerAttribute()
    height = IntegerAttribute()
    alt = UnicodeAttribute(default="")
    # Where imports fetched it, so that it is not fetched again.
    source_urls = cast("ListAttribute[str]", ListAttribute(of=cast("Any", UnicodeAttribute), null=True))

    @property
    def url(self) -> str:
        """The picture at 640 pixels, or the width nearest to it."""
        return self.url_of(min(self.widths, key=lambda width: abs(width - 640)))

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.url_of(width)} {width}w" for width in self.widths)

    def url_of(self, width: int) -> str:
        return f"{settings.MEDIA_URL}{self.key}/{width}.webp"

    @property
    def large_url(self) -> str:
        return self.url_of(max(self.widths))

    @property
    def small_url(self) -> str:
        return self.url_of(min(self.widths))


class Option(StoredMap):
    """One choice a shopper makes, with its values in order: "Size", ["S", "M", "L"]."""

    name = UnicodeAttribute()
    values = list_of_texts()


class Fact(StoredMap):
    """One line of a product's specification: "Material", "Stoneware"."""

    name = UnicodeAttribute()
    value = UnicodeAttribute()


class Variant(StoredMap):
    """What is put into a cart. ``values`` are in the order of the product's options."""

    sku = UnicodeAttribute()
    values = list_of_texts()
    unit_amount = IntegerAttribute()
    compare_at_amount = IntegerAttribute(null=True)
    # The key of one of the product's images, if this variant has a picture of its own.
    image_key = UnicodeAttribute(null=True)

    @property
    def title(self) -> str:
        return " / ".join(self.values)

    @property
    def is_on_sale(self) -> bool:
        return self.compare_at_amount is not None and self.compare_at_amount > self.unit_amount


class Category(StoredMap):
    """One category; ``parent_id`` is absent at the top. Products and cards refer to ``category_id``."""

    category_id = UnicodeAttribute()
    slug = UnicodeAttribute()
    former_slugs = list_of_texts()
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    parent_id = UnicodeAttribute(null=True)
    image = Image(null=True)
    seo_title = UnicodeAttribute(default="")
    seo_description = UnicodeAttribute(default="")

    @property
    def url(self) -> str:
        return reverse("catalog:category", args=[self.slug])

    @property
    def fingerprint(self) -> str:
        """Another one whenever anything of the category is another; the tree's version is that of all of them."""
        stored = json.dumps(self.serialize(self), sort_keys=True)
        return hashlib.sha256(stored.encode()).hexdigest()[:16]


class Move(StoredMap):
    """A category that was moved and whose products' cards have yet to leave ``listings``."""

    category_id = UnicodeAttribute()
    listings = list_of_texts()


class CollectionLink(StoredMap):
    """What other pages show of a collection; the collection itself has the rest."""

    collection_id = UnicodeAttribute()
    slug = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    image = Image(null=True)

    @property
    def url(self) -> str:
        return reverse("catalog:collection", args=[self.slug])
