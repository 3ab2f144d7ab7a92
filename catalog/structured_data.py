"""What search engines read of a product page: schema.org in JSON-LD. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Category, Product, Variant
from cloudcart.money import to_major

# As `json_script` does it: no text of the merchant's may end the script element.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def product_script(
    product: Product, available: Mapping[str, int], *, path: Sequence[Category], origin: str
) -> SafeString:
    """The product, an offer for each variant, and the breadcrumb, in a script element.

    Its type makes it data, which no content security policy keeps out, for nothing runs it.

    :param origin: scheme and host of the shop, without a slash.
    """
    url = f"{origin}/products/{product.slug}/"
    graph: list[dict[str, Any]] = [
        {
            "@type": "Product",
            "@id": url,
            "name": product.title,
            "description": product.description or product.subtitle,
            "image": [origin + image.large_url for image in product.images],
            "offers": [_offer(product, variant, available.get(variant.sku, 0), url) for variant in product.variants],
        },
        {"@type": "BreadcrumbList", "itemListElement": _breadcrumb(product, path, origin)},
    ]
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text.translate(_ESCAPES)))  # noqa: S308


def _offer(product: Product, variant: Variant, units: int, url: str) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "sku": variant.sku,
        "url": f"{url}?sku={variant.sku}",
        "price": str(to_major(variant.unit_amount, product.currency)),
        "priceCurrency": product.currency,
        "availability": f"https://schema.org/{'InStock' if units else 'OutOfStock'}",
    }


def _breadcrumb(product: Product, path: Sequence[Category], origin: str) -> list[dict[str, Any]]:
    steps = [(category.name, f"{origin}/categories/{category.slug}/") for category in path]
    steps.append((product.title, f"{origin}/products/{product.slug}/"))
    return [
        {"@type": "ListItem", "position": position, "name": name, "item": url}
        for position, (name, url) in enumerate(steps, 1)
    ]
