"""Which listings a product is on and what its card says there. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from catalog.models import Availability, Card, Image, Product, Variant
from catalog.tree import Tree

ALL = "all"
HOME = "home"

# Ranks of featured products; keys of the home listing count down from here.
MAX_RANK = 999
# 12 digits of minor units fit into a price key.
MAX_AMOUNT = 10**12 - 1


def category_listing(category_id: str) -> str:
    """The listing of a category: its own products and those of all below it."""
    return f"category:{category_id}"


def collection_listing(collection_id: str) -> str:
    """The listing of a collection."""
    return f"collection:{collection_id}"


def listings_of(product: Product, tree: Tree) -> list[str]:
    """The listings that the product belongs on: none unless it is active."""
    if not product.is_active:
        return []
    categories = [category_listing(category.category_id) for category in tree.path_to(product.category_id)]
    collections = [collection_listing(collection_id) for collection_id in dict.fromkeys(product.collection_ids)]
    return [ALL, HOME, *categories, *collections]


def cards_for(product: Product, tree: Tree) -> dict[str, Card]:
    """The cards that have to be stored for a product as it is, by listing."""
    return {listing: _card(product, listing) for listing in listings_of(product, tree)}


def newest_key(product: Product, listing: str) -> str:
    """Sorts cards by age; read backwards it gives the newest first.

    On the home listing featured products come before all others: "~" sorts after every digit.
    """
    if listing == HOME and product.featured_rank is not None:
        return f"~{MAX_RANK - product.featured_rank:03d}#{product.product_id}"
    return f"{format_moment(product.published_at or product.created_at)}#{product.product_id}"


def format_moment(moment: datetime) -> str:
    """A moment as text whose order is that of time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def price_key(product: Product) -> str:
    """Sorts cards by the price that they show; zeros in front make the order of text that of numbers."""
    return f"{cheapest_variant(product.variants).unit_amount:012d}#{product.product_id}"


def cheapest_variant(variants: Sequence[Variant]) -> Variant:
    """The variant whose price a card shows; of equal ones that with the largest reduction."""
    return min(variants, key=lambda variant: (variant.unit_amount, -(variant.compare_at_amount or 0)))


def availability_of(levels: Sequence[int], *, low_below: int) -> str:
    """What to say of a product with these units per SKU: ``low_below`` units in all, or fewer, are low."""
    total = sum(max(0, level) for level in levels)
    if total == 0:
        return Availability.SOLD_OUT
    return Availability.LOW if total <= low_below else Availability.IN_STOCK


def _card(product: Product, listing: str) -> Card:
    cheapest = cheapest_variant(product.variants)
    return Card(
        listing,
        product.product_id,
        newest_key=newest_key(product, listing),
        price_key=price_key(product),
        slug=product.slug,
        title=product.title,
        subtitle=product.subtitle,
        category_id=product.category_id,
        currency=product.currency,
        unit_amount=cheapest.unit_amount,
        compare_at_amount=cheapest.compare_at_amount,
        has_price_range=len({variant.unit_amount for variant in product.variants}) > 1,
        availability=product.availability,
        is_featured=product.featured_rank is not None,
        image=_shown(product.images[0]) if product.images else None,
        published_at=product.published_at or product.created_at,
    )


def _shown(image: Image) -> Image:
    """A picture without what only imports ask for."""
    if not image.source_urls:
        return image
    return Image(key=image.key, widths=list(image.widths), width=image.width, height=image.height, alt=image.alt)
