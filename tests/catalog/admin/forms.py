"""The product's form, as a browser sends it."""

from typing import Any

LIST = "/admin/catalog/product/"
ADD = f"{LIST}add/"


def form_url(product_id: str) -> str:
    return f"{LIST}{product_id}/change/"


def a_variant(sku: str, price: str = "36.00", **fields: Any) -> dict[str, Any]:
    return {
        "values": "",
        "sku": sku,
        "unit_amount": price,
        "compare_at_amount": "",
        "units": "",
        "position": "",
        **fields,
    }


def product_form(
    *, variants: list[dict[str, Any]] | None = None, images: list[dict[str, Any]] | None = None, **fields: Any
) -> dict[str, Any]:
    empty = "subtitle description category_id options_text facts_text featured_rank seo_title seo_description"
    data: dict[str, Any] = dict.fromkeys([*empty.split(), "seen_version"], "")
    data |= {"title": "Blue mug", "slug": "blue-mug", "status": "draft"}
    data |= fields
    for prefix, rows in (("productvariant_set", variants or []), ("productimage_set", images or [])):
        data[f"{prefix}-TOTAL_FORMS"] = len(rows)
        data[f"{prefix}-INITIAL_FORMS"] = sum("row" in row for row in rows)
        for number, row in enumerate(rows):
            data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data
