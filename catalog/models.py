"""What is sold, as it is stored. docs/access-patterns.md has the questions behind these shapes."""

from django.urls import reverse
from pynamodb.attributes import (
    BooleanAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.constants import STREAM_NEW_AND_OLD_IMAGE
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection

from catalog.parts import Availability, Category, CollectionLink, Fact, Image, Move, Option, Status, Variant
from cloudcart.dynamo import IntegerAttribute, StoreModel, list_of_texts
from cloudcart.item_reading import ListOfMaps

__all__ = [
    "Availability",
    "Card",
    "Category",
    "CategoryTree",
    "Collection",
    "CollectionLink",
    "Fact",
    "Image",
    "Move",
    "Option",
    "Product",
    "Slug",
    "Status",
    "Stock",
    "Variant",
]


class ProductsBySlug(GlobalSecondaryIndex["Product"]):
    """Whole products: a product page reads this index alone."""

    class Meta:
        index_name = "by_slug"
        projection = AllProjection()

    slug = UnicodeAttribute(hash_key=True)


# What the staff's lists show of a product; nothing that an order changes, but for the availability.
_LISTED = [
    "kind",
    "status",
    "title",
    "title_key",
    "slug",
    "search_text",
    "category_id",
    "currency",
    "from_amount",
    "availability",
    "thumbnail",
    "updated_at",
    "version",
]


def _listed_except(*keys: str) -> IncludeProjection:
    return IncludeProjection([name for name in _LISTED if name not in keys])


class ProductsByUpdated(GlobalSecondaryIndex["Product"]):
    """All products by their latest change, for the staff."""

    class Meta:
        index_name = "by_updated"
        projection = _listed_except("kind", "updated_at")

    kind = UnicodeAttribute(hash_key=True)
    updated_at = UTCDateTimeAttribute(range_key=True)


class ProductsByTitle(GlobalSecondaryIndex["Product"]):
    """All products by title, for the staff."""

    class Meta:
        index_name = "by_title"
        projection = _listed_except("kind", "title_key")

    kind = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class ProductsByStatus(GlobalSecondaryIndex["Product"]):
    """Products of one status by their latest change, for the staff."""

    class Meta:
        index_name = "by_status"
        projection = _listed_except("status", "updated_at")

    status = UnicodeAttribute(hash_key=True)
    updated_at = UTCDateTimeAttribute(range_key=True)


class Product(StoreModel):
    """A product with its variants and images, in one item. Amounts are minor units of ``currency``."""

    class Meta:
        table = "products"
        stream_view_type = STREAM_NEW_AND_OLD_IMAGE

    product_id = UnicodeAttribute(hash_key=True)
    slug = UnicodeAttribute()
    title = UnicodeAttribute()
    subtitle = UnicodeAttribute(default="")
    description = UnicodeAttribute(default="")
    facts: ListOfMaps[Fact] = ListOfMaps(of=Fact, default=list)
    status = UnicodeAttribute(default=Status.DRAFT)
    category_id = UnicodeAttribute(null=True)
    collection_ids = list_of_texts()
    currency = UnicodeAttribute()
    options: ListOfMaps[Option] = ListOfMaps(of=Option, default=list)
    variants: ListOfMaps[Variant] = ListOfMaps(of=Variant, default=list)
    images: ListOfMaps[Image] = ListOfMaps(of=Image, default=list)
    # 1 is first among the featured products of the home page; absent is not featured.
    featured_rank = IntegerAttribute(null=True)
    availability = UnicodeAttribute(default=Availability.IN_STOCK)
    seo_title = UnicodeAttribute(default="")
    seo_description = UnicodeAttribute(default="")
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    published_at = UTCDateTimeAttribute(null=True)
    # For the staff's lists (catalog/overview.py): the same in every product, and what is shown and searched.
    kind = UnicodeAttribute(default="product")
    title_key = UnicodeAttribute(null=True)
    search_text = UnicodeAttribute(null=True)
    thumbnail = UnicodeAttribute(null=True)
    from_amount = IntegerAttribute(null=True)
    version = VersionAttribute()
    by_slug = ProductsBySlug()
    by_updated = ProductsByUpdated()
    by_title = ProductsByTitle()
    by_status = ProductsByStatus()

    @property
    def url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    @property
    def is_active(self) -> bool:
        return self.status == Status.ACTIVE

    def find_variant(self, sku: str) -> Variant | None:
        return next((variant for variant in self.variants if variant.sku == sku), None)

    def find_image(self, key: str | None) -> Image | None:
        return next((image for image in self.images if image.key == key), None)


class Slug(StoreModel):
    """Guards one address: ``product#blue-mug`` belongs to one product, now or formerly.

    A former slug stays and leads on to the product's present one.
    """

    class Meta:
        table = "slugs"

    slug = UnicodeAttribute(hash_key=True)
    target_id = UnicodeAttribute()
    is_current = BooleanAttribute(default=True)


class LowStock(GlobalSecondaryIndex["Stock"]):
    """Sparse: only SKUs that run low have ``low``; the fewest units come first."""

    class Meta:
        index_name = "low"
        projection = AllProjection()

    low = UnicodeAttribute(hash_key=True)
    available = IntegerAttribute(range_key=True)


class StockBySku(GlobalSecondaryIndex["Stock"]):
    """All SKUs in order. It holds what never changes, so that no sale rewrites it."""

    class Meta:
        index_name = "by_sku"
        projection = IncludeProjection(["product_id"])

    shelf = UnicodeAttribute(hash_key=True)
    sku = UnicodeAttribute(range_key=True)


class Stock(StoreModel):
    """Units of one SKU; the item guards the SKU as well: one product owns it.

    ``available`` can be sold; ``reserved`` belongs to orders that have not shipped. Both change through
    `catalog.stock` alone, which counts the changes in ``revision`` and notes them in the ledger.
    """

    LOW = "low"
    ALL = "all"

    class Meta:
        table = "stock"
        stream_view_type = STREAM_NEW_AND_OLD_IMAGE

    sku = UnicodeAttribute(hash_key=True)
    product_id = UnicodeAttribute()
    available = IntegerAttribute(default=0)
    reserved = IntegerAttribute(default=0)
    revision = IntegerAttribute(default=0)
    # `LOW` while there are few units left; kept by the stream.
    low = UnicodeAttribute(null=True)
    # The revision at which the merchant was last told by mail that it runs low.
    warned_revision = IntegerAttribute(null=True)
    shelf = UnicodeAttribute(default_for_new=ALL)
    by_low = LowStock()
    by_sku = StockBySku()


class CardsByNewest(GlobalSecondaryIndex["Card"]):
    """The cards of a listing by age; read backwards, the newest first."""

    class Meta:
        index_name = "newest"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    newest_key = UnicodeAttribute(range_key=True)


class CardsByPrice(GlobalSecondaryIndex["Card"]):
    """The cards of a listing by price."""

    class Meta:
        index_name = "price"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    price_key = UnicodeAttribute(range_key=True)


class Card(StoreModel):
    """What a product card shows, once for each listing that the product is on.

    ``listing`` is ``all``, ``home``, ``category:<id>`` or ``collection:<id>``. ``newest_key`` is
    ``<published_at>#<product_id>`` (on ``home``, featured products sort before it all);
    ``price_key`` is the lowest unit amount, zero-padded to 12 digits, ``#<product_id>``.
    """

    class Meta:
        table = "listings"

    listing = UnicodeAttribute(hash_key=True)
    product_id = UnicodeAttribute(range_key=True)
    newest_key = UnicodeAttribute()
    price_key = UnicodeAttribute()
    slug = UnicodeAttribute()
    title = UnicodeAttribute()
    subtitle = UnicodeAttribute(default="")
    category_id = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    unit_amount = IntegerAttribute()
    compare_at_amount = IntegerAttribute(null=True)
    has_price_range = BooleanAttribute(default=False)
    availability = UnicodeAttribute(default=Availability.IN_STOCK)
    is_featured = BooleanAttribute(default=False)
    image = Image(null=True)
    published_at = UTCDateTimeAttribute()
    by_newest = CardsByNewest()
    by_price = CardsByPrice()

    @property
    def url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    @property
    def is_sold_out(self) -> bool:
        return self.availability == Availability.SOLD_OUT

    @property
    def is_on_sale(self) -> bool:
        return self.compare_at_amount is not None and self.compare_at_amount > self.unit_amount


class CategoryTree(StoreModel):
    """All categories in one item, in the order a merchant gave them, and links to all collections.

    One item, so that unique slugs and the absence of cycles are one conditional write, and a page
    reads the whole tree at once. 400 kB hold some 500 categories with descriptions.
    """

    class Meta:
        table = "categories"

    MAIN = "main"

    tree_id = UnicodeAttribute(hash_key=True)
    categories: ListOfMaps[Category] = ListOfMaps(of=Category, default=list)
    collections: ListOfMaps[CollectionLink] = ListOfMaps(of=CollectionLink, default=list)
    moves: ListOfMaps[Move] = ListOfMaps(of=Move, default=list)
    version = VersionAttribute()


class Collection(StoreModel):
    """A hand-picked list with a page of its own.

    The hash key is the slug; after a rename the old slug's item has only ``moved_to``. Cards refer
    to ``collection_id``, which stays.
    """

    class Meta:
        table = "collections"

    slug = UnicodeAttribute(hash_key=True)
    moved_to = UnicodeAttribute(null=True)
    collection_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute(default="")
    description = UnicodeAttribute(default="")
    image = Image(null=True)
    seo_title = UnicodeAttribute(default="")
    seo_description = UnicodeAttribute(default="")
    version = VersionAttribute()
