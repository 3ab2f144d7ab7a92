"""A copy of a product, to start a similar one from. Pure, but for the ids it makes."""

from uuid import uuid4

from catalog.models import Product, Status
from catalog.validation import MAX_SLUG_LENGTH, MAX_TITLE_LENGTH

_MARK_LENGTH = 5


def copy_of(product: Product) -> Product:
    """Give a draft with the same content and pictures, and an id, address and SKUs of its own. It has no stock."""
    mark = uuid4().hex[:_MARK_LENGTH]
    attributes = product.serialize()
    for name in ("version", "published_at", "featured_rank"):
        attributes.pop(name, None)
    copy = Product.from_raw_data(attributes)
    copy.product_id = uuid4().hex
    copy.title = f"{product.title} (copy)"[:MAX_TITLE_LENGTH]
    copy.slug = f"{product.slug[: MAX_SLUG_LENGTH - 6 - _MARK_LENGTH]}-copy-{mark}"
    copy.status = Status.DRAFT
    for variant in copy.variants:
        variant.sku = f"{variant.sku[: 64 - 1 - _MARK_LENGTH]}-{mark}"
    return copy
