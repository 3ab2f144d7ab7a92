"""Which pictures of a file a product has already, and which are to be fetched. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings

from catalog.models import Image, Product
from catalog.spreadsheets.drafts import Draft, WantedImage, WantedVariant


def picture_address(image: Image) -> str:
    """The whole address of a picture's largest file, as an export has it."""
    url = image.large_url
    return url if url.startswith("http") else f"{settings.STORE_URL}{url}"


def find_picture(images: Sequence[Image], url: str) -> Image | None:
    """The picture that has this address in the shop, or was fetched from it."""
    return next((image for image in images if url in (image.source_urls or ()) or f"/{image.key}/" in url), None)


def wanted_pictures(draft: Draft) -> list[WantedImage]:
    """All pictures of a draft, its variants' too, each address once."""
    images = {image.url: image for image in draft.images}
    for variant in draft.variants:
        if variant.image_url:
            images.setdefault(variant.image_url, WantedImage(variant.image_url))
    return list(images.values())


def merge_pictures(product: Product, draft: Draft, placed: Mapping[str, WantedVariant]) -> list[str]:
    """Set texts of pictures and variants' pictures as far as they are there; gives the addresses to fetch.

    Pictures that the file does not name stay, and so does their order.
    """
    missing = []
    for wanted in wanted_pictures(draft):
        image = find_picture(product.images, wanted.url)
        if not wanted.url.startswith(("http://", "https://")):
            sentence = f"“{wanted.url[:80]}” is no address of a picture. It begins with https:// or http://."
            draft.note(draft.row, draft.column("images"), sentence)
        elif image is None:
            missing.append(wanted.url)
        elif wanted.alt and wanted.alt != " ".join(image.alt.split()):
            image.alt = wanted.alt
    for sku, wanted_variant in placed.items():
        variant = product.find_variant(sku)
        image = find_picture(product.images, wanted_variant.image_url) if wanted_variant.image_url else None
        if variant is not None and image is not None and not variant.image_key:
            variant.image_key = image.key
    return missing
