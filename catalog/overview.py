"""What the staff's list of products shows and searches, kept on the product for cheap indexes. Pure."""

from catalog.listings import cheapest_variant
from catalog.models import Product

# Longer ones are not searched to their end: every index of the list carries them.
MAX_SEARCH_TEXT = 1_000


def describe(product: Product) -> None:
    """Set what follows from the product's title, variants and pictures."""
    product.title_key = product.title.casefold()
    skus = [variant.sku for variant in product.variants]
    words = " ".join([product.title, product.subtitle or "", product.slug, *skus])
    product.search_text = words.casefold()[:MAX_SEARCH_TEXT]
    first = product.images[0] if product.images else None
    product.thumbnail = f"{first.key}/{min(first.widths)}.webp" if first is not None and first.widths else None
    product.from_amount = cheapest_variant(product.variants).unit_amount if product.variants else None
